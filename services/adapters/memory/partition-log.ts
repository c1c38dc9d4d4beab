import type { Fence, JournalHit, JournalRow, PartitionCommit } from '../../ports/resource-store.ts';

/** Key and shard of a remembered request in a journal row. */
const keyEntryLength = 18;
const keyLength = 16;

/** Fence, journal and highest seen numbers of one partition (R2, R5, R17). */
export class PartitionLog {
  fence: Fence = { next: 0, version: 0, batch: '', emitted: 0, logTime: 0, lastTimestamp: 0 };
  readonly #bound: number;
  #rows: JournalRow[] = [];
  #bytes = 0;
  #seen = new Map<number, { version: number; index: number }>();

  /** `bound`: most bytes of journal that is emitted; beyond it the oldest goes before its time (R17). */
  constructor(bound: number) {
    this.#bound = bound;
  }

  fits({ version, first }: Pick<PartitionCommit, 'version' | 'first'>): boolean {
    return this.fence.version === version && this.fence.next <= first;
  }

  advance(part: PartitionCommit): void {
    const { next, version, batch, emitted, logTime, lastTimestamp, journal } = part;
    this.fence = { next, version: version + 1, batch, emitted, logTime, lastTimestamp };
    for (const seen of part.seen) this.#see(seen);
    if (journal !== undefined) {
      this.#rows.push({ ...journal, replies: [...journal.replies] });
      this.#bytes += sizeOf(journal);
    }
    if (this.#bytes > this.#bound) this.#dropWhile(() => this.#bytes > this.#bound / 2);
  }

  seen(): { source: number; version: number; index: number }[] {
    return [...this.#seen].map(([source, highest]) => ({ source, ...highest }));
  }

  window(since: number): Omit<JournalRow, 'out'>[] {
    return this.#rows
      .filter(({ at }) => at >= since)
      .map(({ version, at, keys, replies }) => ({ version, at, keys, replies: [...replies] }));
  }

  above(version: number, limit: number): JournalRow[] {
    return this.#rows
      .filter((row) => row.version > version)
      .slice(0, limit)
      .map((row) => ({ ...row, replies: [...row.replies] }));
  }

  out(version: number): Buffer | undefined {
    return this.#rows.find((row) => row.version === version)?.out;
  }

  findKey(key: Buffer, since: number): { version: number; reply: number } | undefined {
    for (const { at, version, keys, replies } of this.#rows) {
      if (at < since) continue;
      for (let start = 0, index = 0; start + keyEntryLength <= keys.length; start += keyEntryLength, index++) {
        if (keys.compare(key, 0, keyLength, start, start + keyLength) === 0) {
          return { version, reply: replies[index] ?? -1 };
        }
      }
    }
    return undefined;
  }

  find(bytes: Buffer, since: number): Omit<JournalHit, 'partition'>[] {
    return this.#rows
      .filter(({ at, out }) => at >= since && out.includes(bytes))
      .map(({ version, at, out }) => ({ version, at, out }));
  }

  /** Drops rows older than `before` that are emitted. */
  forget(before: number): void {
    this.#dropWhile(({ at }) => at < before);
  }

  #dropWhile(isOver: (row: JournalRow) => boolean): void {
    let count = 0;
    for (const row of this.#rows) {
      if (row.version > this.fence.emitted || !isOver(row)) break;
      this.#bytes -= sizeOf(row);
      count++;
    }
    if (count > 0) this.#rows = this.#rows.slice(count);
  }

  #see({ source, version, index }: { source: number; version: number; index: number }): void {
    const known = this.#seen.get(source);
    const isHigher =
      known === undefined || version > known.version || (version === known.version && index > known.index);
    if (isHigher) this.#seen.set(source, { version, index });
  }
}

function sizeOf({ keys, out }: JournalRow): number {
  return keys.length + out.length;
}
