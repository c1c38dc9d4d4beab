/**
 * Which requests were answered lately (R16, R17): 16-byte keys in typed arrays, two generations of one window each. At
 * 20,000 requests a second a Map of objects would not do.
 */

/** Where the first answer stands. */
export interface Remembered {
  /** Journal row. */
  version: number;
  /** Position of the reply among the row's records; -1: there was none to give. */
  reply: number;
  /** Append time, ms. */
  at: number;
}

const keyWords = 4;

class Table {
  #size = 0;
  #mask: number;
  #keys: Int32Array;
  #versions: Float64Array;
  #times: Float64Array;
  #replies: Int32Array;

  constructor(capacity: number) {
    this.#mask = capacity - 1;
    this.#keys = new Int32Array(capacity * keyWords);
    this.#versions = new Float64Array(capacity);
    this.#times = new Float64Array(capacity);
    this.#replies = new Int32Array(capacity);
  }

  get size(): number {
    return this.#size;
  }

  /** The slot of a key, or the free one where it would stand. A version is never 0, so that 0 means free. */
  #slot(key: Buffer): number {
    const [a, b, c, d] = [key.readInt32LE(0), key.readInt32LE(4), key.readInt32LE(8), key.readInt32LE(12)];
    for (let slot = a & this.#mask; ; slot = (slot + 1) & this.#mask) {
      if (this.#versions[slot] === 0) return slot;
      const at = slot * keyWords;
      const keys = this.#keys;
      if (keys[at] === a && keys[at + 1] === b && keys[at + 2] === c && keys[at + 3] === d) return slot;
    }
  }

  find(key: Buffer): Remembered | undefined {
    const slot = this.#slot(key);
    const version = this.#versions[slot] ?? 0;
    return version === 0 ? undefined : { version, reply: this.#replies[slot] ?? -1, at: this.#times[slot] ?? 0 };
  }

  put(key: Buffer, remembered: Remembered): void {
    if (this.#size * 2 > this.#mask) this.#grow();
    const slot = this.#slot(key);
    if (this.#versions[slot] === 0) this.#size++;
    for (let word = 0; word < keyWords; word++) this.#keys[slot * keyWords + word] = key.readInt32LE(word * 4);
    this.#versions[slot] = remembered.version;
    this.#times[slot] = remembered.at;
    this.#replies[slot] = remembered.reply;
  }

  #grow(): void {
    const larger = new Table((this.#mask + 1) * 2);
    const key = Buffer.alloc(keyWords * 4);
    for (let slot = 0; slot <= this.#mask; slot++) {
      const version = this.#versions[slot] ?? 0;
      if (version === 0) continue;
      for (let word = 0; word < keyWords; word++) key.writeInt32LE(this.#keys[slot * keyWords + word] ?? 0, word * 4);
      larger.put(key, { version, reply: this.#replies[slot] ?? -1, at: this.#times[slot] ?? 0 });
    }
    this.#mask = larger.#mask;
    this.#keys = larger.#keys;
    this.#versions = larger.#versions;
    this.#times = larger.#times;
    this.#replies = larger.#replies;
  }
}

const initialCapacity = 256;

export class DuplicateWindow {
  readonly #length: number;
  readonly #keys: number;
  #current = new Table(initialCapacity);
  #previous = new Table(initialCapacity);
  #currentSince = 0;

  /** `length`: the longest window of any CSE, ms; `keys`: at least so many of the latest are kept, at most twice as many. */
  constructor(length: number, keys: number) {
    this.#length = length;
    this.#keys = keys;
  }

  /** The first answer to this key, if it was given at or after `since` (log append time, ms). */
  find(key: Buffer, since: number): Remembered | undefined {
    const found = this.#current.find(key) ?? this.#previous.find(key);
    return found !== undefined && found.at >= since ? found : undefined;
  }

  remember(key: Buffer, remembered: Remembered): void {
    if (remembered.at - this.#currentSince > this.#length || this.#current.size >= this.#keys) {
      this.#previous = this.#current;
      this.#current = new Table(initialCapacity);
      this.#currentSince = remembered.at;
    }
    this.#current.put(key, remembered);
  }

  /** Keys held, those past the window included. */
  get size(): number {
    return this.#current.size + this.#previous.size;
  }
}
