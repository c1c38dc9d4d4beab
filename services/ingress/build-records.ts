/** Makes the records of the requests log (contracts/records.ts). */

import type { DecodedResponse } from '../codecs/ingress-batch.ts';
import { type RequestHead, type ResponseHead, recordVersion } from '../contracts/records.ts';
import { decodeOwnRequestIdentifier } from '../contracts/request-identifiers.ts';
import { partitionOfShard } from '../core/sharding.ts';
import type { TraceSource } from '../platform/trace-context.ts';
import type { Arrival } from './arrival.ts';
import { OutgoingRecord, type RecordContext } from './outgoing-record.ts';
import type { RoutedRequest } from './route-request.ts';
import type { ResponseTopic } from './topic-reader.ts';

export interface RecordBuilder {
  request(routed: RoutedRequest): OutgoingRecord;
  /** Undefined for an answer to something that we never asked (binding 12: dropped). */
  response(arrival: Arrival, topic: ResponseTopic, primitive: DecodedResponse): OutgoingRecord | undefined;
}

export interface RecordBuilderOptions extends RecordContext {
  partitions: number;
  traces: TraceSource;
}

export function createRecordBuilder(options: RecordBuilderOptions): RecordBuilder {
  const { partitions, traces } = options;
  return {
    request({ arrival, topic, primitive, originator, key, shard }) {
      const head: RequestHead = {
        v: recordVersion,
        kind: 'request',
        cse: topic.cse.number,
        shard,
        originator,
        topicLevel: topic.originatorLevel,
        reply: { broker: arrival.broker, topic: topic.replyTopic, serialization: topic.serialization ?? 'json' },
        key,
        traceparent: traces.begin(),
      };
      if (topic.registration) head.credential = topic.originatorLevel.replaceAll(':', '/');
      const partition = partitionOfShard(shard, partitions);
      return new OutgoingRecord(options, arrival, partition, head, primitive);
    },
    response(arrival, topic, primitive) {
      const asked = decodeOwnRequestIdentifier(primitive.requestIdentifier);
      if (asked === undefined) return undefined;
      const head: ResponseHead = {
        v: recordVersion,
        kind: 'response',
        cse: topic.cse.number,
        shard: asked.shard,
        responder: topic.responder,
        traceparent: traces.begin(),
      };
      const partition = partitionOfShard(asked.shard, partitions);
      return new OutgoingRecord(options, arrival, partition, head, primitive);
    },
  };
}
