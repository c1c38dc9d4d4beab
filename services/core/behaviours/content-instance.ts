/** contentInstance: counted, aged and evicted in its container (TS-0004 7.4.7; TS-0001 9.6.7; R15). */
import type { WorkingSet } from '../decision.ts';
import { dropDue, putDue } from '../operations/expiration.ts';
import { findParent } from '../operations/find-parent.ts';
import { retrievalDisabled } from '../operations/find-target.ts';
import { Operation } from '../primitives.ts';
import type { Counters, StoredResource } from '../resource.ts';
import { CseError, Status } from '../status-codes.ts';
import { formatTimestamp } from '../timestamps.ts';
import type { Behaviour, Creation } from './behaviour.ts';
import { contentSize } from './content-size.ts';

export const contentInstanceBehaviour: Behaviour = {
  refuse(situation, operation, resource) {
    if (operation !== Operation.retrieve && operation !== Operation.delete) return;
    if (findParent(situation, resource)?.attributes.disr === true) throw retrievalDisabled();
  },

  create(creation) {
    const { situation, parent: container, given, resource, effects } = creation;
    const { mbs } = container.attributes;
    const size = contentSize(given.con);
    if (typeof mbs === 'number' && size > mbs) {
      throw new CseError(
        Status.notAcceptable,
        `The content has ${size} bytes; the container takes at most ${mbs} (mbs).`,
      );
    }
    const before = situation.known.counters(container);
    const stateTag = before.stateTag + 1;
    resource.size = size;
    resource.sequence = before.nextSequence;
    resource.attributes.cs = size;
    resource.attributes.st = stateTag;
    limitAge(creation, before);
    const after: Counters = {
      stateTag,
      instances: before.instances + 1,
      bytes: before.bytes + size,
      nextSequence: before.nextSequence + 1,
      lowestSequence: before.lowestSequence,
    };
    if (exceedsLimits(container, after)) {
      evictOldest(situation.known, container, after, resource);
      effects.changes.push({
        kind: 'evict',
        container: keyOf(container),
        belowSequence: after.lowestSequence,
        rows: 'now',
      });
    }
    effects.changes.push({ kind: 'counters', key: keyOf(container), counters: after });
    return undefined;
  },

  remove({ known }, resource, container, effects) {
    if (container === null) return;
    const before = known.counters(container);
    effects.changes.push({
      kind: 'counters',
      key: keyOf(container),
      counters: { ...before, instances: before.instances - 1, bytes: before.bytes - resource.size },
    });
    if (hasOwnLife(resource, container) && resource.expiresAt !== null) {
      effects.changes.push(dropDue('expiry', resource, resource.expiresAt));
    }
  },
};

/**
 * mia (maxInstanceAge) shortens the life, and whatever ends before the container must be seen to: an own `et` by an item of its
 * own; what the container imposes by one item for the container, put with its first instance and renewed by the timer.
 */
function limitAge({ situation, parent: container, given, resource, effects }: Creation, { instances }: Counters): void {
  const { mia } = container.attributes;
  const aged = typeof mia === 'number' ? situation.now + mia * 1000 : Number.POSITIVE_INFINITY;
  const isAged = resource.expiresAt === null || aged < resource.expiresAt;
  if (Number.isFinite(aged) && isAged) {
    resource.expiresAt = aged;
    resource.attributes.et = formatTimestamp(aged);
  }
  const { expiresAt } = resource;
  if (expiresAt === null || !hasOwnLife(resource, container)) return;
  if (given.et !== undefined && !(isAged && Number.isFinite(aged))) {
    effects.changes.push(putDue('expiry', resource, expiresAt));
  } else if (instances === 0) effects.changes.push(putDue('age', container, expiresAt));
}

/** False for the life that an instance inherits: it goes with its container. */
export function hasOwnLife(instance: { expiresAt: number | null }, container: StoredResource): boolean {
  return instance.expiresAt !== null && (container.expiresAt === null || instance.expiresAt < container.expiresAt);
}

function exceedsLimits({ attributes: { mni, mbs } }: StoredResource, { instances, bytes }: Counters): boolean {
  return (typeof mni === 'number' && instances > mni) || (typeof mbs === 'number' && bytes > mbs);
}

/**
 * Takes the oldest out of the counters until the limits hold; the newest too where nothing may stay (`mni` 0). Silent: these
 * are no deletions that anybody is notified of (TS-0001 9.6.7).
 */
function evictOldest(known: WorkingSet, container: StoredResource, counters: Counters, newest: StoredResource): void {
  const { mni } = container.attributes;
  const others = counters.instances - 1;
  let count = typeof mni === 'number' ? Math.min(others, Math.max(1, counters.instances - mni)) : 1;
  let index = 0;
  let oldest = others > 0 ? known.oldestInstances(container, count) : [];
  while (exceedsLimits(container, counters)) {
    if (index === oldest.length && index < others && oldest.length >= count) {
      count = Math.min(others, count * 2);
      oldest = known.oldestInstances(container, count);
    }
    const victim = oldest[index++] ?? newest;
    counters.instances--;
    counters.bytes -= victim.size;
    counters.lowestSequence = victim.sequence + 1;
    if (victim === newest) return;
  }
}

function keyOf({ shard, cse, id }: StoredResource): { shard: number; cse: number; id: string } {
  return { shard, cse, id };
}
