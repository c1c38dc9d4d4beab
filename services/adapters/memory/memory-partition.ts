/** One partition in memory: records until they are done, numbered from where its consumer first begins (R33). */
import type { FetchedBatch, LogRecord } from '../../ports/request-log.ts';

interface Waiter {
  /** Position behind the record whose completion is waited for. */
  position: number;
  done(): void;
}

export class MemoryPartition {
  readonly partition: number;
  /** Records from `#low` on; positions count from 0, offsets from what `begin` says. */
  #records: LogRecord[] = [];
  #low = 0;
  /** Offset of position 0; unknown until the first `begin`. */
  #base: number | undefined;
  /** Position of the next record to deliver; undefined while no consumer has begun. */
  #cursor: number | undefined;
  #waiters: Waiter[] = [];
  #lastAppended = 0;
  /** Position up to which the consumer was done. */
  #done = 0;
  paused = false;

  constructor(partition: number) {
    this.partition = partition;
  }

  /** Position behind the new record. Append times never go back. */
  append(value: Buffer, now: number): number {
    const position = this.#low + this.#records.length;
    this.#lastAppended = Math.max(this.#lastAppended, now);
    this.#records.push({ offset: (this.#base ?? 0) + position, appendedAt: this.#lastAppended, value });
    return position + 1;
  }

  /** Calls back when everything before `position` is done; calls come in the order of positions. */
  whenDone(position: number, done: () => void): void {
    this.#waiters.push({ position, done });
  }

  /** The first `begin` gives the records their numbers; later ones move about in what is left of them. */
  begin(offset: number): void {
    if (this.#base === undefined) {
      this.#base = offset;
      for (const record of this.#records) (record as { offset: number }).offset += offset;
    }
    const position = offset - this.#base;
    const end = this.#low + this.#records.length;
    // What the log does not have is met as with Kafka: it goes on at its start, which the owner notices (R4).
    this.#cursor = position < this.#low || position > end ? this.#low : position;
  }

  /** No consumer any more. */
  release(): void {
    this.#cursor = undefined;
    this.paused = false;
  }

  /** The next batch, or undefined if there is none to give. */
  take(limit: number): FetchedBatch | undefined {
    const cursor = this.#cursor;
    if (cursor === undefined || this.paused || this.#base === undefined) return undefined;
    const from = cursor - this.#low;
    if (from >= this.#records.length) return undefined;
    const records = this.#records.slice(from, from + limit);
    this.#cursor = cursor + records.length;
    const fetchedOffset = this.#base + cursor;
    return { partition: this.partition, fetchedOffset, nextOffset: fetchedOffset + records.length, records };
  }

  /** Everything before `offset` is done; returns how many records that newly were. */
  done(offset: number, keep: boolean): number {
    if (this.#base === undefined) return 0;
    const position = Math.min(offset - this.#base, this.#low + this.#records.length);
    const newly = position - this.#done;
    if (newly <= 0) return 0;
    this.#done = position;
    if (!keep) {
      this.#records = this.#records.slice(position - this.#low);
      this.#low = position;
      // A record that is gone cannot be delivered any more.
      if (this.#cursor !== undefined && this.#cursor < position) this.#cursor = position;
    }
    let released = 0;
    while (released < this.#waiters.length && (this.#waiters[released] as Waiter).position <= position) released++;
    for (const waiter of this.#waiters.splice(0, released)) waiter.done();
    return newly;
  }

  bounds(): { start: number; end: number } {
    const base = this.#base ?? 0;
    return { start: base + this.#low, end: base + this.#low + this.#records.length };
  }

  /** Where a consumer goes on that has no opinion. */
  committed(): number {
    return (this.#base ?? 0) + this.#done;
  }
}
