/** What came back for a request that the CSE sent: an answer of its target, or the responder's report (R19, R23, R26). */
import { decodeOwnRequestIdentifier, type OwnRequest } from '../../contracts/request-identifiers.ts';
import type { CseDescription } from '../../core/cse.ts';
import { isSuccess, Status } from '../../core/status-codes.ts';
import { decideDelivered } from '../../core/subscriptions/delivered.ts';
import { addChanges } from '../batch/add-changes.ts';
import type { Batch } from '../batch/batch.ts';
import {
  notificationArrived,
  notificationFailed,
  prepareNotifications,
  queueNotification,
} from '../deliveries/queue.ts';
import { entityOf } from '../deliveries/route.ts';
import { questionAnswered } from '../exchanges/resume-exchange.ts';
import type { FlowContext } from '../flow-context.ts';

export interface TakenAnswer {
  requestIdentifier: string;
  /** Canonical ID of who answered; undefined for a report of the responder. */
  responder: string | undefined;
  /** The answer's code; for a report 2000 or 5103. */
  responseStatusCode: number;
}

/** Throws what is missing before it changes anything. An answer that nobody waits for is counted and dropped. */
export function takeAnswer(flow: FlowContext, batch: Batch, cse: CseDescription, answer: TakenAnswer): void {
  const own = decodeOwnRequestIdentifier(answer.requestIdentifier);
  if (own === undefined) return flow.metrics.answersIgnored.add(1, 'not ours');
  if (own.kind === 'exchange') answerExchange(flow, batch, cse, answer, own);
  else answerNotification(flow, batch, cse, answer, own);
}

/** Only a response on that responder's topic counts, and only with the random bits that were sent (R19). */
function answerExchange(
  flow: FlowContext,
  batch: Batch,
  cse: CseDescription,
  { responder, responseStatusCode }: TakenAnswer,
  own: Extract<OwnRequest, { kind: 'exchange' }>,
): void {
  const exchange = batch.exchange(own.exchange);
  const question = exchange?.questions[own.question];
  const { answersIgnored } = flow.metrics;
  if (exchange === undefined || question === undefined || exchange.cse !== cse.number) {
    return answersIgnored.add(1, 'not awaited');
  }
  if (question.responseStatusCode !== undefined) return answersIgnored.add(1, 'not awaited');
  if (question.random !== own.random) return answersIgnored.add(1, 'not ours');
  if (responder !== undefined && responder !== question.responder) return answersIgnored.add(1, 'foreign responder');
  questionAnswered(flow, batch, cse, exchange, own.question, responseStatusCode);
}

function answerNotification(
  flow: FlowContext,
  batch: Batch,
  cse: CseDescription,
  { responder, responseStatusCode }: TakenAnswer,
  own: Extract<OwnRequest, { kind: 'notification' }>,
): void {
  const subscription = batch.working.resource(cse.number, own.shard, own.subscription);
  const known = batch.delivery(cse.number, own.shard, own.subscription, own.target);
  const { answersIgnored } = flow.metrics;
  if (known === null || known.target.next === 1) return answersIgnored.add(1, 'not awaited');
  const { acknowledged, next } = known.target;
  if (own.number < acknowledged || own.number >= next || known.arrived.has(own.number)) {
    return answersIgnored.add(1, 'not awaited');
  }
  if (responder !== undefined && responder !== entityOf(cse, known.target.address)) {
    return answersIgnored.add(1, 'foreign responder');
  }
  // A target that answers has got it, whatever it thinks of it; only silence and broken ways are tried again.
  const arrived = isSuccess(responseStatusCode) || (responder !== undefined && !isUnreachable(responseStatusCode));
  // After a failure all that was out counts as not sent: what is heard of it then is the same failure.
  if (!arrived) return own.number < known.target.sent ? notificationFailed(flow, batch, known) : undefined;
  const counts = subscription !== null && isSuccess(responseStatusCode);
  const counted = counts ? decideDelivered(subscription, cse, batch.now) : undefined;
  const notices = prepareNotifications(batch, cse, counted?.notifications ?? []);
  notificationArrived(flow, batch, cse, known, own.number);
  addChanges(batch, counted?.changes ?? []);
  for (const notice of notices) queueNotification(flow, batch, cse, notice);
  // The queue of a subscription that is gone lives until its last notice has arrived.
  if (subscription === null) removeIfDrained(batch, cse.number, own);
}

function removeIfDrained(batch: Batch, cse: number, own: Extract<OwnRequest, { kind: 'notification' }>): void {
  const { shard, subscription, target } = own;
  const known = batch.delivery(cse, shard, subscription, target);
  if (known === null || known.target.acknowledged < known.target.next) return;
  batch.addDeliveryChange({ kind: 'removeTarget', cse, shard, subscription, target });
}

function isUnreachable(code: number): boolean {
  return code === Status.targetNotReachable || code === Status.requestTimeout;
}
