import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { openCredentialFile, UnreadableCredentials } from '../../../services/adapters/file/credential-store.ts';
import { reportContract } from '../../parts/contract-report.ts';
import { credentialStoreContract } from './suite.ts';

const adapter = new URL('../../../services/adapters/file/credential-store.ts', import.meta.url).href;
const folder = mkdtempSync(join(tmpdir(), 'in-cse-credentials-'));
after(() => rmSync(folder, { recursive: true }));

credentialStoreContract({
  name: 'file',
  async open() {
    const file = join(folder, 'not', 'there', 'yet', 'credentials.json');
    return { store: openCredentialFile(file), again: openCredentialFile(file) };
  },
});

describe('CredentialStore: file, on its disk', () => {
  reportContract('credential-store', 'file');

  it('is readable by its owner only, whatever it was before', async () => {
    const file = join(folder, 'open.json');
    writeFileSync(file, '{"credentials":[]}', { mode: 0o644 });
    const made = { name: 'a@b', kind: 'service', levels: [], passwords: [], createdAt: 1 } as const;
    await openCredentialFile(file).change('a@b', () => made);
    assert.equal(statSync(file).mode & 0o777, 0o600);
  });

  it('says so when the file is something else, and leaves it alone', async () => {
    const file = join(folder, 'other.json');
    writeFileSync(file, '{"name":"x"}');
    const store = openCredentialFile(file);
    await assert.rejects(store.list(), UnreadableCredentials);
    await assert.rejects(
      store.change('a@b', () => undefined),
      /other\.json cannot be used, it is not a file of credentials/,
    );
  });

  it('says which credential was spoilt by hand, and lets nobody in by it', async () => {
    const file = join(folder, 'spoilt.json');
    const spoilt = { name: 'x@id-in', kind: 'ae', cse: 'id-in', levels: ['#'], passwords: [], createdAt: 1 };
    writeFileSync(file, JSON.stringify({ credentials: [spoilt] }));
    await assert.rejects(
      openCredentialFile(file).list(),
      /spoilt\.json cannot be used, the credential x@id-in has a wrong/,
    );
  });

  it('is shown to a process that has it open as soon as another one has changed it', async () => {
    const file = join(folder, 'seen.json');
    const reader = openCredentialFile(file);
    assert.deepEqual(await reader.list(), []);
    const script = `
      const { openCredentialFile } = await import(${JSON.stringify(adapter)});
      const credential = { name: 'a@id-in', kind: 'service', levels: [], passwords: [], createdAt: 1 };
      await openCredentialFile(${JSON.stringify(file)}).change('a@id-in', () => credential);`;
    await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    assert.deepEqual(
      (await reader.list()).map(({ name }) => name),
      ['a@id-in'],
    );
  });
});
