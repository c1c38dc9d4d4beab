/**
 * What a decision reads, as the store has it now: loaded need by need, changed by nobody. For the question what a request would
 * be answered.
 */
import {
  type DescendantQuery,
  MissingFact,
  type Need,
  needKey,
  type QueryPage,
  type WorkingSet,
} from '../../core/decision.ts';
import type { Counters, InstanceSummary, StoredResource } from '../../core/resource.ts';
import type { Fact, LoadedResource } from '../../ports/resource-store.ts';

type FactOf<Kind extends Fact['kind'], Each = Fact> = Each extends { kind: infer Kinds }
  ? Kind extends Kinds
    ? Each
    : never
  : never;

export class CommittedState implements WorkingSet {
  /** Judges expiry, ms since 1970. */
  readonly #now: number;
  readonly #facts = new Map<string, Fact>();
  /** Resources by CSE and ID, however they were found. */
  readonly #loaded = new Map<string, LoadedResource>();
  /** How many of the oldest instances were asked for. */
  readonly #askedOldest = new Map<string, number>();

  constructor(now: number) {
    this.#now = now;
  }

  learn(needs: readonly Need[], facts: readonly Fact[]): void {
    needs.forEach((need, index) => {
      const fact = facts[index];
      if (fact === undefined) return;
      this.#facts.set(needKey(need), fact);
      if (need.kind === 'oldestInstances') this.#askedOldest.set(needKey(need), need.count);
      if ((fact.kind !== 'resource' && fact.kind !== 'path') || fact.found === null) return;
      const { resource } = fact.found;
      this.#loaded.set(keyOf(resource), fact.found);
    });
  }

  resource(cse: number, shard: number, id: string): StoredResource | null {
    return this.#living(this.expired(cse, shard, id));
  }

  expired(cse: number, shard: number, id: string): StoredResource | null {
    const loaded = this.#loaded.get(`${cse}/${id}`);
    if (loaded !== undefined && loaded.resource.shard === shard) return loaded.resource;
    return this.#fact('resource', { kind: 'resource', cse, shard, id }).found?.resource ?? null;
  }

  resourceAt(cse: number, shard: number, path: string): StoredResource | null {
    return this.#living(this.#at(cse, shard, path));
  }

  isTaken(cse: number, shard: number, path: string): boolean {
    return this.#at(cse, shard, path) !== null;
  }

  counters(container: StoredResource): Counters {
    const { counters } = this.#whole(container) ?? {};
    if (counters === undefined) throw new MissingFact({ kind: 'resource', ...placeOf(container), id: container.id });
    return counters;
  }

  subscriptions(parent: StoredResource): StoredResource[] {
    return this.#whole(parent)?.subscriptions.filter((each) => this.#living(each) !== null) ?? [];
  }

  latest(container: StoredResource): StoredResource | null {
    const need: Need = { kind: 'latest', ...placeOf(container), parentId: container.id, now: this.#now };
    return this.#fact('latest', need).found;
  }

  oldest(container: StoredResource): StoredResource | null {
    const need: Need = { kind: 'oldest', ...placeOf(container), parentId: container.id, now: this.#now };
    return this.#fact('oldest', need).found;
  }

  oldestInstances(container: StoredResource, count: number): InstanceSummary[] {
    const need: Need = { kind: 'oldestInstances', ...placeOf(container), parentId: container.id, count };
    if ((this.#askedOldest.get(needKey(need)) ?? 0) < count) throw new MissingFact(need);
    return [...this.#fact('oldestInstances', need).instances];
  }

  cut(container: StoredResource, keepCount: number | undefined, keepBytes: number | undefined) {
    return this.#fact('cut', {
      kind: 'cut',
      ...placeOf(container),
      parentId: container.id,
      ...(keepCount === undefined ? {} : { keepCount }),
      ...(keepBytes === undefined ? {} : { keepBytes }),
    });
  }

  query(query: DescendantQuery): QueryPage {
    return this.#fact('query', { kind: 'query', query }).page;
  }

  aeHome(cse: number, aeId: string): number | null {
    return this.#fact('aeHome', { kind: 'aeHome', cse, aeId }).home;
  }

  latestChildExpiry(parent: StoredResource): number | null {
    return this.#fact('latestChildExpiry', { kind: 'latestChildExpiry', ...placeOf(parent), parentId: parent.id }).at;
  }

  #at(cse: number, shard: number, path: string): StoredResource | null {
    return this.#fact('path', { kind: 'path', cse, shard, path }).found?.resource ?? null;
  }

  /** With counters and subscriptions; an instance found by its container comes without. */
  #whole(resource: StoredResource): LoadedResource | null {
    const loaded = this.#loaded.get(keyOf(resource));
    if (loaded !== undefined) return loaded;
    return this.#fact('resource', { kind: 'resource', ...placeOf(resource), id: resource.id }).found;
  }

  #living(resource: StoredResource | null): StoredResource | null {
    if (resource === null || resource.expiresAt === null) return resource;
    return resource.expiresAt > this.#now ? resource : null;
  }

  #fact<Kind extends Fact['kind']>(kind: Kind, need: Need): FactOf<Kind> {
    const fact = this.#facts.get(needKey(need));
    if (fact?.kind !== kind) throw new MissingFact(need);
    return fact as FactOf<Kind>;
  }
}

function keyOf({ cse, id }: StoredResource): string {
  return `${cse}/${id}`;
}

function placeOf({ cse, shard }: StoredResource): { cse: number; shard: number } {
  return { cse, shard };
}
