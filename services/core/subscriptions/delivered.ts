/** A notification that counts has arrived (TS-0004 7.4.8.1 expirationCounter; decisions "Wire": `exc` counts successes). */
import type { CseDescription } from '../cse.ts';
import type { Change, NotificationIntent } from '../decision.ts';
import { dropDue } from '../operations/expiration.ts';
import type { StoredResource } from '../resource.ts';
import { tellEnd } from './events.ts';

export interface Delivered {
  changes: Change[];
  notifications: NotificationIntent[];
}

/**
 * Counts down; at 0 the subscription ends, with the notice to `su`. Call it only for notifications whose intent said
 * `countsForExpiration`. Never throws, needs nothing.
 */
export function decideDelivered(subscription: StoredResource, cse: CseDescription, _now: number): Delivered {
  const { exc } = subscription.attributes;
  if (typeof exc !== 'number') return { changes: [], notifications: [] };
  if (exc > 1) {
    const attributes = { ...subscription.attributes, exc: exc - 1 };
    return { changes: [{ kind: 'update', resource: { ...subscription, attributes } }], notifications: [] };
  }
  return { changes: endOf(subscription, cse), notifications: tellEnd(subscription, cse) };
}

/** The rows that go with a subscription. */
export function endOf(subscription: StoredResource, cse: CseDescription): Change[] {
  const changes: Change[] = [{ kind: 'remove', resource: subscription }];
  if (subscription.expiresAt !== null) changes.push(dropDue('expiry', subscription, subscription.expiresAt));
  if (subscription.parentId === cse.baseId) {
    changes.push({ kind: 'baseSubscriptions', action: 'change', cse: cse.number });
  }
  return changes;
}
