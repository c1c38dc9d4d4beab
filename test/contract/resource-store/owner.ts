import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { Change } from '../../../services/core/decision.ts';
import type { StoredResource } from '../../../services/core/resource.ts';
import type {
  FlightOutcome,
  JournalRow,
  PartitionCommit,
  ResourceStore,
} from '../../../services/ports/resource-store.ts';

/** What a test wants in a flight; the rest is as an owner has it. */
export type Wish = Partial<Omit<PartitionCommit, 'journal'>> & { journal?: Partial<JournalRow> };

/** A partition's owner, as a worker is one: knows the fence, and commits. */
export class Owner {
  readonly generation: number;
  readonly partition: number;
  version = 0;
  next = 0;
  emitted = 0;
  readonly #store: ResourceStore;

  constructor(store: ResourceStore, generation: number, partition: number) {
    this.#store = store;
    this.generation = generation;
    this.partition = partition;
  }

  /** Takes the partition over: knows what its fence says. */
  async takeOver(): Promise<this> {
    const { version, next, emitted } = await this.#store.readFence(this.generation, this.partition);
    Object.assign(this, { version, next, emitted });
    return this;
  }

  /** A batch of one record. Rows that are written get the version of the commit. */
  part(wish: Wish = {}): PartitionCommit {
    const { journal, ...rest } = wish;
    const version = rest.version ?? this.version;
    const part: PartitionCommit = {
      partition: this.partition,
      version,
      first: this.next,
      next: this.next + 1,
      batch: randomBytes(8).toString('hex'),
      emitted: this.emitted,
      logTime: 1_000 + this.next,
      lastTimestamp: 2_000 + this.next,
      changes: [],
      seen: [],
      relied: [],
      reliedBaseSubscriptions: [],
      exchanges: [],
      deliveries: [],
      ...rest,
      ...(journal === undefined
        ? {}
        : {
            journal: {
              version: version + 1,
              at: Date.now(),
              keys: Buffer.alloc(0),
              replies: [],
              out: Buffer.alloc(0),
              ...journal,
            },
          }),
    };
    for (const change of part.changes) {
      if (change.kind === 'insert' || change.kind === 'update') change.resource.version = version + 1;
    }
    return part;
  }

  /** What the flight came to. The owner goes on from a commit. */
  async attempt(wish: Wish = {}): Promise<FlightOutcome> {
    const part = this.part(wish);
    const outcome = await this.#store.commit(this.generation, [part]);
    if (outcome.kind === 'committed') this.went(part);
    return outcome;
  }

  went({ version, next, emitted }: PartitionCommit): void {
    this.version = version + 1;
    this.next = next;
    this.emitted = emitted;
  }

  async commit(wish: Wish = {}): Promise<void> {
    const outcome = await this.attempt(wish);
    assert.equal(outcome.kind, 'committed', JSON.stringify(outcome));
  }

  async change(...changes: Change[]): Promise<void> {
    await this.commit({ changes });
  }

  /** Inserts rows in their order; containers with counters of none. */
  async insert(...resources: StoredResource[]): Promise<void> {
    await this.change(...resources.map(insertion));
  }
}

const containerType = 3;

export function insertion(resource: StoredResource): Change {
  return resource.type === containerType
    ? {
        kind: 'insert',
        resource,
        counters: { stateTag: 0, instances: 0, bytes: 0, nextSequence: 0, lowestSequence: 0 },
      }
    : { kind: 'insert', resource };
}

/** One transaction for several owners. */
export async function flyTogether(
  store: ResourceStore,
  flights: [Owner, Wish][],
): Promise<{ outcome: FlightOutcome; parts: PartitionCommit[] }> {
  const [first] = flights;
  assert.ok(first);
  const parts = flights.map(([owner, wish]) => owner.part(wish));
  const outcome = await store.commit(first[0].generation, parts);
  if (outcome.kind === 'committed') {
    flights.forEach(([owner], index) => {
      const part = parts[index];
      if (part !== undefined) owner.went(part);
    });
  }
  return { outcome, parts };
}
