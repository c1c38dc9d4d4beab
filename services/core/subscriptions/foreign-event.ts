import type { CseDescription } from '../cse.ts';
import type { NotificationIntent, SubscriptionEvent } from '../decision.ts';
import type { StoredResource } from '../resource.ts';
import { intentsOf, wants } from './events.ts';

/** An event of another shard, decided where its subscription lives (R22): who is to be notified of what. */
export function decideForeignEvent(
  event: SubscriptionEvent,
  subscription: StoredResource,
  cse: CseDescription,
): NotificationIntent[] {
  return wants(subscription, event) ? intentsOf(subscription, event, cse) : [];
}
