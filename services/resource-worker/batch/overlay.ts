import type { Change } from '../../core/decision.ts';
import type { StoredResource } from '../../core/resource.ts';
import type { Mark, PartitionCache } from '../cache/partition-cache.ts';
import { entryKey, type ResourceEntry } from '../cache/resource-entry.ts';

const instanceType = 4;
const subscriptionType = 23;

/** Most instances that an entry lists as the oldest. */
const oldestKept = 512;

/**
 * The changes of a batch that has not committed, over the owner's cache: later requests of the batch see them, and they go
 * into the cache at the commit or vanish with the batch.
 */
export class Overlay {
  readonly #cache: PartitionCache;
  readonly #version: number;
  readonly #entries = new Map<string, ResourceEntry | null>();
  readonly #paths = new Map<string, string | null>();
  readonly #marked = new Map<string, Mark>();
  readonly #unmarked = new Set<string>();
  readonly #aeHomes = new Map<string, number | null>();
  readonly #dirtyContainers = new Set<string>();
  readonly #dirtyShards = new Set<number>();

  /** `version`: of the fence at the commit of this batch; every row written gets it (R24). */
  constructor(cache: PartitionCache, version: number) {
    this.#cache = cache;
    this.#version = version;
  }

  /** The entry as this batch sees it; null: removed; undefined: not known. */
  entry(key: string): ResourceEntry | null | undefined {
    const changed = this.#entries.get(key);
    return changed !== undefined ? changed : this.#cache.entries.get(key);
  }

  /** What the store knows of a container's instances, beside a row that this batch may have changed. */
  learn(key: string, known: Pick<ResourceEntry, 'latest' | 'oldest' | 'oldestComplete'>): void {
    const changed = this.#entries.get(key);
    if (changed) this.#entries.set(key, { ...changed, ...known });
    const cached = this.#cache.entries.get(key);
    if (cached !== undefined) this.#cache.entries.set(key, { ...cached, ...known });
  }

  /** The ID at a path; null: nothing is there; undefined: not known. */
  idAt(pathKey: string): string | null | undefined {
    const changed = this.#paths.get(pathKey);
    return changed !== undefined ? changed : this.#cache.paths.get(pathKey);
  }

  aeHome(cse: number, aeId: string): number | null | undefined {
    return this.#aeHomes.get(entryKey(cse, aeId));
  }

  isDirty(): boolean {
    return this.#dirtyShards.size > 0;
  }

  isShardDirty(shard: number): boolean {
    return this.#dirtyShards.has(shard);
  }

  isContainerDirty(key: string): boolean {
    return this.#dirtyContainers.has(key);
  }

  /** True if a mark of removal on the resource or one of its ancestors hides it (R13). */
  isUnderMark({ cse, id, ancestors, version }: StoredResource): boolean {
    if (this.#marked.size === 0 && this.#cache.marks.size === 0) return false;
    const isHidden = (each: string) => {
      const mark = this.#mark(entryKey(cse, each));
      // Seeded rows have versions below 0.
      return mark !== undefined && version <= mark.until;
    };
    return isHidden(id) || (ancestors !== '' && ancestors.split('/').some(isHidden));
  }

  /** True if this batch has marked the resource: one of the same ID cannot come back before the commit tells them apart. */
  isMarkedNow(cse: number, id: string): boolean {
    return this.#marked.has(entryKey(cse, id));
  }

  #mark(key: string): Mark | undefined {
    return this.#marked.get(key) ?? (this.#unmarked.has(key) ? undefined : this.#cache.marks.get(key));
  }

