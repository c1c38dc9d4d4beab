/** The notification object `m2m:sgn` (TS-0004 7.5.1.1; TS-0004 7.4.8). */
import type { CseDescription } from '../cse.ts';
import type { SubscriptionEvent } from '../decision.ts';
import type { Attributes, PrimitiveContent } from '../primitives.ts';
import { representationOf } from '../representation.ts';
import type { StoredResource } from '../resource.ts';
import { resourceTypeByNumber } from '../resource-types/registry.ts';

/** m2m:notificationContentType. */
const ContentType = { allAttributes: 1, modifiedAttributes: 2, resourceId: 3 } as const;

/** SP-relative address of a subscription (decisions "Wire"). */
export function subscriptionReference(subscription: StoredResource, cse: CseDescription): string {
  return `${cse.id}/${subscription.id}`;
}

export function eventNotification(
  subscription: StoredResource,
  event: SubscriptionEvent,
  cse: CseDescription,
): PrimitiveContent {
  const { attributes } = subscription;
  const notification: Attributes = {
    nev: { net: event.type, rep: eventRepresentation(attributes.nct, event, cse) },
    sur: subscriptionReference(subscription, cse),
  };
  if (attributes.cr !== undefined) notification.cr = attributes.cr;
  return { 'm2m:sgn': notification };
}

/** The subscription is gone (TS-0004 7.5.1.2.4). */
export function deletionNotice(subscription: StoredResource, cse: CseDescription): PrimitiveContent {
  return { 'm2m:sgn': { sud: true, sur: subscriptionReference(subscription, cse) } };
}

function eventRepresentation(contentType: unknown, event: SubscriptionEvent, cse: CseDescription): PrimitiveContent {
  const { resource } = event;
  if (contentType === ContentType.resourceId) return { 'm2m:uri': `${cse.id}/${resource.id}` };
  const member = resourceTypeByNumber(resource.type)?.member ?? 'm2m:resource';
  const all = representationOf(resource, event.counters, cse);
  if (contentType !== ContentType.modifiedAttributes || event.modified === undefined) return { [member]: all };
  const modified: Attributes = {};
  // What an update has removed is shown as null, as it was asked for.
  for (const name of event.modified) modified[name] = all[name] ?? null;
  return { [member]: modified };
}
