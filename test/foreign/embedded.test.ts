import assert from 'node:assert/strict';
import { after, before, describe } from 'node:test';
import { type EmbeddedProcess, startEmbeddedProcess } from '../system/embedded-process.ts';
import { firstCse } from '../system/settings.ts';
import { foreignSuite } from './foreign-suite.ts';

describe('foreign clients, embedded', () => {
  let embedded: EmbeddedProcess | undefined;
  before(async () => {
    embedded = await startEmbeddedProcess({ keep: false });
  });
  after(() => embedded?.stop());
  foreignSuite(() => {
    assert.ok(embedded !== undefined);
    return { url: embedded.url, cse: firstCse };
  }, ['311']);
});
