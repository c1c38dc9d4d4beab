/** A map of bounded size that forgets what was set longest ago: for readings that can be made again at any time. */
export class BoundedMap<K, V> {
  readonly #limit: number;
  readonly #entries = new Map<K, V>();
  /** Keys as a ring: looking for the oldest in a map from which much was deleted takes tens of microseconds. */
  readonly #keys: K[] = [];
  #oldest = 0;

  /** `limit`: at least 1. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  set(key: K, value: V): void {
    if (!this.#entries.has(key)) this.#remember(key);
    this.#entries.set(key, value);
  }

  get size(): number {
    return this.#entries.size;
  }

  #remember(key: K): void {
    if (this.#keys.length < this.#limit) {
      this.#keys.push(key);
      return;
    }
    this.#entries.delete(this.#keys[this.#oldest] as K);
    this.#keys[this.#oldest] = key;
    this.#oldest = (this.#oldest + 1) % this.#limit;
  }
}
