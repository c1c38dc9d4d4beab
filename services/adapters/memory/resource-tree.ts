import type { Counters, StoredResource } from '../../core/resource.ts';
import { copyOfCounters, copyOfResource } from './copies.ts';
import { TreeNode } from './tree-node.ts';
import { bodyBytes, type UsageCounts } from './usage-counts.ts';

/** Takes one change back. Called in reverse order of the changes. */
export type Undo = () => void;

/** A change that no database would take: an ID or a name twice, a child without a parent. */
export class ImpossibleChange extends Error {
  override name = 'ImpossibleChange';
}

/** All rows of one CSE. Changes can be taken back until `settle`. */
export class ResourceTree {
  readonly base: TreeNode;
  /** By ID, the youngest of each. */
  readonly #nodes = new Map<string, TreeNode>();
  /** Hidden rows whose IDs are in use again: an AE that is back before its old rows were swept. */
  readonly #outlived = new Map<string, readonly TreeNode[]>();
  readonly #touched = new Set<TreeNode>();
  /** Told of every row that comes and goes; takes back by itself. */
  readonly #usage: UsageCounts;
  #created = 0;

  constructor(base: StoredResource, usage: UsageCounts) {
    this.#usage = usage;
    this.base = new TreeNode(copyOfResource(base), undefined, undefined, this.#created++);
    this.#nodes.set(base.id, this.base);
  }

  /** The row as it is, hidden or not. A resource is found in its own shard only. */
  node(shard: number, id: string): TreeNode | undefined {
    const node = this.#nodes.get(id);
    return node?.row.shard === shard ? node : undefined;
  }

  visible(shard: number, id: string): TreeNode | undefined {
    const node = this.node(shard, id);
    return node === undefined || node.isHidden() ? undefined : node;
  }

  /** All marked rows with this ID, the oldest first. */
  marked(shard: number, id: string): TreeNode[] {
    const current = this.node(shard, id);
    const all = [...(this.#outlived.get(id) ?? []), ...(current === undefined ? [] : [current])];
    return all.filter((node) => node.marked && node.row.shard === shard);
  }

  /** By names below the CSEBase joined by `/`. */
  visibleAt(shard: number, path: string): TreeNode | undefined {
    if (path === '') return this.base.row.shard === shard ? this.base : undefined;
    let node: TreeNode | undefined = this.base;
    for (const name of path.split('/')) node = node?.children.get(name);
    return node?.row.shard === shard && !node.isHidden() ? node : undefined;
  }

  insert(resource: StoredResource, counters: Counters | undefined, undo: Undo[]): void {
    const { id, parentId, name } = resource;
    const parent = this.#nodes.get(parentId);
    if (parent === undefined) throw new ImpossibleChange(`the parent ${parentId} of ${id} is not there`);
    const before = this.#nodes.get(id);
    if (before?.isHidden() === false) throw new ImpossibleChange(`the resource ${id} is there already`);
    if (parent.children.get(name) !== undefined) throw new ImpossibleChange(`${parentId} has a child ${name} already`);
    const copied = counters === undefined ? undefined : copyOfCounters(counters);
    const node = new TreeNode(copyOfResource(resource), copied, parent, this.#created++);
    node.bytes = bodyBytes(node.row);
    this.#usage.change(node.row, node.bytes, 1);
    if (before !== undefined) this.#outlive(before, undo);
    this.#nodes.set(id, node);
    parent.addChild(node);
    undo.push(() => {
      if (before === undefined) this.#nodes.delete(id);
      else this.#nodes.set(id, before);
      parent.withdrawChild(node);
    });
  }

  /** A row that is not there stays so. */
  update(resource: StoredResource, undo: Undo[]): void {
    const node = this.node(resource.shard, resource.id);
    if (node === undefined) return;
    const { row, bytes } = node;
    node.row = copyOfResource(resource);
    node.bytes = bodyBytes(node.row);
    // Who is marked does not count any more.
    if (!node.marked) {
      this.#usage.change(row, bytes, -1);
      this.#usage.change(node.row, node.bytes, 1);
    }
    undo.push(() => {
      node.row = row;
      node.bytes = bytes;
    });
  }

  setCounters(shard: number, id: string, counters: Counters, undo: Undo[]): void {
    const node = this.node(shard, id);
    if (node !== undefined) this.#replaceCounters(node, copyOfCounters(counters), undo);
  }

  /** Rows of this version or older: a younger one of the same ID is somebody else's. */
  remove({ shard, id, version }: StoredResource, undo: Undo[]): void {
    const node = this.node(shard, id);
    if (node !== undefined && node.row.version <= version) this.#removeNode(node, undo);
    for (const old of this.#outlived.get(id) ?? []) {
      if (old.row.shard === shard && old.row.version === version) this.#removeNode(old, undo);
    }
  }

  /** Hides the resource and everything below it, and frees its name. */
  mark(shard: number, id: string, undo: Undo[]): void {
    const node = this.node(shard, id);
    if (node === undefined || node.marked) return;
    const { parent } = node;
    node.marked = true;
    this.#usage.change(node.row, node.bytes, -1);
    if (parent !== undefined) {
      parent.dropName(node);
      parent.underMark ??= new Set();
      parent.underMark.add(node);
    }
    undo.push(() => {
      node.marked = false;
      parent?.giveName(node);
      parent?.underMark?.delete(node);
    });
  }

  evict(shard: number, id: string, below: number, rowsNow: boolean, undo: Undo[]): void {
    const container = this.node(shard, id);
    if (container === undefined) return;
    if (rowsNow) {
      for (const instance of container.instances?.oldestFirst() ?? []) {
        if (instance.row.sequence >= below) break;
        this.#removeNode(instance, undo);
      }
    }
    const { counters } = container;
    if (counters === undefined || counters.lowestSequence >= below) return;
    this.#replaceCounters(container, { ...counters, lowestSequence: below }, undo);
  }

  /** Rows that are not marked. */
  *rows(): Generator<TreeNode> {
    for (const node of this.#nodes.values()) if (!node.marked) yield node;
    for (const nodes of this.#outlived.values()) for (const node of nodes) if (!node.marked) yield node;
  }

  /** Nothing will be taken back any more. */
  settle(): void {
    for (const container of this.#touched) container.instances?.trim();
    this.#touched.clear();
  }

  #replaceCounters(node: TreeNode, counters: Counters, undo: Undo[]): void {
    const before = node.counters;
    node.counters = counters;
    undo.push(() => {
      node.counters = before;
    });
  }

  #outlive(node: TreeNode, undo: Undo[]): void {
    const { id } = node.row;
    const before = this.#outlived.get(id) ?? [];
    this.#setOutlived(id, [...before, node]);
    undo.push(() => this.#setOutlived(id, before));
  }

  #setOutlived(id: string, nodes: readonly TreeNode[]): void {
    if (nodes.length === 0) this.#outlived.delete(id);
    else this.#outlived.set(id, nodes);
  }

  #removeNode(node: TreeNode, undo: Undo[]): void {
    const { parent } = node;
    const { id, name } = node.row;
    const hadName = parent?.children.get(name) === node;
    const wasCurrent = this.#nodes.get(id) === node;
    const outlived = this.#outlived.get(id) ?? [];
    node.gone = true;
    if (!node.marked) this.#usage.change(node.row, node.bytes, -1);
    if (wasCurrent) this.#nodes.delete(id);
    else
      this.#setOutlived(
        id,
        outlived.filter((each) => each !== node),
      );
    if (parent !== undefined) {
      parent.dropName(node);
      parent.underMark?.delete(node);
      if (node.isInstance()) {
        parent.instances?.count(1);
        this.#touched.add(parent);
      }
    }
    undo.push(() => {
      node.gone = false;
      if (wasCurrent) this.#nodes.set(id, node);
      else this.#setOutlived(id, outlived);
      if (hadName) parent?.giveName(node);
      if (node.marked) parent?.underMark?.add(node);
      if (node.isInstance()) parent?.instances?.count(-1);
    });
  }
}