  apply(change: Change): void {
    switch (change.kind) {
      case 'insert':
        return this.#insert(change.resource, change);
      case 'update':
        return this.#update(change.resource);
      case 'counters':
        return this.#setCounters(entryKey(change.key.cse, change.key.id), change.key.shard, change.counters);
      case 'remove':
        return this.#remove(change.resource);
      case 'removeSubtree':
        return this.#setMark(change.resource);
      case 'evict':
        return this.#evict(
          entryKey(change.container.cse, change.container.id),
          change.container.shard,
          change.belowSequence,
        );
      case 'aeHome':
        this.#aeHomes.set(entryKey(change.cse, change.aeId), change.action === 'insert' ? change.home : null);
        return;
      case 'baseSubscriptions':
      case 'due':
        return;
    }
  }

  #insert(resource: StoredResource, change: Extract<Change, { kind: 'insert' }>): void {
    resource.version = this.#version;
    this.#dirtyShards.add(resource.shard);
    const isContainer = change.counters !== undefined;
    this.#entries.set(entryKey(resource.cse, resource.id), {
      resource,
      subscriptions: [],
      ...(isContainer ? { counters: change.counters, latest: null, oldest: [], oldestComplete: true } : {}),
    });
    this.#paths.set(entryKey(resource.cse, resource.path), resource.id);
    if (resource.type === instanceType) this.#addInstance(resource);
    if (resource.type === subscriptionType) this.#changeSubscriptions(resource, (all) => [...all, resource]);
  }

  #addInstance(resource: StoredResource): void {
    const key = entryKey(resource.cse, resource.parentId);
    this.#dirtyContainers.add(key);
    const entry = this.entry(key);
    if (entry === undefined || entry === null) return;
    this.#entries.set(key, { ...entry, latest: resource, ...oldestWith(entry, resource) });
  }

  #update(resource: StoredResource): void {
    resource.version = this.#version;
    this.#dirtyShards.add(resource.shard);
    const key = entryKey(resource.cse, resource.id);
    const entry = this.entry(key);
    this.#entries.set(key, entry ? { ...entry, resource } : { resource, subscriptions: [] });
    if (resource.type === subscriptionType) {
      this.#changeSubscriptions(resource, (all) => all.map((each) => (each.id === resource.id ? resource : each)));
    }
  }

  #setCounters(key: string, shard: number, counters: NonNullable<ResourceEntry['counters']>): void {
    this.#dirtyShards.add(shard);
    const entry = this.entry(key);
    if (entry) this.#entries.set(key, { ...entry, counters });
  }

  #remove(resource: StoredResource): void {
    const key = entryKey(resource.cse, resource.id);
    this.#dirtyShards.add(resource.shard);
    // An AE that is back under the same ID is another resource: only what was meant goes.
    const present = this.entry(key);
    if (!present || present.resource.version <= resource.version) this.#entries.set(key, null);
    // A newer resource may stand at the same path already (R13): only the own one is taken from it.
    const pathKey = entryKey(resource.cse, resource.path);
    if (this.idAt(pathKey) === resource.id) this.#paths.set(pathKey, null);
    if (this.#mark(key)?.rootVersion === resource.version) this.#unmarked.add(key);
    if (resource.type === subscriptionType) {
      this.#changeSubscriptions(resource, (all) => all.filter((each) => each.id !== resource.id));
    }
    if (resource.type === instanceType) this.#removeInstance(resource);
  }

  #removeInstance(resource: StoredResource): void {
    const key = entryKey(resource.cse, resource.parentId);
    this.#dirtyContainers.add(key);
    const entry = this.entry(key);
    if (entry === undefined || entry === null) return;
    const { latest: known, ...rest } = entry;
    const latestStays = known === null || (known !== undefined && known.id !== resource.id);
    this.#entries.set(key, {
      ...rest,
      ...(latestStays ? { latest: known } : {}),
      ...(entry.oldest === undefined ? {} : { oldest: entry.oldest.filter((each) => each.id !== resource.id) }),
    });
  }

  #setMark(resource: StoredResource): void {
    this.#dirtyShards.add(resource.shard);
    this.#marked.set(entryKey(resource.cse, resource.id), { until: this.#version, rootVersion: resource.version });
    this.#paths.set(entryKey(resource.cse, resource.path), null);
  }

  #evict(key: string, shard: number, below: number): void {
    this.#dirtyShards.add(shard);
    this.#dirtyContainers.add(key);
    const entry = this.entry(key);
    if (entry === undefined || entry === null) return;
    const gone = entry.latest && entry.latest.sequence < below;
    this.#entries.set(key, {
      ...entry,
      ...(gone ? { latest: null } : {}),
      ...(entry.oldest === undefined ? {} : { oldest: entry.oldest.filter(({ sequence }) => sequence >= below) }),
      ...(entry.counters === undefined
        ? {}
        : { counters: { ...entry.counters, lowestSequence: Math.max(entry.counters.lowestSequence, below) } }),
    });
  }

  #changeSubscriptions(
    subscription: StoredResource,
    change: (all: readonly StoredResource[]) => readonly StoredResource[],
  ): void {
    const key = entryKey(subscription.cse, subscription.parentId);
    const entry = this.entry(key);
    if (entry) this.#entries.set(key, { ...entry, subscriptions: change(entry.subscriptions) });
  }

  /** The batch has committed: its changes are what the owner knows from now on. */
  mergeIntoCache(): void {
    for (const [key, mark] of this.#marked) this.#cache.marks.set(key, mark);
    for (const key of this.#unmarked) this.#cache.marks.delete(key);
    for (const [key, entry] of this.#entries) {
      // Instances come and go by the thousand: the cache keeps those that were read, and the newest beside its container.
      if (entry === null || entry.resource.type === instanceType) this.#cache.entries.delete(key);
      else this.#cache.entries.set(key, entry);
    }
    for (const [key, id] of this.#paths) {
      const isInstance = id !== null && this.#entries.get(entryKey(cseOf(key), id))?.resource.type === instanceType;
      if (isInstance) this.#cache.paths.delete(key);
      else this.#cache.paths.set(key, id);
    }
  }
}

/** Only limits ever ask for the oldest. Beyond a few hundred, those that are known suffice, and need not be all. */
function oldestWith(
  { resource: container, oldest = [], oldestComplete }: ResourceEntry,
  { id, sequence, size, expiresAt }: StoredResource,
): Pick<ResourceEntry, 'oldest' | 'oldestComplete'> {
  if (oldestComplete !== true) return {};
  const { mni, mbs } = container.attributes;
  if (mni === undefined && mbs === undefined) return { oldest: [], oldestComplete: false };
  if (oldest.length >= oldestKept) return { oldest, oldestComplete: false };
  return { oldest: [...oldest, { id, sequence, size, expiresAt }] };
}

function cseOf(key: string): number {
  return Number.parseInt(key, 10);
}
