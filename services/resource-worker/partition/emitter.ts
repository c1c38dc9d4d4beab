import type { Log } from '../../platform/logging.ts';
import type { Metrics } from '../../platform/metrics.ts';
import { AppendRefused, type LogProducer } from '../../ports/request-log.ts';
import { type Emission, TargetLog } from './journal.ts';

/**
 * Sends what has been committed (R25). Each log has one producer, which keeps the order of what it is given: records of a
 * partition go out in version order, or together with those before them.
 */
export class Emitter {
  readonly #producers: Record<TargetLog, LogProducer>;
  readonly #metrics: Metrics;
  readonly #log: Log;

  constructor(
    producers: { requests: LogProducer; outbound: LogProducer; deadLetters: LogProducer },
    metrics: Metrics,
    log: Log,
  ) {
    this.#producers = {
      [TargetLog.requests]: producers.requests,
      [TargetLog.outbound]: producers.outbound,
      [TargetLog.deadLetters]: producers.deadLetters,
    };
    this.#metrics = metrics;
    this.#log = log;
  }

  /** Resolves when the logs have acknowledged everything. */
  async emit(emissions: readonly Emission[]): Promise<void> {
    const sends: Promise<void>[] = [];
    for (const log of [TargetLog.outbound, TargetLog.requests, TargetLog.deadLetters]) {
      const records = emissions.filter((emission) => emission.log === log);
      if (records.length > 0) sends.push(this.#append(log, records));
    }
    await Promise.all(sends);
  }

  async #append(log: TargetLog, records: readonly Emission[]): Promise<void> {
    const producer = this.#producers[log];
    try {
      await producer.append(records.map(({ partition, frame }) => ({ partition, value: frame })));
    } catch (error) {
      if (!(error instanceof AppendRefused)) throw error;
      if (records.length > 1) for (const record of records) await this.#append(log, [record]);
      else this.#drop(log, records[0], error);
    }
  }

  /** Too large for the log, which no retry will change: the limits of replies and requests forbid it, so somebody must look. */
  #drop(log: TargetLog, record: Emission | undefined, error: AppendRefused): void {
    this.#metrics.deadLetters.add(1, 'resource-worker/emit');
    this.#log.error({ error, log, bytes: record?.frame.length }, 'the log refused a record of ours; it is dropped');
  }
}
