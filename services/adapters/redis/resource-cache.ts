import type { Redis, RedisOptions } from 'ioredis';
import type { Address } from '../../platform/addresses.ts';
import type { ResourceCache } from '../../ports/resource-cache.ts';
import { Breaker } from './breaker.ts';
import { connectRedis, type RedisConnection } from './connection.ts';
import { putNewerScript, storedForm, textOf } from './put-newer.ts';

export interface RedisCacheOptions {
  /** `redis://` or `rediss://` with user, password, host, port, database and certificates. */
  url: string | Address;
  /** Before every key, so that deployments can share a server. `in-cse:` by default. */
  prefix?: string;
  /** ms that an answer may take; 40 by default. */
  timeLimit?: number;
  /** ms that a value lives, up to a tenth less so that not all expire at once; 10 minutes by default. */
  life?: number;
  /** ms that a deletion is remembered: longer than any put of an older version can be on its way; 10 minutes by default. */
  tombstoneLife?: number;
  /** ms between looks at the files of the address. */
  watchInterval?: number;
  log?(level: 'info' | 'warn', message: string, details: Record<string, unknown>): void;
}

interface WithScript {
  putNewer(key: string, version: string, stored: string, life: string): Promise<number>;
}

/** How long opening waits for the first connection. */
const openingTime = 1_000;

/** Resolves when Redis is connected, or after a second without: a cache that is away is no reason not to start. */
export async function openRedisCache(options: RedisCacheOptions): Promise<ResourceCache> {
  const cache = new RedisResourceCache(options);
  await cache.connected(openingTime);
  return cache;
}

class RedisResourceCache implements ResourceCache {
  readonly #connection: RedisConnection;
  readonly #redis: Redis & WithScript;
  readonly #breaker: Breaker;
  readonly #life: number;
  readonly #tombstoneLife: number;
  #closed = false;

  constructor(options: RedisCacheOptions) {
    const { url, life = 600_000, tombstoneLife = 600_000, log } = options;
    this.#life = life;
    this.#tombstoneLife = tombstoneLife;
    this.#connection = connectRedis(url, clientOptions(options), options.watchInterval);
    this.#redis = this.#connection.redis as Redis & WithScript;
    // Without a listener the client prints; what matters is whether it is there.
    this.#redis.on('error', () => {});
    this.#redis.on('ready', () => {
      log?.('info', 'the cache is connected', {});
      this.#breaker.recovered();
    });
    this.#redis.on('close', () => log?.('warn', 'the cache is not connected', {}));
    this.#breaker = new Breaker({
      probe: () => this.#redis.ping(),
      changed: (open) => {
        if (open) log?.('warn', 'the cache does not answer and is left alone', {});
        else log?.('info', 'the cache answers again', {});
      },
    });
  }

  /** Resolves when connected, or after `timeLimit` ms. */
  async connected(timeLimit: number): Promise<void> {
    if (this.#redis.status === 'ready') return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeLimit);
      this.#redis.once('ready', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  async get(keys: string[]): Promise<(string | undefined)[]> {
    if (!this.ready() || keys.length === 0) return keys.map(() => undefined);
    return await Promise.all(keys.map((key) => this.#getOne(key)));
  }

  async put(entries: { key: string; version: number; value: string | null }[]): Promise<void> {
    if (!this.ready() || entries.length === 0) return;
    await Promise.all(entries.map(({ key, version, value }) => this.#putOne(key, version, value)));
  }

  ready(): boolean {
    return !this.#closed && this.#redis.status === 'ready' && !this.#breaker.isOpen();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#breaker.stop();
    this.#connection.stopWatching();
    if (this.#redis.status === 'ready') await this.#redis.quit().catch(() => {});
    this.#redis.disconnect();
  }

  async #getOne(key: string): Promise<string | undefined> {
    try {
      const stored = await this.#redis.get(key);
      this.#breaker.succeeded();
      return textOf(stored);
    } catch {
      this.#breaker.failed();
      return undefined;
    }
  }

  async #putOne(key: string, version: number, value: string | null): Promise<void> {
    const life = value === null ? this.#tombstoneLife : this.#life * (1 - Math.random() / 10);
    try {
      await this.#redis.putNewer(key, String(version), storedForm(version, value), String(Math.ceil(life)));
      this.#breaker.succeeded();
    } catch {
      this.#breaker.failed();
    }
  }
}

function clientOptions({ prefix = 'in-cse:', timeLimit = 40 }: RedisCacheOptions): RedisOptions {
  return {
    keyPrefix: prefix,
    // What cannot be asked now is not asked: the client would keep commands for as long as the server is away.
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: timeLimit,
    connectTimeout: 2_000,
    noDelay: true,
    enableAutoPipelining: true,
    scripts: { putNewer: { lua: putNewerScript, numberOfKeys: 1 } },
  };
}
