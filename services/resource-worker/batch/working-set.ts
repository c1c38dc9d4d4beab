import {
  type Change,
  type DescendantQuery,
  MissingFact,
  type Need,
  needKey,
  type QueryPage,
  type WorkingSet,
} from '../../core/decision.ts';
import type { Counters, InstanceSummary, StoredResource } from '../../core/resource.ts';
import type { Fact, LoadedResource } from '../../ports/resource-store.ts';
import type { ForeignCache } from '../cache/foreign-cache.ts';
import type { PartitionCache } from '../cache/partition-cache.ts';
import { absenceKey, entryKey, type ResourceEntry } from '../cache/resource-entry.ts';
import { Overlay } from './overlay.ts';

/** Thrown where only the committed state can tell, and this batch has already changed it: the batch ends before (R9). */
export class BatchMustClose extends Error {
  override name = 'BatchMustClose';
}

/** A row of another shard that a decision rests on. */
export interface Reliance {
  cse: number;
  shard: number;
  id: string;
  version: number;
}

const containerType = 3;
const instanceType = 4;

/** Fewest of the oldest instances to ask for at once: a full container evicts one with each create. */
const oldestAtOnce = 256;

/**
 * What is known to one batch: the owner's cache, what was loaded for the batch, and on top the changes of the requests
 * decided before. See WorkingSet for the promises.
 */
export class BatchWorkingSet implements WorkingSet {
  readonly overlay: Overlay;
  /** Rows of other shards read by the request in hand; emptied by the flow. */
  reliances = new Map<string, Reliance>();
  /** Versions of CSEBase subscriptions seen by the request in hand. */
  baseVersions = new Map<number, number>();
  /** Log time up to which expiry is judged, ms. */
  logTime = 0;

  readonly #cache: PartitionCache;
  readonly #foreign: ForeignCache;
  readonly #owns: (shard: number) => boolean;
  readonly #facts = new Map<string, Fact>();
  readonly #absent = new Set<string>();

  constructor(cache: PartitionCache, foreign: ForeignCache, owns: (shard: number) => boolean, version: number) {
    this.#cache = cache;
    this.#foreign = foreign;
    this.#owns = owns;
    this.overlay = new Overlay(cache, version);
  }

  /** True for a need that is answered already: the first pass asks for nothing twice. */
  knows(need: Need): boolean {
    switch (need.kind) {
      case 'resource':
        return this.#isKnown(need.cse, need.shard, need.id);
      case 'path': {
        const path = entryKey(need.cse, need.path);
        if (!this.#owns(need.shard)) return this.#foreign.get(`p:${path}`) !== undefined;
        const id = this.overlay.idAt(path);
        return id === null || (id !== undefined && this.#isKnown(need.cse, need.shard, id));
      }
      default:
        return this.#facts.has(needKey(need));
    }
  }

  #isKnown(cse: number, shard: number, id: string): boolean {
    if (!this.#owns(shard)) return this.#foreignEntry(cse, shard, id) !== undefined;
    return this.overlay.entry(entryKey(cse, id)) !== undefined || this.#absent.has(absenceKey(cse, shard, id));
  }

  #foreignEntry(cse: number, shard: number, id: string): ResourceEntry | null | undefined {
    return this.#foreign.get(entryKey(cse, id)) ?? this.#foreign.get(absenceKey(cse, shard, id));
  }

  /** Takes in what the store answered. `askedAt`: monotonic time of the question, ms. */
  learn(needs: readonly Need[], facts: readonly Fact[], askedAt: number): void {
    needs.forEach((need, index) => {
      const fact = facts[index];
      if (fact === undefined) return;
      if (fact.kind === 'resource' || fact.kind === 'path') this.#learnResource(need, fact.found, askedAt);
      else if (fact.kind === 'latest') this.#learnLatest(need, fact.found);
      else if (fact.kind === 'oldestInstances') this.#learnOldest(need, fact.instances);
      else this.#facts.set(needKey(need), fact);
    });
  }

  #learnResource(need: Need, found: LoadedResource | null, askedAt: number): void {
    if (need.kind !== 'resource' && need.kind !== 'path') return;
    const key = found === null ? undefined : entryKey(need.cse, found.resource.id);
    const entry = found === null ? null : toEntry(found);
    if (!this.#owns(need.shard)) {
      if (key !== undefined) this.#foreign.set(key, entry, askedAt);
      if (need.kind === 'path') this.#foreign.set(`p:${entryKey(need.cse, need.path)}`, entry, askedAt);
      else if (key === undefined) this.#foreign.set(absenceKey(need.cse, need.shard, need.id), null, askedAt);
      return;
    }
    if (need.kind === 'path') this.#cache.paths.set(entryKey(need.cse, need.path), found?.resource.id ?? null);
    if (key !== undefined && entry !== null) {
      // What the cache holds is newer in what it knows of instances; the row itself is the same (one writer, R24).
      if (this.#cache.entries.get(key) === undefined) this.#cache.entries.set(key, entry);
    } else if (need.kind === 'resource') this.#absent.add(absenceKey(need.cse, need.shard, need.id));
  }

  #learnLatest(need: Need, found: StoredResource | null): void {
    if (need.kind !== 'latest') return;
    this.overlay.learn(entryKey(need.cse, need.parentId), { latest: found });
  }

