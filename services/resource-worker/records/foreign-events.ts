import { type EventHead, encodeRecord } from '../../contracts/records.ts';
import type { ForeignEvent } from '../../core/decision.ts';
import { partitionOfShard } from '../../core/sharding.ts';
import type { Batch } from '../batch/batch.ts';
import { TargetLog } from '../partition/journal.ts';

/** Events for subscriptions of other shards travel as internal records; they are decided there (R5, R22). */
export function sendForeignEvents(batch: Batch, events: readonly ForeignEvent[]): void {
  for (const event of events) {
    const { cse, shard } = event.subscription;
    const head: EventHead = { v: 1, kind: 'event', cse, shard, source: batch.nextSource() };
    if (batch.spans.cause !== undefined) head.traceparent = batch.spans.cause;
    batch.emit(
      TargetLog.requests,
      partitionOfShard(shard, batch.partitions),
      encodeRecord(head, JSON.stringify(event)),
    );
  }
}
