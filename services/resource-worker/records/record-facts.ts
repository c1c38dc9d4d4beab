/** What spans say of a record of the requests log. */
import { operationName } from '../../core/primitives.ts';
import type { SpanAttributes } from '../../platform/tracing/tracing.ts';
import type { RecordFacts } from '../batch/batch-spans.ts';
import type { ReadRecord } from '../batch/read-records.ts';
import type { TakenRequest } from './taken-request.ts';

/** traceparent of a record; undefined where it has none or cannot be read. */
export function traceparentOf(entry: ReadRecord): string | undefined {
  switch (entry.kind) {
    case 'request':
      return entry.taken.head.traceparent;
    case 'answer':
      return entry.traceparent;
    case 'event':
      return entry.head.traceparent;
    case 'unreadable':
      return undefined;
  }
}

export function factsOfRecord(entry: ReadRecord, partition: number, logSystem: string): RecordFacts {
  const where: SpanAttributes = {
    'messaging.system': logSystem,
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.partition.id': String(partition),
    'messaging.kafka.offset': entry.record.offset,
  };
  const { appendedAt } = entry.record;
  switch (entry.kind) {
    case 'request':
      return factsOfRequest('decide', entry.taken, where);
    case 'answer':
      return {
        name: `take ${entry.answer.responder === undefined ? 'report' : 'answer'}`,
        appendedAt,
        attributes: where,
      };
    case 'event':
      return { name: 'take event', appendedAt, attributes: where };
    case 'unreadable':
      return { name: 'put aside', appendedAt, attributes: where };
  }
}

export function factsOfRequest(step: string, taken: TakenRequest, where: SpanAttributes = {}): RecordFacts {
  const { head, request, appendedAt } = taken;
  const operation = operationName[request.operation];
  return {
    name: `${step} ${operation}`,
    appendedAt: head.firstAppended ?? appendedAt,
    attributes: {
      ...where,
      'onem2m.operation': operation,
      'onem2m.resource_type': request.resourceType,
      'onem2m.request_identifier': request.requestIdentifier,
      'in_cse.hops': head.hops,
    },
  };
}
