/** What a flight must find unchanged, and what it writes (R11, R12). All of it is taken back unless all of it succeeds. */
import type { Change } from '../../core/decision.ts';
import type { FlightOutcome, PartitionCommit } from '../../ports/resource-store.ts';
import type { MemoryRows } from './memory-rows.ts';
import type { PartitionLog } from './partition-log.ts';
import type { Undo } from './resource-tree.ts';

/** An AE-ID that a part inserts is in the directory already. */
class AeIdTaken extends Error {
  readonly partition: number;
  constructor(partition: number, cse: number, aeId: string) {
    super(`AE-ID ${cse}/${aeId}`);
    this.partition = partition;
  }
}

/** One transaction. `logOf`: the log of a partition, undefined if its fence was never read. */
export function fly(
  rows: MemoryRows,
  generation: number,
  parts: readonly PartitionCommit[],
  logOf: (partition: number) => PartitionLog | undefined,
): FlightOutcome {
  const fenced = parts.filter((part) => logOf(part.partition)?.fits(part) !== true);
  if (fenced.length > 0) return { kind: 'fenced', partitions: fenced.map(({ partition }) => partition) };
  const stale = staleParts(rows, parts);
  if (stale !== undefined) return stale;
  const undo: Undo[] = [];
  try {
    for (const part of parts) apply(rows, part, undo);
  } catch (error) {
    for (const takeBack of undo.reverse()) takeBack();
    rows.usage.discard();
    if (error instanceof AeIdTaken) return { kind: 'stale', partitions: [error.partition], what: error.message };
    return { kind: 'refused', reason: error instanceof Error ? error : new Error(String(error)) };
  }
  for (const part of parts) logOf(part.partition)?.advance(part);
  rows.settle();
  const usage = rows.usage.settle(generation);
  return usage.length === 0 ? { kind: 'committed' } : { kind: 'committed', usage };
}

function staleParts(rows: MemoryRows, parts: readonly PartitionCommit[]): FlightOutcome | undefined {
  const partitions = new Set<number>();
  const what: string[] = [];
  for (const { partition, relied, reliedBaseSubscriptions } of parts) {
    for (const row of relied) {
      if (rows.versionOf(row) === row.version) continue;
      partitions.add(partition);
      what.push(`resource ${row.cse}/${row.id}`);
    }
    for (const { cse, version } of reliedBaseSubscriptions) {
      if (rows.baseSubscriptionsVersion(cse) === version) continue;
      partitions.add(partition);
      what.push(`subscriptions of CSEBase ${cse}`);
    }
  }
  return partitions.size === 0 ? undefined : { kind: 'stale', partitions: [...partitions], what: what.join(', ') };
}

function apply(rows: MemoryRows, part: PartitionCommit, undo: Undo[]): void {
  rows.usage.begin(part.partition);
  for (const change of part.changes) applyChange(rows, part.partition, change, undo);
  for (const change of part.exchanges) rows.changeExchange(change, undo);
  for (const change of part.deliveries) rows.deliveries.apply(change, undo);
}

function applyChange(rows: MemoryRows, partition: number, change: Change, undo: Undo[]): void {
  switch (change.kind) {
    case 'insert':
      return rows.tree(change.resource.cse).insert(change.resource, change.counters, undo);
    case 'update':
      return rows.tree(change.resource.cse).update(change.resource, undo);
    case 'counters':
      return rows.tree(change.key.cse).setCounters(change.key.shard, change.key.id, change.counters, undo);
    case 'remove':
      return rows.tree(change.resource.cse).remove(change.resource, undo);
    case 'removeSubtree':
      return rows.tree(change.resource.cse).mark(change.resource.shard, change.resource.id, undo);
    case 'evict': {
      const { container, belowSequence } = change;
      return rows.tree(container.cse).evict(container.shard, container.id, belowSequence, change.rows === 'now', undo);
    }
    case 'aeHome':
      if (change.action === 'remove') rows.removeAeHome(change.cse, change.aeId, undo);
      else if (!rows.addAeHome(change.cse, change.aeId, change.home, undo)) {
        throw new AeIdTaken(partition, change.cse, change.aeId);
      }
      return;
    case 'baseSubscriptions':
      if (change.action === 'change') rows.raiseBaseSubscriptions(change.cse, undo);
      return;
    case 'due':
      return change.action === 'put' ? rows.due.put(change.due, undo) : rows.due.drop(change.due, undo);
  }
}
