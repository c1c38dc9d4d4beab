import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryResourceCache } from '../../../services/adapters/memory/resource-cache.ts';
import { reportContract } from '../../parts/contract-report.ts';
import { resourceCacheContract } from './suite.ts';

resourceCacheContract({ name: 'memory', open: async () => new MemoryResourceCache() });

describe('ResourceCache: memory, within its bound', () => {
  reportContract('resource-cache', 'memory');
  it('lets go of what was used least, by bytes', async () => {
    const cache = new MemoryResourceCache({ maximumBytes: 10_000 });
    const value = 'x'.repeat(1_000);
    for (let n = 0; n < 20; n++) {
      await cache.put([{ key: `k${n}`, version: 1, value }]);
      await cache.get(['k0']);
    }
    assert.deepEqual(await cache.get(['k0', 'k1', 'k19']), [value, undefined, value]);
  });
});
