/** Reading many rows of a tree: descendants in tree order, portions to remove, where to cut a container. */
import type { DescendantQuery, QueryPage } from '../../core/decision.ts';
import type { InstanceSummary } from '../../core/resource.ts';
import { parseTimestamp } from '../../core/timestamps.ts';
import { copyOfCounters, copyOfResource } from './copies.ts';
import type { ResourceTree } from './resource-tree.ts';
import type { TreeNode } from './tree-node.ts';

/** See {@link DescendantQuery}. `now`: ms, for what has expired. */
export function descendants(root: TreeNode, query: DescendantQuery, now: number): QueryPage {
  const page: QueryPage = { resources: [], counters: new Map(), more: false, lastPath: query.afterPath ?? '' };
  for (const node of inTreeOrder(root, query.level ?? Number.POSITIVE_INFINITY, cursorBelow(root, query.afterPath))) {
    if (!meets(node, query, now)) continue;
    if (page.resources.length === query.limit) {
      page.more = true;
      break;
    }
    page.resources.push(copyOfResource(node.row));
    if (node.counters !== undefined) page.counters.set(node.row.id, copyOfCounters(node.counters));
    page.lastPath = node.row.path;
  }
  return page;
}

/** The names below the root that a page continues behind. */
function cursorBelow(root: TreeNode, afterPath: string | undefined): string[] {
  if (afterPath === undefined || afterPath === '') return [];
  const { path } = root.row;
  return (path === '' ? afterPath : afterPath.slice(path.length + 1)).split('/');
}

/** Parents before children, siblings by name; begins behind the node whose names are `after`. */
function* inTreeOrder(parent: TreeNode, levels: number, after: string[]): Generator<TreeNode> {
  if (levels < 1) return;
  const [first, ...rest] = after;
  for (const child of parent.sortedChildren()) {
    const { name } = child.row;
    if (first !== undefined && name < first) continue;
    const isOnCursor = name === first;
    if (child.isEvicted()) continue;
    if (!isOnCursor) yield child;
    yield* inTreeOrder(child, levels - 1, isOnCursor ? rest : []);
  }
}

function meets({ row }: TreeNode, query: DescendantQuery, now: number): boolean {
  const { types, labels, createdAfter, createdBefore } = query;
  if (row.expiresAt !== null && row.expiresAt <= now) return false;
  if (types !== undefined && !types.includes(row.type)) return false;
  if (labels !== undefined && !labels.some((label) => row.labels?.includes(label))) return false;
  if (createdAfter === undefined && createdBefore === undefined) return true;
  const createdAt = typeof row.attributes.ct === 'string' ? parseTimestamp(row.attributes.ct) : undefined;
  if (createdAt === undefined) return false;
  return createdAt >= (createdAfter ?? createdAt) && createdAt < (createdBefore ?? Number.POSITIVE_INFINITY);
}

/** Rows below a marked resource and at the end itself, children before their parents; and evicted instances of a container. */
export function* rowsToSweep(tree: ResourceTree, shard: number, id: string): Generator<TreeNode> {
  for (const marked of tree.marked(shard, id)) yield* deepestFirst(marked);
  const container = tree.visible(shard, id);
  const lowest = container?.counters?.lowestSequence ?? 0;
  for (const instance of container?.instances?.oldestFirst() ?? []) {
    if (instance.row.sequence >= lowest) return;
    yield instance;
  }
}

function* deepestFirst(node: TreeNode): Generator<TreeNode> {
  for (const child of node.children.values()) yield* deepestFirst(child);
  for (const child of node.underMark ?? []) yield* deepestFirst(child);
  yield node;
}

/** The newest or oldest instance that has not expired at `now`. */
export function endInstance(container: TreeNode, end: 'latest' | 'oldest', now: number): TreeNode | undefined {
  const { instances } = container;
  for (const node of (end === 'latest' ? instances?.newestFirst() : instances?.oldestFirst()) ?? []) {
    const { expiresAt } = node.row;
    if (!node.isEvicted() && (expiresAt === null || expiresAt > now)) return node;
  }
  return undefined;
}

export function oldestInstances(container: TreeNode, count: number): InstanceSummary[] {
  const found: InstanceSummary[] = [];
  for (const node of container.instances?.oldestFirst() ?? []) {
    if (found.length >= count) break;
    const { id, sequence, size, expiresAt } = node.row;
    if (!node.isEvicted()) found.push({ id, sequence, size, expiresAt });
  }
  return found;
}

/** The newest instances that fit; what stays is everything from `lowestSequence` on. */
export function cutOf(container: TreeNode, keepCount = Number.POSITIVE_INFINITY, keepBytes = Number.POSITIVE_INFINITY) {
  let lowestSequence = container.counters?.nextSequence ?? 0;
  let instances = 0;
  let bytes = 0;
  for (const node of container.instances?.newestFirst() ?? []) {
    const { sequence, size } = node.row;
    if (node.isEvicted() || instances + 1 > keepCount || bytes + size > keepBytes) break;
    lowestSequence = sequence;
    instances++;
    bytes += size;
  }
  return { lowestSequence, instances, bytes };
}

/** Latest expiry among the children that are not hidden, ms. */
export function latestChildExpiry(parent: TreeNode): number | null {
  let latest: number | null = null;
  for (const child of parent.children.values()) {
    const { expiresAt } = child.row;
    if (expiresAt !== null && !child.isEvicted() && (latest === null || expiresAt > latest)) latest = expiresAt;
  }
  return latest;
}
