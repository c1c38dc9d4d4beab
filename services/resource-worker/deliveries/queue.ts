/**
 * The queues of notifications (R23): per subscription and target two cursors, `sent` and `acknowledged`, over numbers that
 * are never reused. What is queued is sent at once while the window has room; a failure sets `sent` back to the first
 * notification that is not acknowledged and opens the circuit for a while.
 */
import { encodeOwnRequestIdentifier } from '../../contracts/request-identifiers.ts';
import type { CseDescription } from '../../core/cse.ts';
import type { NotificationIntent } from '../../core/decision.ts';
import type { PrimitiveContent } from '../../core/primitives.ts';
import type { StoredResource } from '../../core/resource.ts';
import { isSampled } from '../../platform/trace-context.ts';
import type { DeliveryTarget, QueuedNotification } from '../../ports/resource-store.ts';
import { type Batch, MissingState } from '../batch/batch.ts';
import { BatchMustClose } from '../batch/working-set.ts';
import type { FlowContext } from '../flow-context.ts';
import { type KnownTarget, targetKey } from './known-target.ts';
import { type Route, resolveRoute, type Unreachable } from './route.ts';
import { sendOwnRequest } from './send.ts';

/** A notification with all that must be known to queue and send it: gathered before anything is changed. */
export interface PreparedNotification {
  intent: NotificationIntent;
  number: number;
  known: KnownTarget;
  route: Route | Unreachable;
}

/** Gathers; throws MissingFact or MissingState, and changes nothing. */
export function prepareNotifications(
  batch: Batch,
  cse: CseDescription,
  intents: readonly NotificationIntent[],
): PreparedNotification[] {
  return intents.map((intent) => {
    const { subscription, target } = intent;
    const number = targetNumber(subscription, target);
    const known =
      batch.delivery(subscription.cse, subscription.shard, subscription.id, number) ??
      freshTarget(subscription, target, number);
    return { intent, number, known, route: batch.working.unbound(() => resolveRoute(batch.working, cse, target)) };
  });
}

export function queueNotification(
  flow: FlowContext,
  batch: Batch,
  cse: CseDescription,
  { intent, number, route, ...prepared }: PreparedNotification,
): void {
  const { subscription } = intent;
  const key = { cse: subscription.cse, shard: subscription.shard, subscription: subscription.id, target: number };
  // An earlier notification of the same record may have moved the cursors since.
  const known = batch.delivery(key.cse, key.shard, key.subscription, number) ?? prepared.known;
  const bounded = dropBeyondBound(flow, batch, known);
  const { target } = bounded;
  const notification: QueuedNotification = {
    number: target.next,
    requestIdentifier: encodeOwnRequestIdentifier({
      kind: 'notification',
      ...key,
      number: target.next,
      random: flow.chance.token(64),
    }),
    at: batch.now,
    content: JSON.stringify(intent.content),
    counts: intent.countsForExpiration,
    ...(isSampled(batch.spans.cause) ? { traceparent: batch.spans.cause } : {}),
  };
  batch.addDeliveryChange({ kind: 'queue', ...key, notification });
  const sendsNow = target.sent === target.next && roomInWindow(flow, target) > 0;
  let after: KnownTarget = { ...bounded, target: { ...target, next: target.next + 1 } };
  if (sendsNow && !('unreachable' in route)) {
    sendNotification(flow, batch, cse, key.shard, route, notification);
    after = { ...after, activeAt: batch.now, target: { ...after.target, sent: after.target.next } };
  } else if (sendsNow) after = failed(flow, batch, after);
  batch.putDelivery(watch(flow, batch, after));
}

/** The target of `number` has got its notification. Gathers first: throws before anything is changed. */
export function notificationArrived(
  flow: FlowContext,
  batch: Batch,
  cse: CseDescription,
  known: KnownTarget,
  number: number,
): void {
  const after = arrivedAt(known, number, batch.now);
  const resumed = prepareResumption(flow, batch, cse, after);
  const { cse: cseNumber, shard, subscription, target } = known.target;
  const key = { cse: cseNumber, shard, subscription, target };
  if (after.target.acknowledged > known.target.acknowledged) {
    batch.addDeliveryChange({ kind: 'acknowledge', ...key, below: after.target.acknowledged });
  } else batch.addDeliveryChange({ kind: 'arrived', ...key, number });
  batch.putDelivery(resumed === undefined ? after : resume(flow, batch, cse, after, resumed));
}

