import type { PartitionCommit } from '../../ports/resource-store.ts';

/**
 * Parts that must not fly with the others: they rely on rows that another part changes, and a flight compares what is relied
 * upon with the state before it (R12, R22). In the next flight they are found stale, or not.
 */
export function partsToHoldBack(parts: readonly PartitionCommit[]): Set<PartitionCommit> {
  const held = new Set<PartitionCommit>();
  if (parts.length < 2 || parts.every((part) => !relies(part))) return held;
  for (const part of parts) {
    if (!relies(part)) continue;
    const relied = new Set(reliedKeys(part));
    const others = parts.filter((other) => other !== part && !held.has(other));
    if (others.some((other) => changedKeys(other).some((key) => relied.has(key)))) held.add(part);
  }
  return held;
}

function relies({ relied, reliedBaseSubscriptions }: PartitionCommit): boolean {
  return relied.length > 0 || reliedBaseSubscriptions.length > 0;
}

function reliedKeys({ relied, reliedBaseSubscriptions }: PartitionCommit): string[] {
  return [...relied.map(({ cse, id }) => `${cse}/${id}`), ...reliedBaseSubscriptions.map(({ cse }) => baseKey(cse))];
}

function changedKeys({ changes }: PartitionCommit): string[] {
  return changes.flatMap((change) => {
    switch (change.kind) {
      case 'insert':
      case 'update':
      case 'remove':
      case 'removeSubtree':
        return [`${change.resource.cse}/${change.resource.id}`];
      case 'baseSubscriptions':
        return change.action === 'change' ? [baseKey(change.cse)] : [];
      default:
        return [];
    }
  });
}

function baseKey(cse: number): string {
  return `${cse}#subscriptions`;
}
