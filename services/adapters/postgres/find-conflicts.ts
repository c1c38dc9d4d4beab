/**
 * Parts of one flight are one transaction, so the database cannot see that one rests on what another changes. Each must fit
 * into an order with the others: the one that relies first, the one that changes after it.
 */
import type { PartitionCommit } from '../../ports/resource-store.ts';

const instanceType = 4;

/** Partitions that rely on what an earlier part changes, or take an AE-ID that it takes; the others can fly together. */
export function findConflicts(parts: readonly PartitionCommit[]): number[] {
  if (parts.length < 2) return [];
  const anyRelies = parts.some(({ relied }) => relied.length > 0);
  const changed = new Set<string>();
  const conflicts: number[] = [];
  for (const part of parts) {
    if (needsOf(part).some((key) => changed.has(key))) {
      conflicts.push(part.partition);
      continue;
    }
    addChanges(part, changed, anyRelies);
  }
  return conflicts;
}

function needsOf({ relied, reliedBaseSubscriptions, changes }: PartitionCommit): string[] {
  const keys = relied.map(({ cse, id }) => `r/${cse}/${id}`);
  for (const { cse } of reliedBaseSubscriptions) keys.push(`b/${cse}`);
  for (const change of changes) {
    if (change.kind === 'aeHome' && change.action === 'insert') keys.push(`a/${change.cse}/${change.aeId}`);
  }
  return keys;
}

function addChanges({ changes }: PartitionCommit, changed: Set<string>, withRows: boolean): void {
  for (const change of changes) {
    switch (change.kind) {
      case 'aeHome':
        if (change.action === 'insert') changed.add(`a/${change.cse}/${change.aeId}`);
        break;
      case 'baseSubscriptions':
        if (change.action === 'change') changed.add(`b/${change.cse}`);
        break;
      case 'insert':
      case 'update':
      case 'remove':
      case 'removeSubtree': {
        const { type, cse, id } = change.resource;
        // Nothing is decided by an instance of another shard.
        if (withRows && type !== instanceType) changed.add(`r/${cse}/${id}`);
        break;
      }
    }
  }
}
