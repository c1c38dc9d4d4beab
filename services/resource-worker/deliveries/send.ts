import { encodeRequest } from '../../codecs/json.ts';
import { encodeRecord, type OutboundHead } from '../../contracts/records.ts';
import type { CseDescription } from '../../core/cse.ts';
import { Operation, type PrimitiveContent } from '../../core/primitives.ts';
import { partitionOfReceiver } from '../../core/sharding.ts';
import { formatTimestamp } from '../../core/timestamps.ts';
import type { Batch } from '../batch/batch.ts';
import { TargetLog } from '../partition/journal.ts';
import type { Route } from './route.ts';

/** A request that the CSE sends by itself. */
export interface OwnRequest {
  cse: CseDescription;
  requestIdentifier: string;
  content: PrimitiveContent;
  /** Shard that waits for the answer. */
  shard: number;
  /** ms since 1970 after which it is pointless. */
  expires: number;
  traceparent: string | undefined;
}

/** Adds a NOTIFY request to what the batch emits. */
export function sendOwnRequest(batch: Batch, outboundPartitions: number, route: Route, request: OwnRequest): void {
  const { cse, requestIdentifier, content, shard, expires, traceparent } = request;
  const head: OutboundHead = {
    v: 1,
    cse: cse.number,
    kind: 'request',
    receiver: route.receiver,
    broker: route.broker,
    topic: route.topic,
    serialization: route.serialization,
    requestIdentifier,
    // Who answers by himself needs no report of success (R26).
    report: { shard, when: route.responder === undefined ? 'always' : 'failure' },
    expires,
  };
  if (traceparent !== undefined) head.traceparent = traceparent;
  const payload = encodeRequest({
    operation: Operation.notify,
    to: route.to,
    originator: cse.id,
    requestIdentifier,
    releaseVersion: '3',
    originatingTimestamp: formatTimestamp(batch.now),
    content,
  });
  batch.emit(TargetLog.outbound, partitionOfReceiver(route.receiver, outboundPartitions), encodeRecord(head, payload));
}
