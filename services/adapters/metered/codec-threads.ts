/** What the codec pool tells of itself, as metrics and log lines: options for it, and a look at its threads. */
import type { Log } from '../../platform/logging.ts';
import type { Metrics } from '../../platform/metrics.ts';

/** To be spread into the options of a codec pool. */
export function codecReports(metrics: Metrics, log: Log) {
  return {
    coded: (direction: 'decode' | 'encode', way: 'inline' | 'thread') => metrics.codecBatches.add(1, direction, way),
    threadFailed(error: Error) {
      metrics.codecThreadFailures.add(1);
      log.warn({ error }, 'a codec thread failed');
    },
    gaveUp() {
      metrics.codecGivenUp.add(1);
      log.warn({}, 'a payload took a codec thread down twice and was given up');
    },
  };
}

export interface CodecThreads {
  threads(): { busy: number; idle: number; waiting: number };
}

export function watchCodecThreads(metrics: Metrics, pool: CodecThreads): void {
  metrics.beforeScrape(() => {
    const { busy, idle, waiting } = pool.threads();
    metrics.codecThreads.set(busy, 'busy');
    metrics.codecThreads.set(idle, 'idle');
    metrics.codecQueue.set(waiting);
  });
}
