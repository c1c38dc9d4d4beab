import { encodeResponse } from '../../codecs/json.ts';
import { encodeFrameOfBytes } from '../../contracts/frame.ts';
import { encodeRecord, type OutboundHead } from '../../contracts/records.ts';
import { operationName, type ResponsePrimitive } from '../../core/primitives.ts';
import { kindOfResourceType } from '../../core/resource-types/known-types.ts';
import { partitionOfReceiver } from '../../core/sharding.ts';
import type { Batch } from '../batch/batch.ts';
import type { FlowContext } from '../flow-context.ts';
import { TargetLog } from '../partition/journal.ts';
import type { TakenRequest } from './taken-request.ts';

/** m2m:responseTypeInfo 5: the originator wants no answer (TS-0004 6.3.4.2.6). */
const noResponse = 5;

/**
 * Adds the answer to what the batch emits. `type`: of the resource that it is about, if known. Returns its position among the
 * emissions, -1 where none is wanted.
 */
export function reply(
  flow: FlowContext,
  batch: Batch,
  taken: TakenRequest,
  response: ResponsePrimitive,
  type?: number,
): number {
  const { request } = taken;
  const kind = kindOfResourceType(type);
  flow.metrics.requests.add(1, operationName[request.operation], kind, response.responseStatusCode);
  batch.spans.answered(response.responseStatusCode);
  if (request.responseType?.value === noResponse) return -1;
  return emitReply(flow, batch, taken, response.requestIdentifier, (answer) =>
    encodeRecord(answer, encodeResponse(response)),
  );
}

/** Gives a first answer once more, on the route of the repeated request (R16). */
export function replyAgain(flow: FlowContext, batch: Batch, taken: TakenRequest, payload: Buffer): number {
  return emitReply(flow, batch, taken, taken.request.requestIdentifier, (answer) =>
    encodeFrameOfBytes(answer, payload),
  );
}

function emitReply(
  flow: FlowContext,
  batch: Batch,
  { head, appendedAt }: TakenRequest,
  requestIdentifier: string,
  frame: (answer: OutboundHead) => Buffer,
): number {
  const receiver = head.originator === '' ? head.topicLevel : head.originator;
  const answer: OutboundHead = {
    v: 1,
    cse: head.cse,
    kind: 'response',
    receiver,
    broker: head.reply.broker,
    topic: head.reply.topic,
    serialization: head.reply.serialization,
    requestIdentifier,
    requestedAt: head.firstAppended ?? appendedAt,
  };
  if (batch.spans.cause !== undefined) answer.traceparent = batch.spans.cause;
  const partition = partitionOfReceiver(receiver, flow.deployment.outboundPartitions);
  return batch.emit(TargetLog.outbound, partition, frame(answer));
}
