/** What the responder tells others by records: outcomes to the waiting shard, and what it gave up to the dead letters (R26). */

import { encodeFrameOfBytes } from '../contracts/frame.ts';
import {
  type DeadLetterHead,
  encodeRecord,
  type OutboundHead,
  type ReportHead,
  recordVersion,
} from '../contracts/records.ts';
import { partitionOfShard } from '../core/sharding.ts';
import type { Append } from '../ports/request-log.ts';
import type { Fetched, OutboundEntry } from './outbound-entry.ts';

/** Whether somebody wants to hear of this outcome. */
export function wantsReport(head: OutboundHead, delivered: boolean): boolean {
  return head.report !== undefined && (head.report.when === 'always' || !delivered);
}

/** The report on an outcome; idempotent, since it names the request and not the attempt. */
export function reportRecord(
  { head, span }: Pick<OutboundEntry, 'head' | 'span'>,
  outcome: { delivered: boolean; reason?: string },
  partitions: number,
): Append | undefined {
  if (head.report === undefined) return undefined;
  const { shard } = head.report;
  const report: ReportHead = {
    v: recordVersion,
    kind: 'report',
    cse: head.cse,
    shard,
    requestIdentifier: head.requestIdentifier,
    delivered: outcome.delivered,
  };
  if (outcome.reason !== undefined) report.reason = outcome.reason;
  const traceparent = span?.traceparent ?? head.traceparent;
  if (traceparent !== undefined) report.traceparent = traceparent;
  return { partition: partitionOfShard(shard, partitions), value: encodeRecord(report, '') };
}

/** Step that gave up. */
export type DeadLetterStep = 'read' | 'encode' | 'publish';

export interface DeadLetterCause {
  step: DeadLetterStep;
  reason: string;
  at: number;
}

/** A dead letter: the record as it was, behind a head that says where it came from and why it stands here. */
export function deadLetterRecord(
  fetched: Fetched & { head?: OutboundHead },
  cause: DeadLetterCause,
  partitions: number,
): Append {
  const { lane, record, head, span } = fetched;
  const letter: DeadLetterHead = {
    v: recordVersion,
    kind: 'dead-letter',
    cse: head?.cse ?? 0,
    step: `responder/${cause.step}`,
    reason: cause.reason,
    from: { log: 'outbound', partition: lane.partition, offset: record.offset },
    at: cause.at,
  };
  if (head !== undefined) letter.requestIdentifier = head.requestIdentifier;
  const traceparent = span?.traceparent ?? head?.traceparent;
  if (traceparent !== undefined) letter.traceparent = traceparent;
  return { partition: lane.partition % partitions, value: encodeFrameOfBytes(letter, record.value) };
}
