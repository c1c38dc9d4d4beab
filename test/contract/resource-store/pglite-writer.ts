/** Run as a process of its own: commits to a folder without end, and says each commit that was acknowledged. */

import { describeCse } from './context.ts';
import { Owner } from './owner.ts';
import { openPgliteStore } from './pglite-store.ts';
import { firstLevel, instanceOf, noInstances, types } from './rows.ts';

const [folder = ''] = process.argv.slice(2);
const store = await openPgliteStore(folder);
const cse = await store.putCse(describeCse('/crash'));
const owner = await new Owner(store, 1, 0).takeOver();
const container = firstLevel(cse, types.container, 'cnt');
if (owner.version === 0) await owner.insert(container);
for (let sequence = owner.version - 1; ; sequence++) {
  const counters = { ...noInstances, instances: sequence + 1, nextSequence: sequence + 1 };
  const key = { cse: container.cse, shard: container.shard, id: container.id };
  await owner.change(
    { kind: 'insert', resource: instanceOf(container, sequence) },
    { kind: 'counters', key, counters },
  );
  process.stdout.write(`${owner.version}\n`);
}
