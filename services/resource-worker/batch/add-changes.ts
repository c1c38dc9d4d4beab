import type { Change } from '../../core/decision.ts';
import type { Batch } from './batch.ts';
import { BatchMustClose } from './working-set.ts';

const subscriptionType = 23;

/** Throws BatchMustClose, before anything is added, where a resource comes back that this batch has marked (R13). */
export function addChanges(batch: Batch, changes: readonly Change[]): void {
  for (const change of changes) {
    if (change.kind !== 'insert') continue;
    const { cse, id } = change.resource;
    if (batch.working.overlay.isMarkedNow(cse, id)) throw new BatchMustClose();
  }
  dropQueues(batch, changes);
  batch.addChanges(changes);
}

/** With a subscription its queues go, and what waits in them is dropped (TS-0004 7.4.8.2.4). */
function dropQueues(batch: Batch, changes: readonly Change[]): void {
  for (const change of changes) {
    if (change.kind !== 'remove' || change.resource.type !== subscriptionType) continue;
    const { cse, shard, id, hidden } = change.resource;
    const targets = (hidden?.targets ?? []) as { number: number }[];
    for (const { number } of targets) {
      batch.addDeliveryChange({ kind: 'removeTarget', cse, shard, subscription: id, target: number });
    }
  }
}
