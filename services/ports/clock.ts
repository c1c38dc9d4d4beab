/** Time, chance and waiting, so that a simulation can own them. */
export interface Clock {
  /** Wall clock, ms since 1970. */
  now(): number;
  /** Monotonic clock for durations, ms. */
  monotonic(): number;
  /** Calls back once after `ms`; the returned function cancels. Never keeps a process alive by itself. */
  after(ms: number, callback: () => void): () => void;
  /** Calls back when the present turn of the event loop is over. */
  soon(callback: () => void): void;
}

export interface Chance {
  /** `bits` (at most 64) random bits in base 36, unguessable outside of simulations. */
  token(bits: number): string;
  /** A number in [0, 1), for jitter. */
  fraction(): number;
}
