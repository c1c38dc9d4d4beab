import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { openRedisCache } from '../../../services/adapters/redis/resource-cache.ts';
import type { ResourceCache } from '../../../services/ports/resource-cache.ts';
import { reportContract } from '../../parts/contract-report.ts';
import { withParts } from '../../parts/with-parts.ts';
import { resourceCacheContract } from './suite.ts';

const parts = withParts({ redis: true }, { own: true });
/** Tests of what is kept, not of time: a busy machine must not look like a server that is away. */
const patient = { timeLimit: 5_000 };

if (parts.skip === false) {
  resourceCacheContract({
    name: 'redis',
    open: async () => openRedisCache({ url: (await parts.redis()).url, ...patient }),
  });
}

async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 20_000; Date.now() < end; await sleep(10)) if (await isTrue()) return;
  assert.fail(`in vain: ${what}`);
}

describe('ResourceCache: redis, when Redis is away', { skip: parts.skip }, () => {
  reportContract('resource-cache', 'redis');
  const entry = (version: number) => [{ key: 'k', version, value: `v${version}` }];
  const withCache = async (use: (cache: ResourceCache) => Promise<void>, timeLimit = 200) => {
    const cache = await openRedisCache({ url: (await parts.redis()).url, timeLimit });
    try {
      await until('ready', () => cache.ready());
      await use(cache);
    } finally {
      await cache.close();
    }
  };

  it('opens without it, answers undefined at once, and never rejects', async () => {
    const cache = await openRedisCache({ url: 'redis://127.0.0.1:1' });
    assert.equal(cache.ready(), false);
    await cache.put(entry(1));
    assert.deepEqual(await cache.get(['k', 'other']), [undefined, undefined]);
    await cache.close();
  });

  it('goes on without it when it dies, and uses it again, its scripts forgotten, when it is back', async () => {
    const redis = await parts.redis();
    await withCache(async (cache) => {
      await cache.put(entry(1));
      await redis.kill();
      await until('not ready', () => !cache.ready());
      await cache.put(entry(2));
      assert.deepEqual(await cache.get(['k']), [undefined]);
      await redis.start();
      await until('ready again', () => cache.ready());
      await until('a put that arrives', async () => {
        await cache.put(entry(3));
        return (await cache.get(['k']))[0] === 'v3';
      });
    });
  });

  it('leaves it alone after a few answers that did not come, so that nobody waits, and finds out when they do', async () => {
    const redis = await parts.redis();
    await withCache(async (cache) => {
      await cache.put(entry(4));
      redis.pause();
      try {
        for (let n = 0; n < 10 && cache.ready(); n++) assert.deepEqual(await cache.get(['k']), [undefined]);
        assert.equal(cache.ready(), false);
        // No command leaves now: all of this is over before one could have taken too long.
        let waited = false;
        const timer = setImmediate(() => {
          waited = true;
        });
        for (let n = 0; n < 100; n++) {
          await cache.get(['k']);
          await cache.put(entry(5));
        }
        clearImmediate(timer);
        assert.equal(waited, false);
      } finally {
        redis.resume();
      }
      await until('ready again', () => cache.ready());
      await until('the value', async () => (await cache.get(['k']))[0] === 'v4');
    });
  });

  it('loads its script again when the server has forgotten it', async () => {
    const client = new Redis((await parts.redis()).url);
    await withCache(async (cache) => {
      await cache.put(entry(10));
      await client.script('FLUSH');
      await cache.put(entry(11));
      assert.deepEqual(await cache.get(['k']), ['v11']);
    }, 5_000).finally(() => client.quit());
  });

  it('lets values and deletions live for their time, not all of them for the same', async () => {
    const client = new Redis((await parts.redis()).url);
    const cache = await openRedisCache({
      url: (await parts.redis()).url,
      life: 100_000,
      tombstoneLife: 50_000,
      ...patient,
    });
    const keys = Array.from({ length: 20 }, (_, n) => `life${n}`);
    await cache.put(keys.map((key) => ({ key, version: 1, value: key })));
    await cache.put([{ key: 'dead', version: 1, value: null }]);
    const lives = await Promise.all(keys.map((key) => client.pttl(`in-cse:${key}`)));
    assert.ok(lives.every((life) => life > 60_000 && life <= 100_000));
    assert.ok(Math.max(...lives) - Math.min(...lives) > 1_000);
    const dead = await client.pttl('in-cse:dead');
    assert.ok(dead > 20_000 && dead <= 50_000);
    await cache.close();
    await client.quit();
  });

  it('reads user and password from its address', async () => {
    const { url } = await parts.redis();
    const client = new Redis(url);
    await client.call('ACL', 'SETUSER', 'cse', 'on', '>s3cret', '~in-cse:*', '+@all');
    const withUser = new URL(url);
    withUser.username = 'cse';
    withUser.password = 's3cret';
    const cache = await openRedisCache({ url: withUser.href, ...patient });
    await cache.put([{ key: 'mine', version: 1, value: 'x' }]);
    assert.deepEqual(await cache.get(['mine']), ['x']);
    assert.match(String(await client.call('CLIENT', 'LIST')), /user=cse/);
    await cache.close();
    await client.quit();
  });
});
