/** The spans of ingress: from a message's arrival to its PUBACK, and for the batch that was decoded with it. */

import type { DecodedRequest, DecodedResponse } from '../codecs/ingress-batch.ts';
import { operationName } from '../core/primitives.ts';
import { asSampled } from '../platform/trace-context.ts';
import type { SpanAttributes, Tracing } from '../platform/tracing/tracing.ts';
import type { Clock } from '../ports/clock.ts';
import { operationLabel, type RefusedRequest } from './answer-refusal.ts';
import type { Arrival } from './arrival.ts';
import type { OutgoingRecord } from './outgoing-record.ts';
import type { ReadableTopic } from './topic-reader.ts';

export interface ArrivalTraces {
  /** A batch is decoded and on its way; `began`: monotonic ms. Linked to the requests in it that are sampled, if any is. */
  decoded(began: number, records: readonly OutgoingRecord[]): void;
  /** The message is acknowledged: the first span of its trace ends. */
  acknowledged(record: OutgoingRecord): void;
  /** Ingress has answered with an error: recorded also where the request was not sampled. */
  refused(arrival: Arrival, refused: RefusedRequest): void;
}

export function createArrivalTraces(tracing: Tracing, clock: Clock): ArrivalTraces {
  return {
    decoded(began, records) {
      if (!tracing.isOn) return;
      if (!records.some(({ traceparent }) => tracing.records(traceparent))) return;
      const links = records.map(({ traceparent }) => traceparent).filter(tracing.records);
      tracing.record({
        traceparent: asSampled(tracing.begin()),
        parent: undefined,
        name: 'decode batch',
        kind: 'internal',
        began: tracing.wallTime(began),
        ended: tracing.wallTime(clock.monotonic()),
        attributes: { 'messaging.batch.message_count': records.length },
        links,
      });
    },
    acknowledged({ traceparent, arrival, primitive }) {
      if (!tracing.records(traceparent)) return;
      tracing.record({
        traceparent,
        parent: undefined,
        name: `receive ${labelOf(primitive)}`,
        kind: 'consumer',
        began: tracing.wallTime(arrival.at),
        ended: tracing.wallTime(clock.monotonic()),
        attributes: { ...arrivalAttributes(arrival.topic), ...primitiveAttributes(primitive) },
      });
    },
    refused(arrival, { topic, refusal, primitive, requestIdentifier, traceparent }) {
      const known = tracing.records(traceparent);
      if (!known && !tracing.recordsFailure(refusal.code)) return;
      tracing.record({
        traceparent: known ? traceparent : asSampled(traceparent ?? tracing.begin()),
        parent: undefined,
        name: `refuse ${operationLabel(primitive)}`,
        kind: 'consumer',
        began: tracing.wallTime(arrival.at),
        ended: tracing.wallTime(clock.monotonic()),
        attributes: {
          ...arrivalAttributes(topic),
          ...(primitive === undefined
            ? { 'onem2m.request_identifier': requestIdentifier }
            : primitiveAttributes(primitive)),
          'onem2m.response_status_code': refusal.code,
        },
        error: String(refusal.code),
      });
    },
  };
}

function labelOf(primitive: DecodedRequest | DecodedResponse): string {
  return primitive.kind === 'request' ? operationLabel(primitive) : 'response';
}

/** Topics by their form: who sent it stands in no span. */
function arrivalAttributes(topic: ReadableTopic): SpanAttributes {
  return {
    'messaging.system': 'mqtt',
    'messaging.operation.name': 'receive',
    'messaging.operation.type': 'receive',
    'messaging.destination.template': templateOf(topic),
  };
}

function templateOf(topic: ReadableTopic): string {
  if (topic.kind === 'response') return '/oneM2M/resp/{cse}/{responder}/{type}';
  return topic.registration ? '/oneM2M/reg_req/{credential}/{cse}/{type}' : '/oneM2M/req/{originator}/{cse}/{type}';
}

/** The identifier is what a complaint names; a trace, unlike a metric, may hold it. */
function primitiveAttributes(primitive: DecodedRequest | DecodedResponse): SpanAttributes {
  const identifier = { 'onem2m.request_identifier': primitive.requestIdentifier };
  if (primitive.kind === 'response') return identifier;
  return {
    ...identifier,
    'onem2m.operation': operationName[primitive.operation],
    'onem2m.resource_type': primitive.resourceType,
  };
}