/** A notification has failed, or its answer took too long: back to the first that is not acknowledged, after a pause. */
export function notificationFailed(flow: FlowContext, batch: Batch, known: KnownTarget): void {
  batch.putDelivery(watch(flow, batch, failed(flow, batch, known)));
}

/**
 * Timer work: the pause is over, or an answer is overdue. Gathers first, then calls `begin`, which drops the item that is due:
 * a new one may be planned for the same moment, where the log's clock is ahead of the worker's.
 */
export function deliveryIsDue(
  flow: FlowContext,
  batch: Batch,
  cse: CseDescription,
  known: KnownTarget,
  begin: () => void,
): void {
  const { target } = known;
  const closed: KnownTarget = { ...known, watched: false, activeAt: batch.now, target: { ...target, retryAt: 0 } };
  const triesAgain = target.retryAt <= batch.now && (target.retryAt > 0 || target.sent <= target.acknowledged);
  const resumption = triesAgain ? prepareResumption(flow, batch, cse, closed) : undefined;
  begin();
  if (resumption !== undefined)
    return batch.putDelivery(watch(flow, batch, resume(flow, batch, cse, closed, resumption)));
  if (triesAgain) return batch.putDelivery(watch(flow, batch, closed));
  const isOut = target.retryAt === 0 && target.sent > target.acknowledged;
  const isOverdue = isOut && batch.now - known.activeAt >= flow.settings.deliveries.answerTimeLimit;
  const unwatched = { ...known, watched: false };
  batch.putDelivery(watch(flow, batch, isOverdue ? failed(flow, batch, unwatched) : unwatched));
}

// ---- inside ----------------------------------------------------------------------------------------------------------

interface Resumption {
  queued: QueuedNotification[];
  route: Route | Unreachable;
}

/** What is queued and not sent, if the window has room for it. Throws where it must be loaded, or stands only in this batch. */
function prepareResumption(
  flow: FlowContext,
  batch: Batch,
  cse: CseDescription,
  { target }: KnownTarget,
): Resumption | undefined {
  if (target.sent >= target.next || roomInWindow(flow, target) <= 0) return undefined;
  const key = targetKey(target.cse, target.subscription, target.target);
  if (batch.hasQueued(key)) throw new BatchMustClose();
  const loaded = batch.loadedQueues.get(key);
  if (loaded === undefined) throw new MissingState(target);
  const queued = loaded.filter(({ number }) => number >= target.sent && number < target.next);
  return { queued, route: batch.working.unbound(() => resolveRoute(batch.working, cse, target.address)) };
}

function resume(
  flow: FlowContext,
  batch: Batch,
  cse: CseDescription,
  known: KnownTarget,
  { queued, route }: Resumption,
): KnownTarget {
  if ('unreachable' in route) return failed(flow, batch, known);
  let { target } = known;
  for (const notification of queued) {
    if (notification.at + flow.settings.deliveries.notificationLifetime > batch.now) {
      if (roomInWindow(flow, target) <= 0) break;
      sendNotification(flow, batch, cse, target.shard, route, notification);
      target = { ...target, sent: notification.number + 1 };
    } else target = dropOldest(flow, batch, target, notification.number + 1);
  }
  return watch(flow, batch, { ...known, target, activeAt: batch.now });
}

function sendNotification(
  flow: FlowContext,
  batch: Batch,
  cse: CseDescription,
  shard: number,
  route: Route,
  notification: QueuedNotification,
): void {
  sendOwnRequest(batch, flow.deployment.outboundPartitions, route, {
    cse,
    shard,
    requestIdentifier: notification.requestIdentifier,
    content: JSON.parse(notification.content) as PrimitiveContent,
    expires: notification.at + flow.settings.deliveries.notificationLifetime,
    // One that waited belongs to the request that caused it, not to what has made room for it.
    traceparent: notification.traceparent ?? batch.spans.cause,
  });
}

