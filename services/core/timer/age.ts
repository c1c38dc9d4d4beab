import { hasOwnLife } from '../behaviours/content-instance.ts';
import type { CseDescription } from '../cse.ts';
import { MissingFact, type Need, type WorkingSet } from '../decision.ts';
import { putDue } from '../operations/expiration.ts';
import { type Effects, noEffects, type Situation } from '../operations/situation.ts';
import type { Counters, InstanceSummary, StoredResource } from '../resource.ts';
import { eventTypesOf } from '../resource-types/subscription.ts';
import { EventType, tellSubscriptions } from '../subscriptions/events.ts';
import { type TimerDecision, timerSituation } from './timer-decision.ts';

/** Instances that one item looks at. */
const agedAtOnce = 256;

/**
 * Instances of a container whose time is over go, and subscriptions are told as of a DELETE: only eviction by `mni` and `mbs` is
 * silent (TS-0004 7.4.8). Puts the next item. `logTime`: what has expired is judged by it, ms.
 */
export function decideAge(
  container: StoredResource,
  known: WorkingSet,
  cse: CseDescription,
  logTime: number,
): TimerDecision {
  const effects = noEffects();
  const counters = known.counters(container);
  if (counters.instances === 0) return effects;
  const oldest = known.oldestInstances(container, agedAtOnce);
  const isOver = ({ expiresAt }: InstanceSummary) => expiresAt !== null && expiresAt <= logTime;
  const over = oldest.filter(isOver);
  if (over.length > 0) {
    const front = oldest.findIndex((instance) => !isOver(instance));
    const inFront = front < 0 ? oldest : oldest.slice(0, front);
    removeAged(timerSituation(known, cse, logTime), container, counters, inFront, over.slice(inFront.length), effects);
  }
  const next = nextAge(container, counters, oldest, over.length, logTime);
  if (next !== undefined) effects.changes.push(putDue('age', container, next));
  return effects;
}

/** The expired at the front go by one mark, those between younger ones row by row. */
function removeAged(
  situation: Situation,
  container: StoredResource,
  before: Counters,
  inFront: readonly InstanceSummary[],
  between: readonly InstanceSummary[],
  effects: Effects,
): void {
  const { shard, cse, id } = container;
  const counters = { ...before };
  for (const { size } of [...inFront, ...between]) {
    counters.instances--;
    counters.bytes -= size;
  }
  if (isWatched(situation.known, container)) {
    for (const resource of rowsOf(situation, container, [...inFront, ...between])) {
      tellSubscriptions(situation, container, { type: EventType.childDeleted, resource }, effects);
    }
  }
  const last = inFront.at(-1);
  if (last !== undefined) {
    const belowSequence = last.sequence + 1;
    counters.lowestSequence = belowSequence;
    effects.changes.push({ kind: 'evict', container: { shard, cse, id }, belowSequence, rows: 'now' });
  }
  for (const resource of rowsOf(situation, container, between)) effects.changes.push({ kind: 'remove', resource });
  effects.changes.push({ kind: 'counters', key: { shard, cse, id }, counters });
}

/** Whether anybody is to hear of instances that go: only then are they loaded. */
function isWatched(known: WorkingSet, container: StoredResource): boolean {
  return known.subscriptions(container).some((each) => eventTypesOf(each.attributes).includes(EventType.childDeleted));
}

/** What is missing of all of them is thrown at once. */
function rowsOf(
  { known }: Situation,
  { cse, shard }: StoredResource,
  instances: readonly InstanceSummary[],
): StoredResource[] {
  const missing: Need[] = [];
  const resources: StoredResource[] = [];
  for (const { id } of instances) {
    try {
      const resource = known.expired(cse, shard, id);
      if (resource !== null) resources.push(resource);
    } catch (thrown) {
      if (!(thrown instanceof MissingFact)) throw thrown;
      missing.push(...thrown.needs);
    }
  }
  if (missing.length > 0) throw new MissingFact(...missing);
  return resources;
}

/** When the container must be looked at again; undefined if its instances go with it. */
function nextAge(
  container: StoredResource,
  { instances }: Counters,
  oldest: readonly InstanceSummary[],
  removed: number,
  logTime: number,
): number | undefined {
  // All that was looked at is gone, and there is more.
  if (removed > 0 && removed === oldest.length && instances > removed) return logTime + 1;
  let next: number | undefined;
  for (const instance of oldest) {
    const { expiresAt } = instance;
    if (expiresAt === null || expiresAt <= logTime || !hasOwnLife(instance, container)) continue;
    if (next === undefined || expiresAt < next) next = expiresAt;
  }
  return next;
}
