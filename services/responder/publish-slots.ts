/** Bounds the publishes that are out over all brokers (R26). Who waits gets a slot in the order of asking. */
export class PublishSlots {
  readonly #limit: number;
  #taken = 0;
  #waiters: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** True if a slot was free; it is the caller's now. */
  tryTake(): boolean {
    if (this.#taken >= this.#limit) return false;
    this.#taken += 1;
    return true;
  }

  /** Resolves with a slot. */
  take(): Promise<void> {
    if (this.tryTake()) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  release(): void {
    const next = this.#waiters.shift();
    if (next === undefined) this.#taken -= 1;
    else next();
  }

  get taken(): number {
    return this.#taken;
  }
}
