import type { TreeNode } from './tree-node.ts';

/** The instances of a container in their order (R15). Removed ones are skipped until `trim` lets go of them. */
export class InstanceQueue {
  #nodes: TreeNode[] = [];
  #head = 0;
  #gone = 0;

  add(node: TreeNode): void {
    const { sequence } = node.row;
    let at = this.#nodes.length;
    while (at > this.#head && (this.#nodes[at - 1]?.row.sequence ?? 0) > sequence) at--;
    if (at === this.#nodes.length) this.#nodes.push(node);
    else this.#nodes.splice(at, 0, node);
  }

  /** Undoes an `add`. */
  withdraw(node: TreeNode): void {
    const at = this.#nodes.lastIndexOf(node);
    if (at >= 0) this.#nodes.splice(at, 1);
  }

  /** The node's `gone` flag has changed. */
  count(change: 1 | -1): void {
    this.#gone += change;
  }

  *oldestFirst(): Generator<TreeNode> {
    for (let at = this.#head; at < this.#nodes.length; at++) {
      const node = this.#nodes[at];
      if (node !== undefined && !node.gone) yield node;
    }
  }

  *newestFirst(): Generator<TreeNode> {
    for (let at = this.#nodes.length - 1; at >= this.#head; at--) {
      const node = this.#nodes[at];
      if (node !== undefined && !node.gone) yield node;
    }
  }

  /** Lets go of removed nodes. Only when nothing can be undone any more. */
  trim(): void {
    while (this.#nodes[this.#head]?.gone === true) {
      this.#head++;
      this.#gone--;
    }
    const waste = this.#head + this.#gone;
    if (waste < 64 || waste * 2 < this.#nodes.length) return;
    this.#nodes = this.#nodes.slice(this.#head).filter(({ gone }) => !gone);
    this.#head = 0;
    this.#gone = 0;
  }
}
