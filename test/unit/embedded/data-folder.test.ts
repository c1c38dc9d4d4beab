import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { DataFolderUnavailable, openDataFolder } from '../../../services/embedded/data-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'in-cse-unit-'));
after(() => rmSync(root, { recursive: true }));

const module = join(import.meta.dirname, '../../../services/embedded/data-folder.ts');
const notLost = (reason: Error) => assert.fail(reason);

/** Another process that holds the folder until it is killed. */
async function holder(folder: string) {
  const script = `
    const { openDataFolder } = await import(${JSON.stringify(module)});
    await openDataFolder(${JSON.stringify(folder)}, () => {});
    process.stdout.write('held');
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

describe('the data folder', () => {
  it('is made, held, and free again after its release', async () => {
    const path = join(root, 'a', 'b');
    const first = await openDataFolder(path, notLost);
    assert.equal(first.path, path);
    assert.equal(readFileSync(join(path, 'in-cse.pid'), 'utf8'), `${process.pid}\n`);
    await first.release();
    assert.equal(existsSync(join(path, 'in-cse.lock')), false);
    await (await openDataFolder(path, notLost)).release();
  });

  it('is refused at once to a second process, which is told who has it', async () => {
    const path = join(root, 'two');
    const other = await holder(path);
    try {
      const began = performance.now();
      await assert.rejects(openDataFolder(path, notLost), (error: Error) => {
        assert.ok(error instanceof DataFolderUnavailable);
        assert.ok(error.message.includes(`(${other.pid})`) && error.message.includes('--data'), error.message);
        return true;
      });
      // Waiting for the lock to be stale would take 5 s.
      assert.ok(performance.now() - began < 4000);
    } finally {
      other.kill('SIGKILL');
    }
  });

  it('is taken over from a process that was killed, without waiting for its lock to be stale', async () => {
    const path = join(root, 'killed');
    const other = await holder(path);
    other.kill('SIGKILL');
    await once(other, 'exit');
    assert.ok(existsSync(join(path, 'in-cse.lock')));
    const began = performance.now();
    const folder = await openDataFolder(path, notLost);
    assert.ok(performance.now() - began < 4000);
    await folder.release();
  });

  it('is taken over by one of many that try at the same time', async () => {
    const path = join(root, 'race');
    const other = await holder(path);
    other.kill('SIGKILL');
    await once(other, 'exit');
    const outcomes = await Promise.allSettled([1, 2, 3].map(() => openDataFolder(path, notLost)));
    const winners = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    assert.equal(winners.length, 1);
    await winners[0]?.value.release();
  });

  it('cannot be a file', async () => {
    const path = join(root, 'file');
    writeFileSync(path, '');
    await assert.rejects(openDataFolder(path, notLost), /cannot be used \(it is a file\).*--data/);
    await assert.rejects(openDataFolder(join(path, 'below'), notLost), /cannot be used \(it is a file\)/);
  });

  it('must be one that can be written', { skip: process.getuid?.() === 0 && 'root may write anywhere' }, async () => {
    await assert.rejects(openDataFolder('/proc/in-cse', notLost), DataFolderUnavailable);
  });
});
