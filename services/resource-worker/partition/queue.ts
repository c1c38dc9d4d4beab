import type { FetchedBatch, LogConsumer, LogRecord } from '../../ports/request-log.ts';

/** What to do with a fetched batch (R4). */
export type Accepted = 'queued' | 'elsewhere' | 'suspicious';

/** The bounded queue of a partition (R7): fetches are put in, batches are taken out. */
export class PartitionQueue {
  readonly #consumer: LogConsumer;
  readonly #partition: number;
  readonly #bound: number;
  #records: LogRecord[] = [];
  #end = 0;
  #isPaused = false;
  #mismatches = 0;

  constructor(consumer: LogConsumer, partition: number, bound: number) {
    this.#consumer = consumer;
    this.#partition = partition;
    this.#bound = bound;
  }

  /** Begins to fetch at this offset; what was queued is dropped. */
  begin(offset: number): void {
    this.#records = [];
    this.#end = offset;
    this.#mismatches = 0;
    this.resume();
    this.#consumer.begin(this.#partition, offset);
  }

  /**
   * Takes a fetch in if it continues what is queued. Else the log is asked to begin there again; after a second mismatch the
   * caller must compare with what the log still has.
   */
  put(batch: FetchedBatch): Accepted {
    if (batch.fetchedOffset !== this.#end) {
      this.#mismatches++;
      this.#consumer.begin(this.#partition, this.#end);
      return this.#mismatches > 1 ? 'suspicious' : 'elsewhere';
    }
    this.#mismatches = 0;
    this.#end = batch.nextOffset;
    for (const record of batch.records) this.#records.push(record);
    if (this.#records.length > this.#bound && !this.#isPaused) {
      this.#isPaused = true;
      this.#consumer.pause(this.#partition);
    }
    return 'queued';
  }

  /** The first records, at most `count`; they stay until dropped. */
  first(count: number): LogRecord[] {
    return this.#records.slice(0, count);
  }

  /** The first records are decided. */
  drop(count: number): void {
    this.#records = this.#records.slice(count);
    // At half the bound: the log needs a moment to notice.
    if (this.#isPaused && this.#records.length < this.#bound / 2) this.resume();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#consumer.resume(this.#partition);
  }

  get length(): number {
    return this.#records.length;
  }

  /** Offset behind the last record queued. */
  get end(): number {
    return this.#end;
  }
}
