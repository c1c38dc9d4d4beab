/** What the parts of one process let in together: for tests, and where several ingresses share a process. */
import { RateLimiterMemory } from 'rate-limiter-flexible';
import type { RateLimiter } from '../../ports/rate-limiter.ts';

/** Seconds. */
const window = 1;

export function createMemoryRateLimiter(): RateLimiter {
  // `points` is a bound that is never reached: who is over its rate is judged by who asks.
  const limiter = new RateLimiterMemory({ points: Number.MAX_SAFE_INTEGER, duration: window });
  return {
    async spend(key, amount) {
      const { consumedPoints, msBeforeNext } = await limiter.penalty(key, amount);
      return { total: consumedPoints, endsIn: Math.max(0, msBeforeNext) };
    },
    async close() {},
  };
}
