/** A record that cannot be processed: answered 5000 if anybody asked, and moved to the dead letters (R12, R26). */
import { encodeFrameOfBytes } from '../../contracts/frame.ts';
import type { DeadLetterHead } from '../../contracts/records.ts';
import { Status } from '../../core/status-codes.ts';
import { logDeadLetter } from '../../platform/logging.ts';
import type { Batch } from '../batch/batch.ts';
import type { ReadRecord } from '../batch/read-records.ts';
import type { FlowContext } from '../flow-context.ts';
import { TargetLog } from '../partition/journal.ts';
import { factsOfRecord, traceparentOf } from './record-facts.ts';
import { finish, refusal } from './take-request.ts';

export function giveUp(flow: FlowContext, batch: Batch, entry: ReadRecord, step: string, thrown: unknown): void {
  const reason = thrown instanceof Error ? thrown.message : `undecided for want of ${JSON.stringify(thrown)}`;
  const { offset, value } = entry.record;
  const { partition } = batch.state;
  batch.spans.beginRecord(traceparentOf(entry));
  batch.spans.answered(Status.internalServerError);
  const requestIdentifier = entry.kind === 'request' ? entry.taken.request.requestIdentifier : undefined;
  const head: DeadLetterHead = {
    v: 1,
    cse: entry.kind === 'request' ? entry.taken.cse.number : 0,
    kind: 'dead-letter',
    step: `resource-worker/${step}`,
    reason,
    from: { log: 'requests', partition, offset },
    at: batch.now,
  };
  if (requestIdentifier !== undefined) head.requestIdentifier = requestIdentifier;
  if (batch.spans.cause !== undefined) head.traceparent = batch.spans.cause;
  batch.emit(TargetLog.deadLetters, 0, encodeFrameOfBytes(head, value));
  flow.metrics.deadLetters.add(1, head.step);
  logDeadLetter(flow.log, {
    requestIdentifier,
    step: head.step,
    reason,
    partition,
    offset,
    traceparent: traceparentOf(entry),
  });
  if (entry.kind === 'request') {
    const text = 'The request could not be processed. It has been put aside for the operator.';
    finish(flow, batch, entry.taken, refusal(entry.taken, batch.now, Status.internalServerError, text));
  }
  if (batch.spans.isOpen) batch.spans.keep(factsOfRecord(entry, partition, flow.tracing.logSystem));
}
