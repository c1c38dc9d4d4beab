import type { DeliveryTarget, QueuedNotification } from '../../ports/resource-store.ts';
import type { SqlDatabase } from '../../ports/sql-database.ts';
import { keyValues } from './load.ts';
import { readNotes, readTargets } from './store-statements.ts';

interface Queue {
  target: DeliveryTarget;
  queued: QueuedNotification[];
}

/** Targets and what is queued for each from `acknowledged` on, at most `limit` (R23). */
export async function readDeliveries(
  database: SqlDatabase,
  of: readonly { cse: number; shard: number; subscription: string }[],
  limit: number,
): Promise<Queue[]> {
  const keys = keyValues(of.map(({ cse, shard, subscription: id }, ord) => ({ ord, cse, shard, id })));
  const [targets, notes] = await database.session('read', (session) =>
    session.run([
      { statement: readTargets, values: keys },
      { statement: readNotes, values: [...keys, limit] },
    ]),
  );
  const queues = new Map<string, Queue>();
  for (const row of targets?.rows ?? []) queues.set(keyOf(row), { target: readTarget(row), queued: [] });
  for (const row of notes?.rows ?? []) queues.get(keyOf(row))?.queued.push(readNote(row));
  return [...queues.values()];
}

/** Columns shard, cse, sub, target. */
function keyOf([shard, cse, subscription, target]: readonly unknown[]): string {
  return `${shard}/${cse}/${subscription}/${target}`;
}

function readTarget(row: readonly unknown[]): DeliveryTarget {
  return {
    shard: row[0] as number,
    cse: row[1] as number,
    subscription: row[2] as string,
    target: row[3] as number,
    address: row[4] as string,
    next: row[5] as number,
    sent: row[6] as number,
    acknowledged: row[7] as number,
    failures: row[8] as number,
    retryAt: row[9] as number,
    dropped: row[10] as number,
  };
}

function readNote(row: readonly unknown[]): QueuedNotification {
  return {
    number: row[4] as number,
    requestIdentifier: row[5] as string,
    at: row[6] as number,
    content: row[7] as string,
    counts: row[8] as boolean,
    ...(row[9] === true ? { arrived: true } : {}),
    ...(row[10] === null ? {} : { traceparent: row[10] as string }),
  };
}
