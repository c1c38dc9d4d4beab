/**
 * Hostile input (issue: no crash, no unhandled rejection, memory back to its level, an answer or a counted drop for each, no
 * prototype changed): 200,000 cases of fixed seeds. `npm run fuzz` goes on with others; what it finds goes into the corpus.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type EmbeddedProcess, startEmbeddedProcess } from '../system/embedded-process.ts';
import { fuzzPackets } from './fuzz-packets.ts';
import { fuzzPath } from './fuzz-path.ts';
import { fuzzPayloads } from './fuzz-payloads.ts';
import { fuzzTopics } from './fuzz-topics.ts';

const seeds = [1, 2];

describe('fuzzing the readers', () => {
  for (const seed of seeds) {
    it(`payloads of seed ${seed}: each is read or refused with a code of the originator's fault`, () => {
      const outcomes = fuzzPayloads({ seed, cases: 65_000 });
      // A grammar that nothing understands, or that everything passes, tests little.
      for (const kind of ['request', 'response', 'undecodable']) assert.ok((outcomes[kind] ?? 0) > 1000, kind);
    });

    it(`topics of seed ${seed}: one identity each, and answers go back where they came from (promise 4)`, () => {
      const outcomes = fuzzTopics({ seed, cases: 20_000 });
      assert.ok((outcomes.request ?? 0) > 1000 && (outcomes['wrong levels'] ?? 0) > 100);
    });
  }
});

describe('fuzzing a whole CSE', () => {
  let system: EmbeddedProcess;
  before(async () => {
    system = await startEmbeddedProcess({ keep: false });
  });
  after(() => system?.stop());

  for (const seed of seeds) {
    it(`messages of seed ${seed}: each is answered or counted as dropped, and decent requests are served`, async () => {
      const { asked = 0, dropped = 0 } = await fuzzPath(system, { seed, cases: 13_000 });
      assert.ok(asked > 5000 && dropped > 100);
    });

    it(`packets of seed ${seed}: whoever speaks no MQTT is dropped, and the others stay`, async () => {
      const outcomes = await fuzzPackets(system, { seed, cases: 2000 });
      assert.ok((outcomes.closed ?? 0) > 500, JSON.stringify(outcomes));
    });
  }
});
