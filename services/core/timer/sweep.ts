import type { CseDescription } from '../cse.ts';
import { dropDue } from '../operations/expiration.ts';
import { noEffects } from '../operations/situation.ts';
import type { StoredResource } from '../resource.ts';
import { EventType, tellEnd } from '../subscriptions/events.ts';
import { decideForeignEvent } from '../subscriptions/foreign-event.ts';
import type { TimerDecision } from './timer-decision.ts';

const instanceType = 4;
const subscriptionType = 23;

/**
 * A portion of what is under a mark, or below the lowest sequence of a container (R13), deepest first; the marked resource comes
 * last of all. Rows go, and subscriptions among them tell their end. Subscriptions to what is below the marked resource are
 * told of its deletion where both are in one portion; those to the marked resource itself were told when it was marked.
 *
 * An AE's entry in the directory went with the mark: by now the AE-ID may belong to another.
 */
export function decideSweep(
  portion: { resources: readonly StoredResource[]; more: boolean },
  cse: CseDescription,
  now: number,
): TimerDecision {
  const effects = noEffects();
  const { resources, more } = portion;
  const byId = new Map(resources.map((resource) => [resource.id, resource]));
  const marked = more ? undefined : resources.at(-1);
  for (const resource of resources) {
    if (resource.type === subscriptionType) {
      const parent = byId.get(resource.parentId);
      if (parent !== undefined && parent !== marked) {
        const event = { type: EventType.delete, resource: parent, originator: cse.id, at: now };
        effects.notifications.push(...decideForeignEvent(event, resource, cse));
      }
      effects.notifications.push(...tellEnd(resource, cse));
    }
    effects.changes.push({ kind: 'remove', resource });
    if (resource.type !== instanceType && resource.expiresAt !== null) {
      effects.changes.push(dropDue('expiry', resource, resource.expiresAt));
    }
  }
  return effects;
}