  #learnOldest(need: Need, instances: InstanceSummary[]): void {
    if (need.kind !== 'oldestInstances') return;
    const oldestComplete = instances.length < need.count;
    this.overlay.learn(entryKey(need.cse, need.parentId), { oldest: instances, oldestComplete });
  }

  apply(changes: readonly Change[]): void {
    for (const change of changes) this.overlay.apply(change);
  }

  /** Reads what decides no change (a route, an address): the commit does not depend on it. */
  unbound<Result>(read: () => Result): Result {
    const { reliances } = this;
    this.reliances = new Map();
    try {
      return read();
    } finally {
      this.reliances = reliances;
    }
  }

  // ---- WorkingSet ----------------------------------------------------------------------------------------------------

  resource(cse: number, shard: number, id: string): StoredResource | null {
    const entry = this.#entry(cse, shard, id);
    return entry === null ? null : this.#visible(entry);
  }

  /** As `resource`, but also what has expired: for the timer work that removes it. */
  expired(cse: number, shard: number, id: string): StoredResource | null {
    const entry = this.#entry(cse, shard, id);
    return entry === null || this.overlay.isUnderMark(entry.resource) ? null : entry.resource;
  }

  resourceAt(cse: number, shard: number, path: string): StoredResource | null {
    const key = entryKey(cse, path);
    if (!this.#owns(shard)) {
      const entry = this.#foreign.get(`p:${key}`);
      if (entry === undefined) throw new MissingFact({ kind: 'path', cse, shard, path });
      if (entry === null) return null;
      this.#rely(entry.resource);
      return this.#notExpired(entry.resource);
    }
    const entry = this.#entryAt(cse, shard, path);
    return entry === null ? null : this.#visible(entry);
  }

  isTaken(cse: number, shard: number, path: string): boolean {
    const entry = this.#entryAt(cse, shard, path);
    return entry !== null && this.#isThere(entry);
  }

  #entryAt(cse: number, shard: number, path: string): ResourceEntry | null {
    const id = this.overlay.idAt(entryKey(cse, path));
    if (id === null) return null;
    const entry = id === undefined ? undefined : this.overlay.entry(entryKey(cse, id));
    if (entry === undefined) throw new MissingFact({ kind: 'path', cse, shard, path });
    return entry;
  }

  counters(container: StoredResource): Counters {
    const entry = this.#ownEntry(container);
    if (entry.counters === undefined) throw new MissingFact(resourceNeed(container));
    return entry.counters;
  }

  subscriptions(parent: StoredResource): StoredResource[] {
    const entry = this.#owns(parent.shard) ? this.#ownEntry(parent) : this.#entry(parent.cse, parent.shard, parent.id);
    if (entry === null) return [];
    if (entry.baseSubscriptionsVersion !== undefined) {
      this.baseVersions.set(parent.cse, entry.baseSubscriptionsVersion);
    }
    // One that lives as long as its parent is there when the end of the parent is told.
    return entry.subscriptions.filter(
      (subscription) => this.#notExpired(subscription) !== null || endsWith(subscription, parent),
    );
  }

  latest(container: StoredResource): StoredResource | null {
    const { latest } = this.#ownEntry(container);
    if (latest === null) return null;
    if (latest !== undefined && this.#notExpired(latest) !== null) return latest;
    this.#mustBeClean(container);
    throw new MissingFact({ kind: 'latest', ...keyOf(container), now: this.logTime });
  }

  oldest(container: StoredResource): StoredResource | null {
    this.#mustBeClean(container);
    const need: Need = { kind: 'oldest', ...keyOf(container), now: this.logTime };
    const fact = this.#fact(need);
    return fact.kind === 'oldest' ? fact.found : null;
  }

  oldestInstances(container: StoredResource, count: number): InstanceSummary[] {
    const { oldest, oldestComplete } = this.#ownEntry(container);
    if (oldest !== undefined && (oldestComplete === true || oldest.length >= count)) return [...oldest];
    this.#mustBeClean(container);
    throw new MissingFact({ kind: 'oldestInstances', ...keyOf(container), count: Math.max(count, oldestAtOnce) });
  }

  cut(container: StoredResource, keepCount: number | undefined, keepBytes: number | undefined) {
    this.#mustBeClean(container);
    const need: Need = {
      kind: 'cut',
      ...keyOf(container),
      ...(keepCount === undefined ? {} : { keepCount }),
      ...(keepBytes === undefined ? {} : { keepBytes }),
    };
    const fact = this.#fact(need);
    if (fact.kind !== 'cut') throw new MissingFact(need);
    return fact;
  }

  query(query: DescendantQuery): QueryPage {
    if (query.shard === undefined ? this.overlay.isDirty() : this.overlay.isShardDirty(query.shard)) {
      throw new BatchMustClose();
    }
    const need: Need = { kind: 'query', query };
    const fact = this.#fact(need);
    if (fact.kind !== 'query') throw new MissingFact(need);
    return fact.page;
  }

  aeHome(cse: number, aeId: string): number | null {
    const changed = this.overlay.aeHome(cse, aeId);
    if (changed !== undefined) return changed;
    const fact = this.#fact({ kind: 'aeHome', cse, aeId });
    return fact.kind === 'aeHome' ? fact.home : null;
  }

  latestChildExpiry(parent: StoredResource): number | null {
    if (this.overlay.isShardDirty(parent.shard)) throw new BatchMustClose();
    const fact = this.#fact({ kind: 'latestChildExpiry', ...keyOf(parent) });
    return fact.kind === 'latestChildExpiry' ? fact.at : null;
  }

  // ---- inside --------------------------------------------------------------------------------------------------------

  #fact(need: Need): Fact {
    const fact = this.#facts.get(needKey(need));
    if (fact === undefined) throw new MissingFact(need);
    return fact;
  }

  /** What was loaded of a container's instances does not show the changes of this batch. */
  #mustBeClean(container: StoredResource): void {
    if (this.overlay.isContainerDirty(entryKey(container.cse, container.id))) throw new BatchMustClose();
  }

  #entry(cse: number, shard: number, id: string): ResourceEntry | null {
    const key = entryKey(cse, id);
    if (this.#owns(shard)) {
      const entry = this.overlay.entry(key);
      if (entry !== undefined) return entry;
      if (this.#absent.has(absenceKey(cse, shard, id))) return null;
      throw new MissingFact({ kind: 'resource', cse, shard, id });
    }
    const entry = this.#foreignEntry(cse, shard, id);
    if (entry === undefined) throw new MissingFact({ kind: 'resource', cse, shard, id });
    if (entry === null) this.reliances.set(absenceKey(cse, shard, id), { cse, shard, id, version: 0 });
    else this.#rely(entry.resource);
    return entry;
  }

  #ownEntry(resource: StoredResource): ResourceEntry {
    const entry = this.overlay.entry(entryKey(resource.cse, resource.id));
    if (entry === undefined || entry === null) throw new MissingFact(resourceNeed(resource));
    return entry;
  }

  #rely({ cse, shard, id, version }: StoredResource): void {
    this.reliances.set(entryKey(cse, id), { cse, shard, id, version });
  }

  #notExpired(resource: StoredResource): StoredResource | null {
    return resource.expiresAt !== null && resource.expiresAt <= this.logTime ? null : resource;
  }

  #visible(entry: ResourceEntry): StoredResource | null {
    return this.#isThere(entry) ? this.#notExpired(entry.resource) : null;
  }

  /** Not under a mark, and not evicted from its container. */
  #isThere({ resource }: ResourceEntry): boolean {
    if (this.overlay.isUnderMark(resource)) return false;
    if (resource.type !== instanceType || !this.#owns(resource.shard)) return true;
    const container = this.#entry(resource.cse, resource.shard, resource.parentId);
    return container !== null && resource.sequence >= (container.counters?.lowestSequence ?? 0);
  }
}

function keyOf({ cse, shard, id }: StoredResource): { cse: number; shard: number; parentId: string } {
  return { cse, shard, parentId: id };
}

function endsWith(child: StoredResource, parent: StoredResource): boolean {
  return child.expiresAt !== null && parent.expiresAt !== null && child.expiresAt >= parent.expiresAt;
}

function resourceNeed({ cse, shard, id }: StoredResource): Need {
  return { kind: 'resource', cse, shard, id };
}

function toEntry(found: LoadedResource): ResourceEntry {
  const { resource, counters, subscriptions, baseSubscriptionsVersion } = found;
  const isNewContainer = resource.type === containerType && counters?.nextSequence === 0;
  return {
    resource,
    subscriptions,
    ...(counters === undefined ? {} : { counters }),
    ...(baseSubscriptionsVersion === undefined ? {} : { baseSubscriptionsVersion }),
    ...(isNewContainer ? { latest: null } : {}),
  };
}
