import { addUsage, noUsage, type Usage } from '../../core/quotas.ts';
import type { StoredResource } from '../../core/resource.ts';
import type { CseUsage } from '../../ports/resource-store.ts';

const aeType = 2;

/** UTF-8 bytes of the attributes as JSON: what a row counts for. */
export function bodyBytes({ attributes }: StoredResource): number {
  return Buffer.byteLength(JSON.stringify(attributes));
}

type PartitionUsage = CseUsage & { partition: number };

/** What CSEs have, by partition. What a flight changes counts when it has committed. */
export class UsageCounts {
  readonly #counts = new Map<string, PartitionUsage & { generation: number }>();
  readonly #changes = new Map<string, Usage & { cse: number; partition: number }>();
  #partition = 0;

  /** What follows is of this partition's part. */
  begin(partition: number): void {
    this.#partition = partition;
  }

  /** `sign`: 1 for a row that comes, -1 for one that goes. Rows that no flight wrote do not count. */
  change({ cse, type, version }: StoredResource, bytes: number, sign: 1 | -1): void {
    if (version <= 0) return;
    const key = `${this.#partition}/${cse}`;
    let usage = this.#changes.get(key);
    if (usage === undefined) {
      usage = { partition: this.#partition, cse, ...noUsage };
      this.#changes.set(key, usage);
    }
    usage.resources += sign;
    usage.bytes += sign * bytes;
    if (type === aeType) usage.applicationEntities += sign;
  }

  /** The flight is taken back. */
  discard(): void {
    this.#changes.clear();
  }

  /** The flight has committed: what the CSEs have now where it changed something. */
  settle(generation: number): PartitionUsage[] {
    const settled: PartitionUsage[] = [];
    for (const [key, change] of this.#changes) {
      const { partition, cse } = change;
      const place = `${generation}/${key}`;
      const usage = this.#counts.get(place) ?? { generation, partition, cse, ...noUsage };
      addUsage(usage, change);
      this.#counts.set(place, usage);
      const { generation: _, ...told } = usage;
      settled.push(told);
    }
    this.#changes.clear();
    return settled;
  }

  /** Sums by CSE over the partitions that are wanted. */
  sums(generation: number, isWanted: (partition: number) => boolean): CseUsage[] {
    const sums = new Map<number, CseUsage>();
    for (const { generation: of, partition, cse, ...usage } of this.#counts.values()) {
      if (of === generation && isWanted(partition)) addTo(sums, cse, usage);
    }
    return inOrder(sums);
  }
}

export function addTo(sums: Map<number, CseUsage>, cse: number, usage: Usage): void {
  const sum = sums.get(cse) ?? { cse, ...noUsage };
  addUsage(sum, usage);
  sums.set(cse, sum);
}

export function inOrder(sums: ReadonlyMap<number, CseUsage>): CseUsage[] {
  return [...sums.values()].sort((one, other) => one.cse - other.cse);
}
