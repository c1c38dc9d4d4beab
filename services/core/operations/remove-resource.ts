/** The end of a resource, by DELETE or because its time is over: the same to everybody (TS-0004 7.3.3.8; TS-0001 9.6.1.3). */
import { behaviourOf } from '../behaviours/registry.ts';
import type { StoredResource } from '../resource.ts';
import { EventType, tellSubscriptions } from '../subscriptions/events.ts';
import { isLeaf } from './definition-of.ts';
import { dropDue, putDue } from './expiration.ts';
import { findParent } from './find-parent.ts';
import { countersOf } from './show.ts';
import type { Effects, Situation } from './situation.ts';

const instanceType = 4;

/**
 * A leaf goes with its row; anything else is marked with all that is below it, and swept by timer work (R13). Subscriptions to
 * the resource and to its parent are told; of what is below the sweep tells.
 */
export function removeResource(situation: Situation, resource: StoredResource, effects: Effects): void {
  const parent = findParent(situation, resource);
  const counters = countersOf(situation, resource);
  const state = counters === undefined ? {} : { counters };
  const leaf = isLeaf(resource);
  if (!leaf) tellSubscriptions(situation, resource, { type: EventType.delete, resource, ...state }, effects);
  if (parent !== null) {
    tellSubscriptions(situation, parent, { type: EventType.childDeleted, resource, ...state }, effects);
  }
  if (leaf) effects.changes.push({ kind: 'remove', resource });
  else effects.changes.push({ kind: 'removeSubtree', resource }, putDue('sweep', resource, situation.now));
  // An instance knows itself whether it has an item.
  if (resource.type !== instanceType && resource.expiresAt !== null) {
    effects.changes.push(dropDue('expiry', resource, resource.expiresAt));
  }
  behaviourOf(resource.type).remove?.(situation, resource, parent, effects);
}
