/** What a scrape tells of the partitions that this worker has. Looked at only when somebody asks. */
import type { Metrics } from '../platform/metrics.ts';
import type { PartitionOwner } from './partition/partition-owner.ts';

export interface PartitionObservation {
  /** The partition moved away: nothing more is reported of it. */
  forget(partition: number): void;
  stop(): void;
}

export function observePartitions(metrics: Metrics, owners: ReadonlyMap<number, PartitionOwner>): PartitionObservation {
  const stop = metrics.beforeScrape(() => {
    let verifications = 0;
    for (const owner of owners.values()) {
      const { partition, state } = owner;
      let waiting = 0;
      let openCircuits = 0;
      for (const { target } of state?.deliveries.values() ?? []) {
        waiting += target.next - target.acknowledged;
        if (target.retryAt > 0) openCircuits++;
      }
      verifications += state?.exchanges.size ?? 0;
      metrics.emissionBacklog.set(owner.backlog, partition);
      metrics.notificationBacklog.set(waiting, partition);
      metrics.notificationCircuitsOpen.set(openCircuits, partition);
    }
    metrics.exchangesOpen.set(verifications, 'verification');
  });
  return {
    forget(partition) {
      metrics.emissionBacklog.remove(partition);
      metrics.notificationBacklog.remove(partition);
      metrics.notificationCircuitsOpen.remove(partition);
    },
    stop,
  };
}
