import type { Clock } from '../../ports/clock.ts';
import { GenerationalMap } from './generational-map.ts';
import type { ResourceEntry } from './resource-entry.ts';

/** How long a row of another shard may decide without being asked for again, ms (R24). */
const confirmationHolds = 1000;

/** Rows of shards that a partition does not own, shared by the partitions of a worker. Null: known to be absent. */
export class ForeignCache {
  readonly #clock: Clock;
  readonly #entries: GenerationalMap<{ entry: ResourceEntry | null; confirmedAt: number }>;

  constructor(clock: Clock, capacity: number) {
    this.#clock = clock;
    this.#entries = new GenerationalMap(capacity);
  }

  /** The row as it was at most a second ago; undefined: ask the store. */
  get(key: string): ResourceEntry | null | undefined {
    const known = this.#entries.get(key);
    if (known === undefined || this.#clock.monotonic() - known.confirmedAt > confirmationHolds) return undefined;
    return known.entry;
  }

  set(key: string, entry: ResourceEntry | null, askedAt: number): void {
    this.#entries.set(key, { entry, confirmedAt: askedAt });
  }

  /** A commit found something stale: all is read anew, since a row stands here under its ID and under its path. */
  clear(): void {
    this.#entries.clear();
  }
}
