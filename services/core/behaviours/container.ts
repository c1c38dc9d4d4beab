/** container: limits that change under its instances (TS-0004 7.4.6; TS-0004 7.4.6). */
import { putDue } from '../operations/expiration.ts';
import type { Counters, StoredResource } from '../resource.ts';
import type { Behaviour, Modification } from './behaviour.ts';

export const containerBehaviour: Behaviour = {
  modify(modification) {
    const { before, resource, situation, counters } = modification;
    if (counters === undefined) return undefined;
    if (before.attributes.disr === true && resource.attributes.disr !== true) clear(modification, counters);
    else applyLimits(modification, counters);
    watchAges(modification, situation.now);
    return undefined;
  },
};

/** TS-0001 9.6.6: disr from true to false removes all that was not to be retrieved. */
function clear(modification: Modification, counters: Counters): void {
  if (counters.instances === 0) return;
  cutAt(modification, { ...counters, instances: 0, bytes: 0, lowestSequence: counters.nextSequence });
}

/** Lower limits hold at once: the oldest go. */
function applyLimits(modification: Modification, counters: Counters): void {
  const { situation, resource } = modification;
  const mni = numberOf(resource, 'mni');
  const mbs = numberOf(resource, 'mbs');
  const tooMany = mni !== undefined && counters.instances > mni;
  const tooLarge = mbs !== undefined && counters.bytes > mbs;
  if (!tooMany && !tooLarge) return;
  const cut = situation.known.cut(resource, tooMany ? mni : undefined, tooLarge ? mbs : undefined);
  cutAt(modification, { ...counters, ...cut });
}

/** A mark hides what is below it; its rows go in portions (R13). */
function cutAt(modification: Modification, counters: Counters): void {
  const { resource, effects, situation } = modification;
  const { shard, cse, id } = resource;
  const { instances, bytes, stateTag, nextSequence, lowestSequence } = counters;
  modification.counters = { instances, bytes, stateTag, nextSequence, lowestSequence };
  effects.changes.push(
    { kind: 'evict', container: { shard, cse, id }, belowSequence: lowestSequence, rows: 'later' },
    putDue('sweep', resource, situation.now),
  );
}

/**
 * Instances that are there keep the life they have. Where it ends before the container's from now on, or new ones will age
 * faster, the timer must look.
 */
function watchAges({ before, resource, effects, counters }: Modification, now: number): void {
  if (counters === undefined || counters.instances === 0) return;
  const mia = numberOf(resource, 'mia');
  if (mia !== undefined && mia !== numberOf(before, 'mia'))
    effects.changes.push(putDue('age', resource, now + mia * 1000));
  const { expiresAt } = before;
  if (expiresAt !== null && (resource.expiresAt === null || resource.expiresAt > expiresAt)) {
    effects.changes.push(putDue('age', resource, expiresAt));
  }
}

function numberOf({ attributes }: StoredResource, name: 'mni' | 'mbs' | 'mia'): number | undefined {
  const value = attributes[name];
  return typeof value === 'number' ? value : undefined;
}
