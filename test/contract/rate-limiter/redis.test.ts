import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { openRedisRateLimiter } from '../../../services/adapters/redis/rate-limiter.ts';
import type { RateLimiter } from '../../../services/ports/rate-limiter.ts';
import { reportContract } from '../../parts/contract-report.ts';
import { withParts } from '../../parts/with-parts.ts';
import { rateLimiterContract } from './suite.ts';

const parts = withParts({ redis: true }, { own: true });
/** Tests of what is counted, not of time: a busy machine must not look like a server that is away. */
const patient = { timeLimit: 5000 };

/** It connects in the background. */
async function connected(limiter: RateLimiter): Promise<RateLimiter> {
  for (const end = Date.now() + 10_000; Date.now() < end; await pause(20)) {
    if ((await limiter.spend('test/connected', 0)) !== undefined) return limiter;
  }
  return assert.fail('no connection to Redis');
}

if (parts.skip === false) {
  rateLimiterContract({
    name: 'redis',
    async open() {
      const { url } = await parts.redis();
      const open = () => connected(openRedisRateLimiter({ url, ...patient }));
      return { limiter: await open(), again: await open() };
    },
  });
}

describe('RateLimiter: redis, when Redis is away', { skip: parts.skip }, () => {
  reportContract('rate-limiter', 'redis');

  it('cannot tell, and says so without waiting or rejecting; and counts again when it is back', async () => {
    const redis = await parts.redis();
    const limiter = await connected(openRedisRateLimiter({ url: redis.url, ...patient }));
    try {
      await redis.kill();
      assert.equal(await limiter.spend('test/away', 1), undefined);
      await redis.start();
      await connected(limiter);
    } finally {
      await limiter.close();
    }
  });

  it('opens without it', async () => {
    const limiter = openRedisRateLimiter({ url: 'redis://127.0.0.1:1' });
    assert.equal(await limiter.spend('test/never', 1), undefined);
    await limiter.close();
  });
});
