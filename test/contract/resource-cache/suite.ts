/** What every ResourceCache must do. Each adapter's test file runs it over its own cache. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { ResourceCache } from '../../../services/ports/resource-cache.ts';
import { reportContract } from '../../parts/contract-report.ts';

export interface CacheUnderTest {
  /** As it stands in the report. */
  name: string;
  open(): Promise<ResourceCache>;
}

export function resourceCacheContract(under: CacheUnderTest): void {
  describe(`ResourceCache: ${under.name}`, () => {
    reportContract('resource-cache', under.name);
    let cache: ResourceCache;
    let keys = 0;
    const freshKey = () => `test/${process.pid}/${++keys}`;
    before(async () => {
      cache = await under.open();
    });
    after(() => cache.close());
    const put = (key: string, version: number, value: string | null) => cache.put([{ key, version, value }]);
    const get = async (key: string) => (await cache.get([key]))[0];

    it('is ready, and gives back what was put, in the order of the keys; what is not there is undefined', async () => {
      assert.equal(cache.ready(), true);
      const [first, second, absent] = [freshKey(), freshKey(), freshKey()];
      await cache.put([
        { key: first, version: 1, value: 'one' },
        { key: second, version: 7, value: 'two' },
      ]);
      assert.deepEqual(await cache.get([second, absent, first]), ['two', undefined, 'one']);
      assert.deepEqual(await cache.get([]), []);
    });

    it('keeps the newer version, whatever the order of the puts (R24)', async () => {
      const key = freshKey();
      await put(key, 2, 'newer');
      await put(key, 1, 'older');
      assert.equal(await get(key), 'newer');
      await put(key, 10, 'ten, which as a text is less than two');
      assert.equal(await get(key), 'ten, which as a text is less than two');
      await put(key, 9, 'nine');
      assert.equal(await get(key), 'ten, which as a text is less than two');
    });

    it('counts beyond 2^32 and below 0, as versions of late and of seeded rows do', async () => {
      const key = freshKey();
      await put(key, -8_000_000_000_000, 'seeded');
      assert.equal(await get(key), 'seeded');
      await put(key, 1, 'written');
      await put(key, -1, 'seeded');
      assert.equal(await get(key), 'written');
      await put(key, 2 ** 52 + 1, 'late');
      await put(key, 2 ** 52, 'a little earlier');
      assert.equal(await get(key), 'late');
    });

    it('shows nothing of what was deleted, and no older put brings it back (R24)', async () => {
      const key = freshKey();
      await put(key, 5, 'value');
      await put(key, 6, null);
      assert.equal(await get(key), undefined);
      await put(key, 5, 'of a reader that was slow');
      assert.equal(await get(key), undefined);
      await put(key, 6, 'of the version that deleted it');
      assert.equal(await get(key), undefined);
      await put(key, 7, 'created anew');
      assert.equal(await get(key), 'created anew');
    });

    it('remembers the deletion of what it never held', async () => {
      const key = freshKey();
      await put(key, 3, null);
      await put(key, 2, 'too late');
      assert.equal(await get(key), undefined);
    });

    it('gives back texts as they were: empty, with line feeds, beyond ASCII, long', async () => {
      const values = ['', 'v', '\n', '1\nv2', 'grüße 🌍 \u2028', '{"con":"x\\u0000y"}', 'x'.repeat(200_000)];
      const entries = values.map((value) => ({ key: freshKey(), version: 1, value }));
      await cache.put(entries);
      assert.deepEqual(await cache.get(entries.map(({ key }) => key)), values);
    });

    it('takes many puts of one key at a time, and the newest stays', async () => {
      const key = freshKey();
      const versions = Array.from({ length: 100 }, (_, index) => ((index * 37) % 100) + 1);
      await Promise.all(versions.map((version) => put(key, version, `v${version}`)));
      assert.equal(await get(key), 'v100');
    });
  });

  describe(`ResourceCache: ${under.name}, closed`, () => {
    reportContract('resource-cache', under.name);
    it('answers nothing and takes nothing, without an error', async () => {
      const cache = await under.open();
      await cache.put([{ key: 'closed', version: 1, value: 'x' }]);
      await cache.close();
      assert.equal(cache.ready(), false);
      await cache.put([{ key: 'closed', version: 2, value: 'y' }]);
      assert.deepEqual(await cache.get(['closed']), [undefined]);
    });
  });
}
