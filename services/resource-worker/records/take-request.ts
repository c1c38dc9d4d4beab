/** A device's request: hand on, recognise, decide, and put the outcome into the batch. */

import { decide } from '../../core/decide.ts';
import { type Decision, type DecisionInput, MissingFact } from '../../core/decision.ts';
import { Operation, type ResponsePrimitive } from '../../core/primitives.ts';
import { boundsContent } from '../../core/quotas.ts';
import { Status } from '../../core/status-codes.ts';
import { formatTimestamp } from '../../core/timestamps.ts';
import { logRefused } from '../../platform/logging.ts';
import { addChanges } from '../batch/add-changes.ts';
import type { Batch } from '../batch/batch.ts';
import { prepareNotifications, queueNotification } from '../deliveries/queue.ts';
import { beginExchange } from '../exchanges/begin-exchange.ts';
import type { FlowContext } from '../flow-context.ts';
import { type FirstAnswer, isRemembered, repetitionOf } from './duplicates.ts';
import { sendForeignEvents } from './foreign-events.ts';
import { handOn, hopLimit } from './hand-on.ts';
import { reply, replyAgain } from './reply.ts';
import type { TakenRequest } from './taken-request.ts';

/** Throws MissingFact, MissingState or BatchMustClose before anything of the record is in the batch. */
export function takeRequest(
  flow: FlowContext,
  batch: Batch,
  taken: TakenRequest,
  firstAnswers: ReadonlyMap<string, FirstAnswer>,
): void {
  const { head, request, cse } = taken;
  const { source } = head;
  if (source !== undefined && isSeen(batch, source)) return;
  if (!batch.owns(head.shard)) handOnOrGiveUp(flow, batch, taken, head.shard);
  else if (!isRemembered(head, request, cse)) applyDecision(flow, batch, taken, decideRequest(batch, taken));
  else recognise(flow, batch, taken, firstAnswers);
  if (source !== undefined) batch.see(source.partition, source.version, source.index);
}

/** R5: of the internal records of a source everything up to the highest number is applied. */
export function isSeen(batch: Batch, source: { partition: number; version: number; index: number }): boolean {
  const seen = batch.seenOf(source.partition);
  if (seen === undefined) return false;
  return source.version < seen.version || (source.version === seen.version && source.index <= seen.index);
}

function recognise(
  flow: FlowContext,
  batch: Batch,
  taken: TakenRequest,
  firstAnswers: ReadonlyMap<string, FirstAnswer>,
): void {
  const { head, request } = taken;
  const repetition = repetitionOf(batch, head, request, firstAnswers);
  if (repetition.kind === 'new') return applyDecision(flow, batch, taken, decideRequest(batch, taken));
  if (repetition.kind === 'conflict') {
    const text = 'A request with this rqi and another content is still pending.';
    reply(flow, batch, taken, refusal(taken, batch.now, Status.badRequest, text));
    return;
  }
  flow.metrics.duplicatesSuppressed.add(1);
  if (repetition.kind === 'answered' && repetition.answer.payload !== undefined) {
    replyAgain(flow, batch, taken, repetition.answer.payload);
    // A first answer is a read of the journal: it changes nothing and may be given again.
    batch.readReplies++;
  }
}

/** Asks core; `answers` are those of a finished exchange. Throws what core says is missing. */
export function decideRequest(
  batch: Batch,
  { head, request, cse, appendedAt }: TakenRequest,
  answers?: DecisionInput['answers'],
): Exclude<Decision, { kind: 'needs' }> {
  const decision = decide(
    {
      cse,
      request,
      originator: head.originator,
      ...(head.credential === undefined ? {} : { credential: head.credential }),
      topicLevel: head.topicLevel,
      broker: head.reply.broker,
      receivedAt: head.firstAppended ?? appendedAt,
      now: batch.now,
      logTime: batch.working.logTime,
      duplicateKey: head.key,
      owns: (shard) => batch.owns(shard),
      inventId: (letter, shard) => batch.inventId(letter, shard),
      ...(answers === undefined ? {} : { answers }),
      ...(boundsContent(cse.quotas) ? { usage: batch.usage.of(cse.number) } : {}),
    },
    batch.working,
  );
  if (decision.kind === 'needs') throw new MissingFact(...decision.needs);
  return decision;
}

/** Puts an outcome into the batch. Gathers what it needs first, so that it throws before it changes anything. */
export function applyDecision(
  flow: FlowContext,
  batch: Batch,
  taken: TakenRequest,
  decision: Exclude<Decision, { kind: 'needs' }>,
): void {
  const { head, request, cse } = taken;
  if (decision.kind === 'handOn') return handOnOrGiveUp(flow, batch, taken, decision.shard);
  if (decision.kind === 'wait') {
    const answers = beginExchange(flow, batch, taken, decision.exchange);
    if (answers !== undefined) applyDecision(flow, batch, taken, decideRequest(batch, taken, answers));
    return;
  }
  const notifications = prepareNotifications(batch, cse, decision.notifications);
  if (request.operation !== Operation.retrieve) batch.bindReliances();
  addChanges(batch, decision.changes);
  if (decision.growth !== undefined) batch.usage.decided(batch.state.partition, cse.number, decision.growth);
  if (decision.exceeded !== undefined) flow.metrics.quotaRefusals.add(1, decision.exceeded);
  for (const notification of notifications) queueNotification(flow, batch, cse, notification);
  sendForeignEvents(batch, decision.foreignEvents);
  finish(flow, batch, taken, decision.response, decision.type);
  if (decision.response.responseStatusCode >= 4000) {
    const { responseStatusCode: code, content } = decision.response;
    logRefused(flow.log, {
      requestIdentifier: request.requestIdentifier,
      code,
      reason: String(content?.['m2m:dbg'] ?? ''),
      cse: cse.id,
      originator: head.originator,
      traceparent: head.traceparent,
    });
  }
}

/** Answers and remembers. */
export function finish(
  flow: FlowContext,
  batch: Batch,
  taken: TakenRequest,
  response: ResponsePrimitive,
  type?: number,
): void {
  const { head, request, cse } = taken;
  const position = reply(flow, batch, taken, response, type);
  if (isRemembered(head, request, cse)) batch.remember(head.key, head.shard, position);
  else if (request.operation === Operation.retrieve && position >= 0) batch.readReplies++;
}

function handOnOrGiveUp(flow: FlowContext, batch: Batch, taken: TakenRequest, shard: number): void {
  const { head, request, payload, appendedAt } = taken;
  if ((head.hops ?? 0) < hopLimit) {
    return handOn(flow, batch, head, request, payload, shard, head.firstAppended ?? appendedAt);
  }
  const text = 'The target could not be found where its directory entry says.';
  finish(flow, batch, taken, refusal(taken, batch.now, Status.internalServerError, text));
}

/** An error answer of the worker itself. */
export function refusal({ request, cse }: TakenRequest, now: number, code: number, text: string): ResponsePrimitive {
  return {
    responseStatusCode: code,
    requestIdentifier: request.requestIdentifier,
    content: { 'm2m:dbg': text },
    ...(request.originator === undefined ? {} : { to: request.originator }),
    originator: cse.id,
    originatingTimestamp: formatTimestamp(now),
    ...(request.releaseVersion === undefined ? {} : { releaseVersion: request.releaseVersion }),
  };
}
