import type { CseDescription } from '../cse.ts';
import type { WorkingSet } from '../decision.ts';
import { removeResource } from '../operations/remove-resource.ts';
import { noEffects } from '../operations/situation.ts';
import type { StoredResource } from '../resource.ts';
import { type TimerDecision, timerSituation } from './timer-decision.ts';

/**
 * The time of a resource is over: it goes as by a DELETE, with the notifications and the counters of its parent (TS-0001 9.6.1.3). The caller has seen that its `et` has passed. `now`: the worker's clock, ms.
 */
export function decideExpiry(
  resource: StoredResource,
  known: WorkingSet,
  cse: CseDescription,
  now: number,
): TimerDecision {
  const effects = noEffects();
  if (goesWithParent(resource, known, cse)) return effects;
  removeResource(timerSituation(known, cse, now), resource, effects);
  return effects;
}

/** Its parent ends now as well: that is what is told, and the sweep takes what is below. */
function goesWithParent(resource: StoredResource, known: WorkingSet, cse: CseDescription): boolean {
  const { shard, parentId, expiresAt } = resource;
  if (parentId === cse.baseId || expiresAt === null) return false;
  const parent = known.expired(cse.number, shard, parentId);
  return parent === null || (parent.expiresAt !== null && parent.expiresAt <= expiresAt);
}
