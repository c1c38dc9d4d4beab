/** A consumer's handlers that remember what they were told, and wait by condition. */
import type { FetchedBatch, LogConsumer, LogConsumerHandlers, LogRecord } from '../../../services/ports/request-log.ts';

export class Collector implements LogConsumerHandlers {
  readonly owned = new Set<number>();
  readonly batches: FetchedBatch[] = [];
  readonly events: string[] = [];
  readonly failures: Error[] = [];
  /** Batches of partitions that were not assigned at the time: to be ignored by an owner. */
  strays = 0;
  onAssigned: (partitions: number[]) => void = () => {};
  onBatch: (batch: FetchedBatch) => void = () => {};
  #checks = new Set<() => void>();

  assigned(partitions: number[]): void {
    for (const partition of partitions) this.owned.add(partition);
    this.events.push(`assigned ${[...partitions].sort((a, b) => a - b).join()}`);
    this.onAssigned(partitions);
    this.#check();
  }

  revoked(partitions: number[]): void {
    for (const partition of partitions) this.owned.delete(partition);
    this.events.push(`revoked ${[...partitions].sort((a, b) => a - b).join()}`);
    this.#check();
  }

  batch(batch: FetchedBatch): void {
    if (!this.owned.has(batch.partition)) this.strays++;
    this.batches.push(batch);
    this.onBatch(batch);
    this.#check();
  }

  failed(reason: Error): void {
    this.failures.push(reason);
    this.#check();
  }

  /** Begins every assigned partition at an offset. */
  beginAt(consumer: LogConsumer, offset: (partition: number) => number = () => 0): this {
    this.onAssigned = (partitions) => {
      for (const partition of partitions) consumer.begin(partition, offset(partition));
    };
    return this;
  }

  batchesOf(partition: number): FetchedBatch[] {
    return this.batches.filter((batch) => batch.partition === partition);
  }

  recordsOf(partition: number): LogRecord[] {
    return this.batchesOf(partition).flatMap(({ records }) => records);
  }

  textsOf(partition: number): string[] {
    return this.recordsOf(partition).map(({ value }) => value.toString());
  }

  count(): number {
    return this.batches.reduce((sum, { records }) => sum + records.length, 0);
  }

  /** Resolves when the condition holds; rejects with `what` after a limit that only a failure reaches. */
  until(what: string, condition: () => boolean, limit = 60_000): Promise<void> {
    if (condition()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const check = () => {
        if (this.failures.length === 0 && !condition()) return;
        clearTimeout(timer);
        this.#checks.delete(check);
        if (this.failures[0] !== undefined) reject(this.failures[0]);
        else resolve();
      };
      const timer = setTimeout(() => {
        this.#checks.delete(check);
        reject(new Error(`still waiting: ${what}; ${this.count()} records; ${this.events.join('; ')}`));
      }, limit);
      this.#checks.add(check);
    });
  }

  #check(): void {
    for (const check of [...this.#checks]) check();
  }
}

/** Distinct values in the order of their first appearance: the log may hold a record twice, never out of order. */
export function firstAppearances(texts: string[]): string[] {
  return [...new Set(texts)];
}

/** True if every batch begins where the one before it ended (R4). */
export function chained(batches: FetchedBatch[]): boolean {
  return batches.every((batch, index) => index === 0 || batch.fetchedOffset === batches[index - 1]?.nextOffset);
}
