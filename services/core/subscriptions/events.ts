/** Which subscriptions are told of what happens (TS-0004 7.5.1.2.2; R22). */
import type { CseDescription } from '../cse.ts';
import type { NotificationIntent, SubscriptionEvent } from '../decision.ts';
import { matchesFilter, readFilterCriteria } from '../filter-criteria.ts';
import { isCseBase } from '../operations/find-parent.ts';
import type { Effects, Situation } from '../operations/situation.ts';
import type { FilterCriteria } from '../primitives.ts';
import type { StoredResource } from '../resource.ts';
import { eventTypesOf } from '../resource-types/subscription.ts';
import { deletionNotice, eventNotification } from './notification-content.ts';
import { targetsOf } from './notification-targets.ts';

/** m2m:notificationEventType. */
export const EventType = { update: 1, delete: 2, childCreated: 3, childDeleted: 4 } as const;

interface EventCriteria {
  atr?: string[];
  chty?: number[];
  [condition: string]: unknown;
}

/** Members of `enc` that are conditions on the resource, as in filter criteria. */
const conditionTags = ['crb', 'cra', 'ms', 'us', 'sts', 'stb', 'exb', 'exa', 'sza', 'szb'] as const;

/**
 * Tells the subscriptions of `subject`. Those of the CSEBase live in shards of their own: what another partition owns is told
 * by an internal record, and that the list was complete becomes a condition of the commit.
 */
export function tellSubscriptions(
  situation: Situation,
  subject: StoredResource,
  event: Omit<SubscriptionEvent, 'originator' | 'at'>,
  effects: Effects,
): void {
  const { known, cse, owns, originator, now } = situation;
  const isOfBase = isCseBase(subject);
  if (isOfBase) effects.changes.push({ kind: 'baseSubscriptions', action: 'rely', cse: cse.number });
  const subscriptions = known.subscriptions(subject);
  if (subscriptions.length === 0) return;
  const told: SubscriptionEvent = { ...event, originator, at: now };
  for (const subscription of subscriptions) {
    // Of its own end a subscription tells by its deletion notice.
    if (subscription.id === event.resource.id || !wants(subscription, told)) continue;
    if (!isOfBase || owns(subscription.shard)) effects.notifications.push(...intentsOf(subscription, told, cse));
    else
      effects.foreignEvents.push({
        subscription: keyOf(subscription),
        event: { ...told, resource: bare(told.resource) },
      });
  }
}

/** One notification for each target. */
export function intentsOf(
  subscription: StoredResource,
  event: SubscriptionEvent,
  cse: CseDescription,
): NotificationIntent[] {
  const content = eventNotification(subscription, event, cse);
  const countsForExpiration = subscription.attributes.exc !== undefined;
  return targetsOf(subscription).map(({ address }) => ({
    subscription,
    target: address,
    content,
    countsForExpiration,
  }));
}

/** The notice to `su`, if there is one. */
export function tellEnd(subscription: StoredResource, cse: CseDescription): NotificationIntent[] {
  const subscriber = subscription.hidden?.subscriber;
  if (typeof subscriber !== 'string') return [];
  return [{ subscription, target: subscriber, content: deletionNotice(subscription, cse), countsForExpiration: false }];
}

/** Whether a subscription asks for an event: its type, and what `enc` wants of it. */
export function wants(subscription: StoredResource, event: SubscriptionEvent): boolean {
  const { attributes } = subscription;
  if (!eventTypesOf(attributes).includes(event.type)) return false;
  const criteria = attributes.enc as EventCriteria | undefined;
  if (criteria === undefined) return true;
  if (event.type === EventType.update && criteria.atr !== undefined) {
    const { modified = [] } = event;
    if (!criteria.atr.some((name) => modified.includes(name))) return false;
  }
  const isOfChild = event.type === EventType.childCreated || event.type === EventType.childDeleted;
  if (isOfChild && criteria.chty !== undefined && !criteria.chty.includes(event.resource.type)) return false;
  return meetsConditions(criteria, event);
}

/** Conditions are asked of the resource that the notification shows. */
function meetsConditions(criteria: EventCriteria, event: SubscriptionEvent): boolean {
  let conditions: FilterCriteria | undefined;
  for (const tag of conditionTags) {
    if (criteria[tag] === undefined) continue;
    conditions ??= {};
    conditions[tag] = criteria[tag];
  }
  if (conditions === undefined) return true;
  if (criteria.fo !== undefined) conditions.fo = criteria.fo;
  return matchesFilter(readFilterCriteria(conditions, { receivedAt: event.at }), event.resource, event.counters);
}

function keyOf({ shard, cse, id }: StoredResource): { shard: number; cse: number; id: string } {
  return { shard, cse, id };
}

/** What the CSE keeps to itself does not travel. */
function bare(resource: StoredResource): StoredResource {
  const { hidden: _, ...rest } = resource;
  return rest;
}
