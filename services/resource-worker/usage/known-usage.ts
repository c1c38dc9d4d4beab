/** What CSEs have, as this worker knows it: exactly of its own partitions, of others as of the last look (at most seconds ago). */
import { addUsage, noUsage, type Usage } from '../../core/quotas.ts';
import type { CseUsage } from '../../ports/resource-store.ts';

type ByCse = Map<number, Usage>;

interface PartitionUsage {
  usage: ByCse;
  /** What is contained in the sums of others already; undefined if those were read without this partition. */
  contained: ByCse | undefined;
  /** Decided by the batch in hand, and not committed. */
  pending: ByCse;
  /** The partition moved away: kept until the sums of others are read with it. */
  isGone: boolean;
}

export class KnownUsage {
  #others: ByCse = new Map();
  readonly #partitions = new Map<number, PartitionUsage>();

  /** A partition was taken over, or its usage was read anew. */
  take(partition: number, usage: readonly CseUsage[]): void {
    const known = this.#partitions.get(partition);
    this.#partitions.set(partition, {
      usage: byCse(usage),
      contained: known === undefined ? byCse(usage) : known.contained,
      pending: new Map(),
      isGone: false,
    });
  }

  leave(partition: number): void {
    const known = this.#partitions.get(partition);
    if (known === undefined) return;
    known.isGone = true;
    known.pending.clear();
  }

  /** A batch of the partition begins: what an earlier one decided has landed, or has come to nothing. */
  begin(partition: number): void {
    this.#partitions.get(partition)?.pending.clear();
  }

  /** The batch in hand has decided something. */
  decided(partition: number, cse: number, growth: Usage): void {
    const known = this.#partitions.get(partition);
    if (known !== undefined) addTo(known.pending, cse, growth);
  }

  /** A flight has landed: what its CSEs have now in the partition. */
  landed(partition: number, usage: readonly CseUsage[]): void {
    const known = this.#partitions.get(partition);
    if (known === undefined) return;
    known.pending.clear();
    for (const { cse, ...of } of usage) known.usage.set(cse, of);
  }

  /** Partitions that need not be read: give them to {@link learnOthers} afterwards. */
  own(): number[] {
    return [...this.#partitions].filter(([, { isGone }]) => !isGone).map(([partition]) => partition);
  }

  /** The sums of all partitions but these have been read. */
  learnOthers(usage: readonly CseUsage[], without: readonly number[]): void {
    this.#others = byCse(usage);
    for (const [partition, known] of this.#partitions) {
      if (without.includes(partition)) known.contained = undefined;
      else if (known.isGone) this.#partitions.delete(partition);
    }
  }

  /** Everything that is known of a CSE, with what is decided and not committed. */
  of(cse: number): Usage {
    const sum = { ...(this.#others.get(cse) ?? noUsage) };
    for (const { usage, contained, pending } of this.#partitions.values()) {
      addUsage(sum, usage.get(cse) ?? noUsage);
      addUsage(sum, pending.get(cse) ?? noUsage);
      const twice = contained?.get(cse);
      if (twice !== undefined) addUsage(sum, negative(twice));
    }
    return sum;
  }

  /** What the CSEs have in the partitions of this worker. */
  ownSums(): ReadonlyMap<number, Usage> {
    const sums: ByCse = new Map();
    for (const { usage, isGone } of this.#partitions.values()) {
      if (!isGone) for (const [cse, of] of usage) addTo(sums, cse, of);
    }
    return sums;
  }
}

function byCse(usage: readonly CseUsage[]): ByCse {
  return new Map(usage.map(({ cse, ...of }) => [cse, of]));
}

function addTo(sums: ByCse, cse: number, usage: Usage): void {
  const sum = sums.get(cse);
  if (sum === undefined) sums.set(cse, { ...usage });
  else addUsage(sum, usage);
}

function negative({ applicationEntities, resources, bytes }: Usage): Usage {
  return { applicationEntities: -applicationEntities, resources: -resources, bytes: -bytes };
}
