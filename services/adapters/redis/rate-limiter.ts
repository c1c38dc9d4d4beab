/** What processes let in together, counted by Redis in windows of a second. */
import { RateLimiterRedis } from 'rate-limiter-flexible';
import type { Address } from '../../platform/addresses.ts';
import type { RateLimiter } from '../../ports/rate-limiter.ts';
import { connectRedis } from './connection.ts';

export interface RedisRateLimiterOptions {
  url: string | Address;
  /** Before every key, so that deployments can share a server. `in-cse:rate` by default. */
  prefix?: string;
  /** ms that an answer may take; 100 by default. */
  timeLimit?: number;
}

/** Seconds. */
const window = 1;

/** Connects in the background: without Redis each process keeps to the rates alone. */
export function openRedisRateLimiter(options: RedisRateLimiterOptions): RateLimiter {
  const { url, prefix = 'in-cse:rate', timeLimit = 100 } = options;
  const { redis, stopWatching } = connectRedis(url, {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    commandTimeout: timeLimit,
  });
  // Without a listener the client prints; that it is away is told by the cache, which uses the same server.
  redis.on('error', () => {});
  // `points` is a bound that is never reached: who is over its rate is judged by who asks.
  const limiter = new RateLimiterRedis({
    storeClient: redis,
    keyPrefix: prefix,
    points: Number.MAX_SAFE_INTEGER,
    duration: window,
    rejectIfRedisNotReady: true,
  });
  return {
    async spend(key, amount) {
      try {
        const { consumedPoints, msBeforeNext } = await limiter.penalty(key, amount);
        return { total: consumedPoints, endsIn: Math.max(0, msBeforeNext) };
      } catch {
        return undefined;
      }
    },
    async close() {
      stopWatching();
      redis.disconnect();
    },
  };
}
