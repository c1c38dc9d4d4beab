/** A client of Redis that looks where and who it is whenever it connects. */
import { Redis, type RedisOptions } from 'ioredis';
import type { Address } from '../../platform/addresses.ts';
import { watchFiles } from '../../platform/files.ts';
import { type RedisTarget, redisSource } from './address.ts';

export interface RedisConnection {
  readonly redis: Redis;
  /** Stops looking at files. */
  stopWatching(): void;
}

const longestPause = 2000;

/**
 * Connects, and again for as long as it takes. When files of the address change, the connection is made anew in good order.
 * `options` must not say how to reconnect. `watchInterval`: ms between looks at the files.
 */
export function connectRedis(
  address: string | Address,
  options: Omit<RedisOptions, keyof RedisTarget | 'retryStrategy'>,
  watchInterval?: number,
): RedisConnection {
  const source = redisSource(address);
  const redis = new Redis({
    ...options,
    ...source.current(),
    // The client asks here before each further attempt, and takes user, password and certificates from its options then.
    retryStrategy: (attempt) => {
      aim(redis, source.current());
      return Math.min(longestPause, 50 * 2 ** Math.min(attempt, 10));
    },
  });
  const stopWatching = watchFiles(source.files, () => redis.disconnect(true), watchInterval);
  return { redis, stopWatching };
}

function aim(redis: Redis, target: RedisTarget): void {
  const { options } = redis;
  Object.assign(options, target);
  if (target.username === undefined) delete options.username;
  if (target.password === undefined) delete options.password;
}
