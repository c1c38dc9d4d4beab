/** Losses of the connection on the same batch after which it counts as the cause (R12). */
const tolerated = 3;

/**
 * Connections lost on one batch, one after the other. That the fence could be read between them is the healthy probe: the
 * database is there, and this batch takes it down.
 */
export class ConnectionLosses {
  #offset = -1;
  #count = 0;
  #poison = -1;

  /** A commit of `records` records from `offset` on has met a lost connection. Returns how many to try next. */
  limitAfter(offset: number, records: number): number {
    this.#count = offset === this.#offset ? this.#count + 1 : 1;
    this.#offset = offset;
    if (this.#count < tolerated) return records;
    this.#count = 0;
    if (records === 1) this.#poison = offset;
    return Math.ceil(records / 2);
  }

  /** The record at this offset, alone, has lost the connection too often. */
  isPoison(offset: number): boolean {
    return offset === this.#poison;
  }
}