/** After a failure one notification at a time tries whether the target is back. */
function roomInWindow(flow: FlowContext, target: DeliveryTarget): number {
  if (target.retryAt > 0) return 0;
  const window = target.failures > 0 ? 1 : flow.settings.deliveries.window;
  return window - (target.sent - target.acknowledged);
}

function failed(flow: FlowContext, batch: Batch, known: KnownTarget): KnownTarget {
  flow.metrics.notificationFailures.add(1);
  const { firstPause, longestPause } = flow.settings.deliveries;
  const { target } = known;
  const pause = Math.min(longestPause, firstPause * 2 ** Math.min(target.failures, 20));
  return {
    ...known,
    watched: false,
    activeAt: batch.now,
    target: {
      ...target,
      sent: target.acknowledged,
      failures: target.failures + 1,
      retryAt: batch.now + Math.round(pause * (0.75 + flow.chance.fraction() / 2)),
    },
  };
}

/** The cursors after the arrival of a number: past it and past those that had arrived before their turn. */
function arrivedAt(known: KnownTarget, number: number, now: number): KnownTarget {
  const arrived = new Set(known.arrived).add(number);
  let { acknowledged } = known.target;
  while (arrived.delete(acknowledged)) acknowledged++;
  return {
    ...known,
    arrived,
    activeAt: now,
    target: {
      ...known.target,
      acknowledged,
      sent: Math.max(known.target.sent, acknowledged),
      failures: 0,
      retryAt: 0,
    },
  };
}

/** A full queue drops its oldest notification; the subscription stays (R23). */
function dropBeyondBound(flow: FlowContext, batch: Batch, known: KnownTarget): KnownTarget {
  const { target } = known;
  if (target.next - target.acknowledged < flow.settings.deliveries.queuedNotifications) return known;
  return { ...known, target: dropOldest(flow, batch, target, target.acknowledged + 1) };
}

function dropOldest(flow: FlowContext, batch: Batch, target: DeliveryTarget, below: number): DeliveryTarget {
  const dropped = Math.max(0, below - target.acknowledged);
  flow.metrics.notificationsDropped.add(dropped);
  const acknowledged = Math.max(target.acknowledged, below);
  batch.addDeliveryChange({
    kind: 'acknowledge',
    cse: target.cse,
    shard: target.shard,
    subscription: target.subscription,
    target: target.target,
    below: acknowledged,
  });
  return { ...target, acknowledged, sent: Math.max(target.sent, acknowledged), dropped: target.dropped + dropped };
}

/** Something is out or waits: a due item sees to it that it is not forgotten. */
function watch(flow: FlowContext, batch: Batch, known: KnownTarget): KnownTarget {
  const { target } = known;
  if (known.watched || target.acknowledged === target.next) return known;
  const isOut = target.sent > target.acknowledged;
  const at =
    target.retryAt > 0 ? target.retryAt : isOut ? known.activeAt + flow.settings.deliveries.answerTimeLimit : 0;
  batch.addChanges([
    {
      kind: 'due',
      action: 'put',
      due: {
        shard: target.shard,
        cse: target.cse,
        kind: 'delivery',
        id: `${target.subscription}/${target.target}`,
        at: Math.max(at, batch.now + 1),
      },
    },
  ]);
  return { ...known, watched: true };
}

function targetNumber(subscription: StoredResource, address: string): number {
  const targets = subscription.hidden?.targets;
  const found = Array.isArray(targets)
    ? (targets as { address: string; number: number }[]).find((each) => each.address === address)
    : undefined;
  return found?.number ?? 0;
}

function freshTarget(subscription: StoredResource, address: string, number: number): KnownTarget {
  const { cse, shard, id } = subscription;
  return {
    arrived: new Set(),
    activeAt: 0,
    watched: false,
    target: {
      cse,
      shard,
      subscription: id,
      target: number,
      address,
      next: 1,
      sent: 1,
      acknowledged: 1,
      failures: 0,
      retryAt: 0,
      dropped: 0,
    },
  };
}
