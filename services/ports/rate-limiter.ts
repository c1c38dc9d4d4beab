/** What several processes let in together, so that a rate holds for all of them. Only speed: away, each keeps to it alone. */
export interface RateLimiter {
  /**
   * Adds what was spent under a key in the present window of a second. Resolves with the sum of all who share it and the time
   * until the window ends, ms; with undefined where that cannot be told. Never rejects.
   */
  spend(key: string, amount: number): Promise<{ total: number; endsIn: number } | undefined>;
  close(): Promise<void>;
}
