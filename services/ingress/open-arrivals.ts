import type { Arrival } from './arrival.ts';

/** The messages that are not acknowledged yet, oldest first. */
export class OpenArrivals {
  readonly #open = new Set<Arrival>();
  #waiters: (() => void)[] = [];

  add(arrival: Arrival): void {
    this.#open.add(arrival);
  }

  close(arrival: Arrival): void {
    if (!this.#open.delete(arrival) || this.#open.size > 0 || this.#waiters.length === 0) return;
    for (const waiter of this.#waiters.splice(0)) waiter();
  }

  get size(): number {
    return this.#open.size;
  }

  /** Monotonic time at which the oldest came, ms; undefined if there is none. */
  oldestAt(): number | undefined {
    const [oldest] = this.#open;
    return oldest?.at;
  }

  whenEmpty(): Promise<void> {
    return this.#open.size === 0 ? Promise.resolve() : new Promise((resolve) => this.#waiters.push(resolve));
  }
}
