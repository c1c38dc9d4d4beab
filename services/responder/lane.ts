/** One partition of the outbound log, from assignment to revocation: what was fetched, and how much of it is done. */
import type { FetchedBatch } from '../ports/request-log.ts';
import type { Fetched } from './outbound-entry.ts';

export class Lane {
  readonly partition: number;
  /** Records that no step has taken yet. */
  #queue: Fetched[] = [];
  /** Everything fetched and not committed, in order of the log. */
  #open: Fetched[] = [];
  #head = 0;
  #expected = 0;
  #committed: number | undefined;
  #reported: number | undefined;
  /** False once the partition has been given to somebody else. */
  live = true;
  /** The consumer was told to stop fetching it. */
  paused = false;
  /** A step is at work on it. */
  busy = false;

  constructor(partition: number) {
    this.partition = partition;
  }

  /** Takes what a fetch brought; what was fetched twice is left out. */
  add(batch: FetchedBatch): Fetched[] {
    const records = batch.records.filter((record) => record.offset >= this.#expected);
    const added = records.map((record, index): Fetched => {
      const end = index === records.length - 1 ? batch.nextOffset : record.offset + 1;
      return { lane: this, record, end, done: false };
    });
    this.#expected = Math.max(this.#expected, batch.nextOffset);
    for (const fetched of added) {
      this.#queue.push(fetched);
      this.#open.push(fetched);
    }
    if (added.length === 0 && this.unfinished === 0) this.#committed = this.#expected;
    return added;
  }

  /** The next records to work on, at most `limit`. */
  take(limit: number): Fetched[] {
    if (this.#queue.length <= limit) {
      const all = this.#queue;
      this.#queue = [];
      return all;
    }
    return this.#queue.splice(0, limit);
  }

  get queued(): number {
    return this.#queue.length;
  }

  get unfinished(): number {
    return this.#open.length - this.#head;
  }

  /** Marks a record done and moves the end of the contiguous prefix (R26). */
  finish(fetched: Fetched): void {
    fetched.done = true;
    while (this.#head < this.#open.length && this.#open[this.#head]!.done) {
      this.#committed = this.#open[this.#head]!.end;
      this.#head += 1;
    }
    if (this.#head > 1024 || this.#head === this.#open.length) {
      this.#open = this.#open.slice(this.#head);
      this.#head = 0;
    }
  }

  /** The offset before which everything is done, if it has moved since the last call. */
  progress(): number | undefined {
    if (this.#committed === this.#reported) return undefined;
    this.#reported = this.#committed;
    return this.#committed;
  }
}
