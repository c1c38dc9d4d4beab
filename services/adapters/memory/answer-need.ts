import type { Need } from '../../core/decision.ts';
import type { StoredResource } from '../../core/resource.ts';
import type { Fact, LoadedResource } from '../../ports/resource-store.ts';
import { copyOfCounters, copyOfResource } from './copies.ts';
import type { MemoryRows } from './memory-rows.ts';
import type { TreeNode } from './tree-node.ts';
import { cutOf, descendants, endInstance, latestChildExpiry, oldestInstances } from './tree-walks.ts';

const cseBaseType = 5;

/** The fact for one need. `now`: the store's clock, ms. */
export function answerNeed(rows: MemoryRows, need: Need, now: number): Fact {
  switch (need.kind) {
    case 'resource':
      return { kind: 'resource', found: loaded(rows, rows.find(need.cse)?.visible(need.shard, need.id)) };
    case 'path':
      return { kind: 'path', found: loaded(rows, rows.find(need.cse)?.visibleAt(need.shard, need.path)) };
    case 'latest':
    case 'oldest': {
      const container = parentOf(rows, need);
      const node = container && endInstance(container, need.kind, need.now);
      return { kind: need.kind, found: node === undefined ? null : copyOfResource(node.row) };
    }
    case 'oldestInstances': {
      const container = parentOf(rows, need);
      return { kind: 'oldestInstances', instances: container ? oldestInstances(container, need.count) : [] };
    }
    case 'cut': {
      const container = parentOf(rows, need);
      const cut = container
        ? cutOf(container, need.keepCount, need.keepBytes)
        : { lowestSequence: 0, instances: 0, bytes: 0 };
      return { kind: 'cut', ...cut };
    }
    case 'query': {
      const { query } = need;
      const tree = rows.find(query.cse);
      // Without a shard the root is the CSEBase, whose children live everywhere.
      const root = query.shard === undefined ? tree?.base : tree?.visible(query.shard, query.rootId);
      return {
        kind: 'query',
        page: root
          ? descendants(root, query, now)
          : { resources: [], counters: new Map(), more: false, lastPath: query.afterPath ?? '' },
      };
    }
    case 'aeHome':
      return { kind: 'aeHome', home: rows.aeHome(need.cse, need.aeId) };
    case 'latestChildExpiry': {
      const parent = parentOf(rows, need);
      return { kind: 'latestChildExpiry', at: parent ? latestChildExpiry(parent) : null };
    }
  }
}

function parentOf(
  rows: MemoryRows,
  { cse, shard, parentId }: { cse: number; shard: number; parentId: string },
): TreeNode | undefined {
  return rows.find(cse)?.visible(shard, parentId);
}

function loaded(rows: MemoryRows, node: TreeNode | undefined): LoadedResource | null {
  if (node === undefined) return null;
  const found: LoadedResource = { resource: copyOfResource(node.row), subscriptions: subscriptionsOf(node) };
  if (node.counters !== undefined) found.counters = copyOfCounters(node.counters);
  if (node.row.type === cseBaseType) found.baseSubscriptionsVersion = rows.baseSubscriptionsVersion(node.row.cse);
  return found;
}

/** Oldest first. */
function subscriptionsOf(parent: TreeNode): StoredResource[] {
  const { subscriptions } = parent;
  if (subscriptions === undefined) return [];
  return [...subscriptions].sort((a, b) => a.order - b.order).map((each) => copyOfResource(each.row));
}
