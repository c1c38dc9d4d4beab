/** A ResourceCache that counts what it is asked for. */
import type { Metrics } from '../../platform/metrics.ts';
import type { ResourceCache } from '../../ports/resource-cache.ts';

export function meterCache(cache: ResourceCache, metrics: Metrics): ResourceCache {
  const forget = metrics.beforeScrape(() => metrics.cacheReady.set(cache.ready() ? 1 : 0));
  return {
    async get(keys) {
      const values = await cache.get(keys);
      let hits = 0;
      for (const value of values) if (value !== undefined) hits++;
      metrics.cacheRequests.add(hits, 'redis', 'hit');
      metrics.cacheRequests.add(keys.length - hits, 'redis', 'miss');
      return values;
    },
    put: (entries) => cache.put(entries),
    ready: () => cache.ready(),
    close() {
      forget();
      return cache.close();
    },
  };
}
