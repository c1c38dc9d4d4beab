/** The bound on what is handed over and not acknowledged, over all connections of a receiver (R28). */
export class Budget {
  readonly #maximum: number;
  readonly #maximumBytes: number;
  #count = 0;
  #bytes = 0;
  #waiting: (() => void)[] = [];

  constructor(maximum: number, maximumBytes: number) {
    this.#maximum = maximum;
    this.#maximumBytes = maximumBytes;
  }

  get count(): number {
    return this.#count;
  }

  get exhausted(): boolean {
    return this.#count >= this.#maximum || this.#bytes >= this.#maximumBytes;
  }

  take(bytes: number): void {
    this.#count += 1;
    this.#bytes += bytes;
  }

  /** Gives back; may call who waits, each of whom may take again. */
  release(count: number, bytes: number): void {
    this.#count -= count;
    this.#bytes -= bytes;
    while (this.#waiting.length > 0 && !this.exhausted) this.#waiting.shift()?.();
  }

  /** Calls back once when something may be taken. */
  whenFree(callback: () => void): void {
    this.#waiting.push(callback);
  }
}
