import type { Counters, StoredResource } from '../../core/resource.ts';
import { InstanceQueue } from './instance-queue.ts';

const instanceType = 4;
const subscriptionType = 23;

/** A row of the memory store, tied to its parent and children. */
export class TreeNode {
  row: StoredResource;
  /** What the row counts for in the usage of its CSE. */
  bytes = 0;
  counters: Counters | undefined;
  readonly parent: TreeNode | undefined;
  /** Counts up over the store: the order of creation. */
  readonly order: number;
  /** Carries a mark: it and everything below is hidden (R13). */
  marked = false;
  /** Its row is removed. */
  gone = false;
  /** By name; marked ones stand in `underMark`, so that their names are free. */
  readonly children = new LazyMap();
  /** Marked children whose rows are still there. */
  underMark: Set<TreeNode> | undefined;
  instances: InstanceQueue | undefined;
  subscriptions: Set<TreeNode> | undefined;
  #sorted: TreeNode[] | undefined;

  constructor(row: StoredResource, counters: Counters | undefined, parent: TreeNode | undefined, order: number) {
    this.row = row;
    this.order = order;
    this.counters = counters;
    this.parent = parent;
  }

  isInstance(): boolean {
    return this.row.type === instanceType;
  }

  /** Under a mark, or an instance below its container's lowest sequence. */
  isHidden(): boolean {
    if (this.isEvicted()) return true;
    for (let node: TreeNode | undefined = this; node !== undefined; node = node.parent) if (node.marked) return true;
    return false;
  }

  isEvicted(): boolean {
    return this.isInstance() && this.row.sequence < (this.parent?.counters?.lowestSequence ?? 0);
  }

  addChild(child: TreeNode): void {
    this.giveName(child);
    if (child.isInstance()) {
      this.instances ??= new InstanceQueue();
      this.instances.add(child);
    }
  }

  /** Undoes `addChild`. */
  withdrawChild(child: TreeNode): void {
    this.dropName(child);
    if (child.isInstance()) this.instances?.withdraw(child);
  }

  giveName(child: TreeNode): void {
    this.children.set(child.row.name, child);
    this.#sorted = undefined;
    if (child.row.type !== subscriptionType) return;
    this.subscriptions ??= new Set();
    this.subscriptions.add(child);
  }

  /** From now on nothing has this child's name, and it is none of the subscriptions. */
  dropName(child: TreeNode): void {
    if (this.children.get(child.row.name) === child) this.children.delete(child.row.name);
    this.#sorted = undefined;
    this.subscriptions?.delete(child);
  }

  /** By name, in the order of bytes. */
  sortedChildren(): readonly TreeNode[] {
    this.#sorted ??= [...this.children.values()].sort((a, b) => (a.row.name < b.row.name ? -1 : 1));
    return this.#sorted;
  }
}

/** A map that exists once something is in it: most rows have no children. */
class LazyMap {
  #map: Map<string, TreeNode> | undefined;

  get(name: string): TreeNode | undefined {
    return this.#map?.get(name);
  }

  set(name: string, node: TreeNode): void {
    this.#map ??= new Map();
    this.#map.set(name, node);
  }

  delete(name: string): void {
    this.#map?.delete(name);
  }

  values(): Iterable<TreeNode> {
    return this.#map?.values() ?? [];
  }
}
