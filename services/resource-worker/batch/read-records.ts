/** Records of the requests log as the steps take them. */
import { readCanonical } from '../../codecs/json.ts';
import { UnreadableRecord } from '../../contracts/frame.ts';
import {
  decodeRecord,
  type EventHead,
  type ReportHead,
  type RequestsLogHead,
  requestsLogKinds,
} from '../../contracts/records.ts';
import type { CseDescription } from '../../core/cse.ts';
import type { ResponsePrimitive } from '../../core/primitives.ts';
import { Status } from '../../core/status-codes.ts';
import type { LogRecord } from '../../ports/request-log.ts';
import type { HostedCses } from '../hosted-cses.ts';
import type { TakenAnswer } from '../records/take-answer.ts';
import type { TakenRequest } from '../records/taken-request.ts';

export type ReadRecord = { record: LogRecord } & (
  | { kind: 'request'; taken: TakenRequest }
  | { kind: 'answer'; cse: CseDescription; answer: TakenAnswer; traceparent: string | undefined }
  | { kind: 'event'; cse: CseDescription; head: EventHead; payload: Buffer }
  | { kind: 'unreadable'; reason: string }
);

export function readRecord(record: LogRecord, cses: HostedCses): ReadRecord {
  try {
    const { head, payload } = decodeRecord<RequestsLogHead>(record.value, requestsLogKinds);
    const cse = cses.get(head.cse);
    if (cse === undefined) return { record, kind: 'unreadable', reason: `CSE number ${head.cse} is not hosted here` };
    switch (head.kind) {
      case 'request': {
        const request = readCanonical(payload);
        const taken = { head, payload, request, cse, frame: record.value, appendedAt: record.appendedAt };
        return { record, kind: 'request', taken };
      }
      case 'response': {
        const { requestIdentifier, responseStatusCode } = JSON.parse(payload.toString('utf8')) as ResponsePrimitive;
        const answer = { requestIdentifier, responseStatusCode, responder: head.responder };
        return { record, kind: 'answer', cse, answer, traceparent: head.traceparent };
      }
      case 'report':
        return { record, kind: 'answer', cse, answer: answerOfReport(head), traceparent: head.traceparent };
      case 'event':
        return { record, kind: 'event', cse, head, payload };
    }
  } catch (error) {
    if (error instanceof UnreadableRecord) return { record, kind: 'unreadable', reason: error.message };
    return { record, kind: 'unreadable', reason: `the payload cannot be read: ${(error as Error).message}` };
  }
}

function answerOfReport({ requestIdentifier, delivered }: ReportHead): TakenAnswer {
  return {
    requestIdentifier,
    responder: undefined,
    responseStatusCode: delivered ? Status.ok : Status.targetNotReachable,
  };
}
