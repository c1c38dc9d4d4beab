import type { PartitionState } from '../partition/partition-state.ts';
import type { WorkerParts } from '../parts.ts';

/**
 * Up to which moment deadlines of a partition may fire (R21), ms: log time that has been consumed, or the worker's clock if
 * the log, asked after that, holds nothing that was not consumed.
 */
export async function dueUntil(parts: WorkerParts, state: PartitionState): Promise<number> {
  const { nextDue, fence, position, partition } = state;
  const consumed = fence.logTime;
  const now = parts.clock.now();
  if (nextDue === undefined || nextDue <= consumed || nextDue > now) return consumed;
  const { end } = await parts.requests.bounds(partition);
  return end <= position ? Math.max(consumed, now) : consumed;
}
