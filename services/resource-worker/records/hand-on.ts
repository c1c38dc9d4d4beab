import { encodeFrameOfBytes } from '../../contracts/frame.ts';
import type { RequestHead } from '../../contracts/records.ts';
import { Operation, type RequestPrimitive } from '../../core/primitives.ts';
import { partitionOfShard } from '../../core/sharding.ts';
import type { Batch } from '../batch/batch.ts';
import type { FlowContext } from '../flow-context.ts';
import { TargetLog } from '../partition/journal.ts';

/** Hops after which a record has no home (R6): more than a directory that is right can need. */
export const hopLimit = 4;

/** Hands a request on to the partition that owns its target (R6). A read carries no number and may be repeated. */
export function handOn(
  flow: FlowContext,
  batch: Batch,
  head: RequestHead,
  request: RequestPrimitive,
  payload: Buffer,
  shard: number,
  receivedAt: number,
): void {
  const { source: _, ...rest } = head;
  const next: RequestHead = { ...rest, shard, hops: (head.hops ?? 0) + 1, firstAppended: receivedAt };
  const isRead = request.operation === Operation.retrieve;
  if (!isRead) next.source = batch.nextSource();
  if (batch.spans.cause !== undefined) next.traceparent = batch.spans.cause;
  batch.emit(TargetLog.requests, partitionOfShard(shard, batch.partitions), encodeFrameOfBytes(next, payload));
  if (isRead) batch.readReplies++;
  flow.metrics.handOns.add(1);
}
