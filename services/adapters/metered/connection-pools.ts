/** What becomes of the connections to a database: to be given to what opens it. */
import type { Metrics } from '../../platform/metrics.ts';

interface PoolUsage {
  lane: 'flight' | 'read' | 'query';
  used: number;
  idle: number;
  waiting: number;
}

export function watchPools(metrics: Metrics): (usage: () => PoolUsage[]) => void {
  return (usage) => {
    metrics.beforeScrape(() => {
      for (const { lane, used, idle, waiting } of usage()) {
        metrics.poolConnections.set(used, lane, 'used');
        metrics.poolConnections.set(idle, lane, 'idle');
        metrics.poolWaiting.set(waiting, lane);
      }
    });
  };
}
