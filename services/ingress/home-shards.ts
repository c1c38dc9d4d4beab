/**
 * Where AEs with self-chosen IDs live (architecture §2): known for a while from the shared cache, else guessed by hash. A
 * wrong guess is harmless, the worker hands the request on (R6).
 */
import type { CseDescription } from '../core/cse.ts';
import type { Clock } from '../ports/clock.ts';
import type { ResourceCache } from '../ports/resource-cache.ts';
import { BoundedMap } from './bounded-map.ts';

export interface HomeShards {
  /** The shard of an AE-ID; undefined if none is known. What has never been asked for, or long ago, is noted as missing. */
  home(cse: CseDescription, aeId: string): number | undefined;
  /** How many questions to `home` since the last look-up met something unknown. */
  missing(): number;
  /** Asks the shared cache for all that is missing, in one go. Never rejects. */
  lookUp(): Promise<void>;
}

export interface HomeShardsOptions {
  cache: ResourceCache | undefined;
  clock: Clock;
  /** Most AE-IDs remembered. */
  limit: number;
  /** How long an entry is believed, ms. */
  lifetime: number;
  counted(result: 'hit' | 'miss', amount: number): void;
}

interface Entry {
  shard: number | undefined;
  until: number;
}

/** Key of an AE-ID's home in the shared cache. The value is the shard as a decimal number. */
export function homeKey(cse: number, aeId: string): string {
  return `ae/${cse}/${aeId}`;
}

export function createHomeShards(options: HomeShardsOptions): HomeShards {
  const { cache, clock } = options;
  const entries = new BoundedMap<string, Entry>(options.limit);
  let missing: string[] = [];

  function home(cse: CseDescription, aeId: string): number | undefined {
    const key = homeKey(cse.number, aeId);
    const entry = entries.get(key);
    if (entry !== undefined && entry.until > clock.monotonic()) return entry.shard;
    if (cache !== undefined) missing.push(key);
    return entry?.shard;
  }

  async function lookUp(): Promise<void> {
    const keys = [...new Set(missing)];
    missing = [];
    if (cache === undefined || keys.length === 0) return;
    const values = await cache.get(keys).catch(() => []);
    const until = clock.monotonic() + options.lifetime;
    let hits = 0;
    keys.forEach((key, index) => {
      const shard = shardOf(values[index]);
      if (shard !== undefined) hits += 1;
      entries.set(key, { shard, until });
    });
    options.counted('hit', hits);
    options.counted('miss', keys.length - hits);
  }

  return { home, missing: () => missing.length, lookUp };
}

function shardOf(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,5}$/.test(value) ? Number(value) : undefined;
}
