/**
 * Several changes of one row in a flight become the last one (insert and update: insert; insert and remove: nothing), so that
 * the order of the statements of a flight does not matter to what it does.
 */
import type { Change, Due } from '../../core/decision.ts';
import type { Counters, ResourceKey, StoredResource } from '../../core/resource.ts';
import { shardOfDirectoryEntry } from '../../core/sharding.ts';

const instanceType = 4;

/** A change that no owner decides: one row twice. */
export class ImpossibleChange extends Error {
  override name = 'ImpossibleChange';
}

export interface Mark {
  resource: StoredResource;
  /** Hides what is below in rows of this version or an older one. */
  until: number;
}

export interface AeHome {
  part: number;
  shard: number;
  cse: number;
  id: string;
  home: number;
}

/** What becomes of one row. */
interface RowState {
  row?: StoredResource | undefined;
  /** Inserted in this flight. */
  isNew: boolean;
  mark?: Mark;
}

/** What a flight writes, each row at most once a list. Order: removals, updates, inserts, marks, returns. */
export interface FoldedChanges {
  /** Which partition's part changes the rows of a shard. */
  partOfShard: ReadonlyMap<number, number>;
  removals: StoredResource[];
  updates: StoredResource[];
  inserts: StoredResource[];
  marks: Mark[];
  /** Inserts under an ID that a mark of this flight frees. */
  returns: StoredResource[];
  counters: { key: ResourceKey; counters: Counters }[];
  /** Rows of instances to remove, and containers whose lowest sequence rises without new counters. */
  evictions: { key: ResourceKey; below: number }[];
  floors: { key: ResourceKey; below: number }[];
  puts: Due[];
  drops: Due[];
  /** CSEs whose CSEBase subscriptions have changed. */
  bases: Set<number>;
  freed: AeHome[];
  taken: AeHome[];
}

/** Takes the changes of the parts of a flight, part after part, in their order. */
export class ChangeFolder {
  readonly #states = new Map<string, RowState>();
  readonly #removals: StoredResource[] = [];
  readonly #counters = new Map<string, { key: ResourceKey; counters: Counters }>();
  readonly #floors = new Map<string, { key: ResourceKey; below: number; rowsNow: boolean }>();
  readonly #dues = new Map<string, { due: Due; put: boolean }>();
  readonly #homes = new Map<string, { freed?: AeHome; taken?: AeHome }>();
  readonly #bases = new Set<number>();
  readonly #parts = new Map<number, number>();
  /** `part`: partition; `version`: the one that its fence gets. */
  take(part: number, version: number, change: Change): void {
    switch (change.kind) {
      case 'insert':
        this.#parts.set(change.resource.shard, part);
        return this.#insert(change.resource, change.counters, version);
      case 'update':
        this.#parts.set(change.resource.shard, part);
        return this.#update(change.resource);
      case 'counters':
        this.#counters.set(keyOf(change.key), { key: change.key, counters: change.counters });
        return;
      case 'remove':
        this.#parts.set(change.resource.shard, part);
        return this.#remove(change.resource);
      case 'removeSubtree':
        this.#parts.set(change.resource.shard, part);
        return this.#mark(change.resource, version);
      case 'evict':
        this.#parts.set(change.container.shard, part);
        return this.#evict(change.container, change.belowSequence, change.rows === 'now');
      case 'aeHome':
        return this.#changeHome(part, change);
      case 'baseSubscriptions':
        if (change.action === 'change') this.#bases.add(change.cse);
        return;
      case 'due': {
        const { due } = change;
        this.#dues.set(`${keyOf(due)}/${due.kind}/${due.at}`, { due, put: change.action === 'put' });
        return;
      }
    }
  }

