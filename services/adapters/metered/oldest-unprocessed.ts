/**
 * How old the oldest record of each partition is that is not done, fetched or not. Of what was fetched the append times are
 * known. What was not shows when the log ends behind everything that is done: its age is then at least the time since that was
 * seen first, so that a partition which stands still shows a growing age whatever it waits for. Times in ms since 1970.
 */
import type { FetchedBatch } from '../../ports/request-log.ts';

/** Records between two marks: the age is exact to the time that so many took to be appended. */
const markEvery = 100;

interface Mark {
  /** Offset behind the records that the mark stands for. */
  end: number;
  /** Append time of the first of them. */
  appendedAt: number;
}

interface Progress {
  /** Offset before which everything is done; undefined while nobody has said where to begin. */
  done: number | undefined;
  /** End of the log when it was asked first: what comes behind it came while the partition was ours. */
  firstEnd: number | undefined;
  marks: Mark[];
  /** When the log was first seen to hold more than is done and fetched. */
  behindSince: number | undefined;
}

export class OldestUnprocessed {
  readonly #partitions = new Map<number, Progress>();

  get partitions(): number[] {
    return [...this.#partitions.keys()];
  }

  assigned(partition: number): void {
    if (this.#partitions.has(partition)) return;
    this.#partitions.set(partition, { done: undefined, firstEnd: undefined, marks: [], behindSince: undefined });
  }

  revoked(partition: number): void {
    this.#partitions.delete(partition);
  }

  /** Fetching begins here, for the first time or anew. */
  begun(partition: number, offset: number): void {
    const progress = this.#partitions.get(partition);
    if (progress === undefined) return;
    progress.done = offset;
    progress.marks = [];
  }

  fetched({ partition, records, nextOffset }: FetchedBatch): void {
    const progress = this.#partitions.get(partition);
    if (progress === undefined) return;
    for (let index = 0; index < records.length; index += markEvery) {
      const end = records[index + markEvery]?.offset ?? nextOffset;
      progress.marks.push({ end, appendedAt: records[index]?.appendedAt ?? 0 });
    }
  }

  /** Everything before `offset` is done. */
  done(partition: number, offset: number): void {
    const progress = this.#partitions.get(partition);
    if (progress === undefined) return;
    // Reads are done when their answers are in the log: an earlier offset may come late.
    progress.done = Math.max(progress.done ?? 0, offset);
    const { marks } = progress;
    let passed = 0;
    while (passed < marks.length && (marks[passed]?.end ?? 0) <= offset) passed++;
    if (passed > 0) progress.marks = marks.slice(passed);
  }

  /** The log was asked at `now` and ends at `end`. */
  logEnds(partition: number, end: number, now: number): void {
    const progress = this.#partitions.get(partition);
    if (progress === undefined) return;
    progress.firstEnd ??= end;
    const isBehind = end > (progress.done ?? progress.firstEnd);
    progress.behindSince = isBehind ? (progress.behindSince ?? now) : undefined;
  }

  /** ms; 0 if everything is done. */
  age(partition: number, now: number): number {
    const progress = this.#partitions.get(partition);
    const since = progress?.marks[0]?.appendedAt ?? progress?.behindSince;
    return since === undefined ? 0 : Math.max(0, now - since);
  }
}
