/** A RequestLog that reports what passes through it. Costs nothing per record: appends and fetches come in batches. */
import type { Metrics } from '../../platform/metrics.ts';
import type { Clock } from '../../ports/clock.ts';
import type { LogConsumer, LogProducer, RequestLog } from '../../ports/request-log.ts';
import { OldestUnprocessed } from './oldest-unprocessed.ts';

export type LogName = 'requests' | 'outbound' | 'dead-letters';

export interface MeteredLogOptions {
  metrics: Metrics;
  clock: Clock;
  /** Which of the three it is, in the metrics. */
  log: LogName;
}

/** How often the end of a log is asked for, all partitions in one question, ms. */
const lookEvery = 5000;

export function meterLog(log: RequestLog, options: MeteredLogOptions): RequestLog {
  return {
    name: log.name,
    partitions: log.partitions,
    producer: async () => meterProducer(await log.producer(), options),
    consumer: async (wanted) => meterConsumer(await log.consumer(wanted), options),
    close: () => log.close(),
  };
}

export function meterProducer(producer: LogProducer, { metrics, clock, log }: MeteredLogOptions): LogProducer {
  const forget = metrics.beforeScrape(() => metrics.logPending.set(producer.pending().records, log));
  return {
    async append(records) {
      const began = clock.monotonic();
      await producer.append(records);
      metrics.logAppendSeconds.observe((clock.monotonic() - began) / 1000, log);
    },
    pending: () => producer.pending(),
    close() {
      forget();
      return producer.close();
    },
  };
}

export function meterConsumer(consumer: LogConsumer, { metrics, clock, log }: MeteredLogOptions): LogConsumer {
  const oldest = new OldestUnprocessed();
  let stopLooking = () => {};
  let isStopped = false;
  const forget = metrics.beforeScrape(() => {
    const now = clock.now();
    for (const partition of oldest.partitions) {
      metrics.oldestUnprocessedSeconds.set(oldest.age(partition, now) / 1000, log, partition);
    }
    metrics.logPartitions.set(oldest.partitions.length, log);
  });

  /** Not again before the last question is answered: while the log is away the ages grow without it. */
  async function look(): Promise<void> {
    try {
      const ask = async (partition: number) => {
        const { end } = await consumer.bounds(partition);
        oldest.logEnds(partition, end, clock.now());
      };
      await Promise.all(oldest.partitions.map(ask));
    } catch {
      // It was closed, or has no such partition any more; whoever uses it hears of that.
    }
    if (!isStopped) stopLooking = clock.after(lookEvery, () => void look());
  }

  return {
    async start(handlers) {
      stopLooking = clock.after(lookEvery, () => void look());
      await consumer.start({
        assigned(partitions) {
          for (const partition of partitions) oldest.assigned(partition);
          metrics.logAssignments.add(1, log, 'assigned');
          handlers.assigned(partitions);
        },
        revoked(partitions) {
          for (const partition of partitions) {
            oldest.revoked(partition);
            metrics.oldestUnprocessedSeconds.remove(log, partition);
          }
          metrics.logAssignments.add(1, log, 'revoked');
          handlers.revoked(partitions);
        },
        batch(batch) {
          metrics.logFetched.add(batch.records.length, log);
          oldest.fetched(batch);
          handlers.batch(batch);
        },
        failed: (reason) => handlers.failed(reason),
      });
    },
    begin(partition, offset) {
      oldest.begun(partition, offset);
      consumer.begin(partition, offset);
    },
    pause: (partition) => consumer.pause(partition),
    resume: (partition) => consumer.resume(partition),
    bounds: (partition) => consumer.bounds(partition),
    done(partition, offset) {
      oldest.done(partition, offset);
      consumer.done(partition, offset);
    },
    stop() {
      isStopped = true;
      stopLooking();
      forget();
      return consumer.stop();
    },
  };
}