  #insert(resource: StoredResource, counters: Counters | undefined, version: number): void {
    const key = keyOf(resource);
    const { row, mark } = this.#states.get(key) ?? {};
    if (row !== undefined && mark === undefined) throw new ImpossibleChange(`the resource ${key} is inserted twice`);
    const state: RowState = { row: resource, isNew: true };
    if (mark !== undefined) {
      // The ID is back in the batch that gave it free: what this batch has written below its old owner never was.
      this.#forgetBelow(resource);
      if (row === undefined) state.mark = { ...mark, until: version - 1 };
    }
    this.#states.set(key, state);
    if (counters !== undefined) this.#counters.set(key, { key: resource, counters });
  }

  #update(resource: StoredResource): void {
    const key = keyOf(resource);
    const state = this.#states.get(key);
    if (state === undefined) this.#states.set(key, { row: resource, isNew: false });
    else state.row = resource;
  }

  #remove(resource: StoredResource): void {
    const key = keyOf(resource);
    const state = this.#states.get(key);
    // What a sweep removes may have a younger namesake, which stays.
    const isOlder = state?.row !== undefined && resource.version < state.row.version;
    if (isOlder || state?.row === undefined || !state.isNew) this.#removals.push(resource);
    if (isOlder || state === undefined) return;
    this.#forget(key, state);
  }

  #mark(resource: StoredResource, version: number): void {
    const key = keyOf(resource);
    const state = this.#states.get(key);
    if (state === undefined) this.#states.set(key, { isNew: false, mark: { resource, until: version } });
    else if (state.mark === undefined) {
      if (!state.isNew) state.row = undefined;
      state.mark = { resource, until: version };
    } else {
      // Back under a freed ID and marked again within one batch.
      this.#forgetBelow(resource);
      this.#forget(key, state);
    }
  }

  #forget(key: string, state: RowState): void {
    state.row = undefined;
    state.isNew = false;
    this.#counters.delete(key);
  }

  #forgetBelow({ shard, cse, id }: StoredResource): void {
    for (const [key, state] of this.#states) {
      const { row } = state;
      if (row === undefined || row.shard !== shard || row.cse !== cse) continue;
      if (!row.ancestors.split('/').includes(id)) continue;
      this.#forget(key, state);
    }
  }

  #evict(container: ResourceKey, below: number, rowsNow: boolean): void {
    const key = keyOf(container);
    const before = this.#floors.get(key);
    this.#floors.set(key, {
      key: container,
      below: Math.max(below, before?.below ?? 0),
      rowsNow: rowsNow || before?.rowsNow === true,
    });
  }

  #changeHome(part: number, { action, cse, aeId, home }: Extract<Change, { kind: 'aeHome' }>): void {
    const key = `${cse}/${aeId}`;
    const entry: AeHome = { part, shard: shardOfDirectoryEntry(cse, aeId), cse, id: aeId, home };
    const before = this.#homes.get(key) ?? {};
    if (action === 'insert') this.#homes.set(key, { ...before, taken: entry });
    else if (before.taken === undefined) this.#homes.set(key, { freed: entry });
    else if (before.freed === undefined) this.#homes.delete(key);
    else this.#homes.set(key, { freed: before.freed });
  }

  fold(): FoldedChanges {
    const folded: FoldedChanges = {
      partOfShard: this.#parts,
      removals: this.#removals,
      updates: [],
      inserts: [],
      marks: [],
      returns: [],
      counters: [],
      evictions: [],
      floors: [],
      puts: [],
      drops: [],
      bases: this.#bases,
      freed: [],
      taken: [],
    };
    for (const state of this.#states.values()) this.#foldRow(state, folded);
    this.#foldCounters(folded);
    for (const { due, put } of this.#dues.values()) (put ? folded.puts : folded.drops).push(due);
    for (const { freed, taken } of this.#homes.values()) {
      if (freed !== undefined) folded.freed.push(freed);
      if (taken !== undefined) folded.taken.push(taken);
    }
    return folded;
  }

  #foldRow({ row, isNew, mark }: RowState, folded: FoldedChanges): void {
    if (mark !== undefined) folded.marks.push(mark);
    if (row === undefined || (isNew && this.#isEvicted(row))) return;
    if (!isNew) folded.updates.push(row);
    else if (mark !== undefined && mark.until < row.version) folded.returns.push(row);
    else folded.inserts.push(row);
  }

  #isEvicted({ type, shard, cse, parentId, sequence }: StoredResource): boolean {
    if (type !== instanceType || this.#floors.size === 0) return false;
    return sequence < (this.#floors.get(keyOf({ shard, cse, id: parentId }))?.below ?? 0);
  }

  #foldCounters(folded: FoldedChanges): void {
    for (const [key, { key: of, counters }] of this.#counters) {
      const below = this.#floors.get(key)?.below ?? 0;
      const raised = below > counters.lowestSequence ? { ...counters, lowestSequence: below } : counters;
      folded.counters.push({ key: of, counters: raised });
    }
    for (const [key, { key: of, below, rowsNow }] of this.#floors) {
      if (rowsNow) folded.evictions.push({ key: of, below });
      if (!this.#counters.has(key)) folded.floors.push({ key: of, below });
    }
  }
}

function keyOf({ shard, cse, id }: ResourceKey): string {
  return `${shard}/${cse}/${id}`;
}
