import type { Due } from '../../core/decision.ts';
import { partitionOfShard } from '../../core/sharding.ts';
import type { Undo } from './resource-tree.ts';

/** Due items in the order of their moments (R21). An item is its resource, kind and moment: the same may be due twice. */
export class DueItems {
  readonly #partitions: number;
  readonly #lists: Due[][];

  constructor(partitions: number) {
    this.#partitions = partitions;
    this.#lists = Array.from({ length: partitions }, () => []);
  }

  put(due: Due, undo: Undo[]): void {
    const list = this.#listOf(due.shard);
    const at = position(list, due);
    if (isSame(list[at], due)) return;
    list.splice(at, 0, { ...due });
    undo.push(() => list.splice(position(list, due), 1));
  }

  drop(due: Due, undo: Undo[]): void {
    const list = this.#listOf(due.shard);
    const at = position(list, due);
    const item = list[at];
    if (item === undefined || !isSame(item, due)) return;
    list.splice(at, 1);
    undo.push(() => list.splice(position(list, item), 0, item));
  }

  /** Oldest first, up to `until`, at most `limit`. */
  due(partition: number, partitions: number, until: number, limit: number): Due[] {
    const found: Due[] = [];
    for (const due of this.#itemsOf(partition, partitions)) {
      if (due.at > until || found.length >= limit) break;
      found.push({ ...due });
    }
    return found;
  }

  next(partition: number, partitions: number): number | undefined {
    return this.#itemsOf(partition, partitions)[0]?.at;
  }

  #listOf(shard: number): Due[] {
    return this.#lists[partitionOfShard(shard, this.#partitions)] ?? [];
  }

  #itemsOf(partition: number, partitions: number): Due[] {
    if (partitions === this.#partitions) return this.#lists[partition] ?? [];
    return this.#lists
      .flat()
      .filter(({ shard }) => partitionOfShard(shard, partitions) === partition)
      .sort(compare);
  }
}

function isSame(a: Due | undefined, b: Due): boolean {
  return a !== undefined && compare(a, b) === 0;
}

/** Where the item stands or would stand. */
function position(list: readonly Due[], due: Due): number {
  let low = 0;
  let high = list.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const item = list[middle];
    if (item !== undefined && compare(item, due) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

function compare(a: Due, b: Due): number {
  return a.at - b.at || a.shard - b.shard || a.cse - b.cse || compareText(a.kind, b.kind) || compareText(a.id, b.id);
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
