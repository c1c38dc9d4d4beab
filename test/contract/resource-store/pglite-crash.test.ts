/** R33: what was answered survives a kill -9 with a data folder. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { shardOfName } from '../../../services/core/sharding.ts';
import { reportContract } from '../../parts/contract-report.ts';
import { openPgliteStore } from './pglite-store.ts';

const writer = fileURLToPath(new URL('./pglite-writer.ts', import.meta.url));
const commitsBeforeDeath = 40;

describe('ResourceStore: pglite, when its process is killed', () => {
  reportContract('resource-store', 'pglite');
  let folder: string | undefined;
  after(async () => {
    if (folder !== undefined) await rm(folder, { recursive: true, force: true });
  });

  it('has every commit that was acknowledged, whole, time after time (R33)', async () => {
    folder = await mkdtemp(join(tmpdir(), 'in-cse-pglite-'));
    let acknowledged = 0;
    for (let death = 0; death < 2; death++) acknowledged = await writeUntilKilled(folder, acknowledged);
    const store = await openPgliteStore(folder);
    try {
      const { version } = await store.readFence(1, 0);
      // One more may have been written, and its acknowledgement lost with the process.
      assert.ok(
        version === acknowledged || version === acknowledged + 1,
        `${acknowledged} acknowledged, ${version} there`,
      );
      const [cse] = await store.cses();
      assert.ok(cse);
      const place = { cse: cse.number, shard: shardOfName(cse.number, 'cnt') };
      const [container, instances] = await store.load([
        { kind: 'path', ...place, path: 'cnt' },
        { kind: 'oldestInstances', ...place, parentId: 'cnt-id', count: 10_000 },
      ]);
      assert.ok(container?.kind === 'path' && instances?.kind === 'oldestInstances');
      assert.equal(container.found?.counters?.instances, version - 1);
      assert.deepEqual(
        instances.instances.map(({ sequence }) => sequence),
        Array.from({ length: version - 1 }, (_, sequence) => sequence),
      );
    } finally {
      await store.close();
    }
  });
});

/** The version of the last commit that the writer acknowledged before it died. */
async function writeUntilKilled(folder: string, before: number): Promise<number> {
  const child = spawn(process.execPath, [writer, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let acknowledged = before;
  for await (const line of createInterface(child.stdout)) {
    acknowledged = Number(line);
    if (acknowledged >= before + commitsBeforeDeath) child.kill('SIGKILL');
  }
  await exited;
  assert.ok(acknowledged >= before + commitsBeforeDeath, 'the writer wrote until it was killed');
  return acknowledged;
}
