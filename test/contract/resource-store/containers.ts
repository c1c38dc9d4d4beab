import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { StoredResource } from '../../../services/core/resource.ts';
import type { StoreContext } from './context.ts';
import { insertion, type Owner } from './owner.ts';
import { childOf, firstLevel, instanceOf, keyOf, noInstances, testNow, types } from './rows.ts';

/** Instances, their order, and how they go (R13, R15). */
export function containerTests(context: StoreContext): void {
  /** A container with instances of 10 bytes each, their numbers from `from` on. */
  async function filled(owner: Owner, name: string, count: number, from = 0): Promise<StoredResource> {
    const cse = await context.cse();
    const container = firstLevel(cse, types.container, name);
    const instances = Array.from({ length: count }, (_, index) => instanceOf(container, from + index, { size: 10 }));
    const counters = {
      stateTag: count,
      instances: count,
      bytes: count * 10,
      nextSequence: from + count,
      lowestSequence: from,
    };
    await owner.change(insertion(container), ...instances.map(insertion), {
      kind: 'counters',
      key: keyOf(container),
      counters,
    });
    return container;
  }

  const of = (container: StoredResource) => ({
    cse: container.cse,
    shard: container.shard,
    parentId: container.id,
  });
  const latest = async (container: StoredResource, now = testNow) =>
    (await context.fact({ kind: 'latest', ...of(container), now })).found?.sequence;
  const oldest = async (container: StoredResource, now = testNow) =>
    (await context.fact({ kind: 'oldest', ...of(container), now })).found?.sequence;
  const oldestInstances = async (container: StoredResource, count: number) =>
    (await context.fact({ kind: 'oldestInstances', ...of(container), count })).instances;
  const sequences = async (container: StoredResource) =>
    (await oldestInstances(container, 1_000)).map(({ sequence }) => sequence);

  it('knows the newest and the oldest by sequence, never by name, time or order of arrival (R15)', async () => {
    const owner = await context.owner();
    const container = await filled(owner, 'cnt', 0);
    const at = (sequence: number, ct: string) => instanceOf(container, sequence, { attributes: { ct } });
    await owner.insert(at(9, '20260101T000009,000'), at(10, '20250101T000000,000'));
    await owner.insert(at(2, '20270101T000000,000'));
    assert.deepEqual([await oldest(container), await latest(container)], [2, 10]);
    assert.deepEqual(await sequences(container), [2, 9, 10]);
  });

  it('orders sequences beyond 2^32', async () => {
    const owner = await context.owner();
    const container = await filled(owner, 'cnt', 3, 2 ** 32 - 1);
    assert.deepEqual(await sequences(container), [2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1]);
    assert.equal(await latest(container), 2 ** 32 + 1);
  });

  it('skips the expired for `la` and `ol` (R15), though they count as instances', async () => {
    const owner = await context.owner();
    const container = await filled(owner, 'cnt', 0);
    const ends = [null, 5_000, 8_000, 5_000].map((after) => (after === null ? null : testNow + after));
    await owner.insert(
      instanceOf(container, 0, { expiresAt: testNow + 1_000 }),
      ...ends.map((expiresAt, index) => instanceOf(container, index + 1, { expiresAt })),
    );
    const at = async (after: number) => [
      await oldest(container, testNow + after),
      await latest(container, testNow + after),
    ];
    assert.deepEqual(await at(0), [0, 4]);
    assert.deepEqual(await at(1_000), [1, 4]);
    assert.deepEqual(await at(4_999), [1, 4]);
    assert.deepEqual(await at(5_000), [1, 3]);
    assert.deepEqual(await at(8_000), [1, 1]);
    assert.deepEqual(await sequences(container), [0, 1, 2, 3, 4]);
  });

  it('answers the whole newest instance, and none of an empty container', async () => {
    const owner = await context.owner();
    const container = await filled(owner, 'cnt', 2);
    const { found } = await context.fact({ kind: 'latest', ...of(container), now: testNow });
    assert.deepEqual([found?.path, found?.attributes.con, found?.size, found?.version], ['cnt/i1', '1', 10, 1]);
    const empty = await filled(owner, 'empty', 0);
    assert.deepEqual([await latest(empty), await oldest(empty)], [undefined, undefined]);
  });

  it('sees no children of other types, and no instances of other containers, as instances', async () => {
    const owner = await context.owner();
    const container = await filled(owner, 'cnt', 1);
    const inner = childOf(container, types.container, 'zz');
    await owner.insert(inner, childOf(container, types.subscription, 'sub'), instanceOf(inner, 7));
    assert.deepEqual(await sequences(container), [0]);
    assert.equal(await latest(container), 0);
  });

  it('summarises the oldest instances, as many as were asked for', async () => {
    const owner = await context.owner();
    const container = await filled(owner, 'cnt', 5);
    const expiring = instanceOf(container, 5, { size: 77, expiresAt: testNow + 5 });
    await owner.insert(expiring);
    assert.deepEqual(
      (await oldestInstances(container, 3)).map(({ sequence }) => sequence),
      [0, 1, 2],
    );
    assert.deepEqual((await oldestInstances(container, 100)).at(-1), {
      id: expiring.id,
      sequence: 5,
      size: 77,
      expiresAt: testNow + 5,
    });
  });

  it('evicts rows at once', async () => {
    const owner = await context.owner();
    const container = await filled(owner, 'cnt', 6);
    await owner.change({ kind: 'evict', container: keyOf(container), belowSequence: 4, rows: 'now' });
    assert.deepEqual(await sequences(container), [4, 5]);
    assert.equal(await oldest(container), 4);
    assert.equal(await context.find(instanceOf(container, 3)), null);
    assert.equal(await context.findAt(instanceOf(container, 3)), null);
    assert.equal((await context.find(container))?.counters?.lowestSequence, 4);
    assert.deepEqual(await context.store.sweep(keyOf(container), 10), { resources: [], more: false });
    const again = instanceOf(container, 6, { id: 'again-id', name: 'i0', path: 'cnt/i0' });
    await owner.insert(again);
    assert.equal((await context.findAt(again))?.resource.id, 'again-id');
  });

  it('hides what is evicted later by the lowest sequence, and gives it to the sweep in portions (R13)', async () => {
    const owner = await context.owner();
    const container = await filled(owner, 'cnt', 10);
    await owner.change({ kind: 'evict', container: keyOf(container), belowSequence: 7, rows: 'later' });
    const hidden = instanceOf(container, 6);
    assert.equal((await context.find(container))?.counters?.lowestSequence, 7);
    assert.deepEqual(await sequences(container), [7, 8, 9]);
    assert.equal(await oldest(container), 7);
    assert.equal(await context.find(hidden), null);
    assert.equal(await context.findAt(hidden), null);
    const query = { cse: container.cse, shard: container.shard, rootId: container.id, limit: 100 };
    const page = (await context.fact({ kind: 'query', query })).page;
    assert.deepEqual(
      page.resources.map(({ name }) => name),
      ['i7', 'i8', 'i9'],
    );
    const removed: number[] = [];
    for (let portions = 1; ; portions++) {
      const { resources, more } = await context.store.sweep(keyOf(container), 3);
      assert.ok(resources.length <= 3);
      removed.push(...resources.map(({ sequence }) => sequence));
      await owner.change(...resources.map((resource) => ({ kind: 'remove' as const, resource })));
      if (!more) break;
      assert.equal(resources.length, 3);
      assert.ok(portions < 5);
    }
    assert.deepEqual(removed.sort(), [0, 1, 2, 3, 4, 5, 6]);
    assert.deepEqual(await sequences(container), [7, 8, 9]);
    assert.deepEqual(await context.store.sweep(keyOf(container), 3), { resources: [], more: false });
  });

  it('hides all of a container that is cut at its next sequence', async () => {
    const owner = await context.owner();
    const container = await filled(owner, 'cnt', 3);
    await owner.change({ kind: 'evict', container: keyOf(container), belowSequence: 3, rows: 'later' });
    assert.deepEqual([await latest(container), await oldest(container)], [undefined, undefined]);
    await owner.insert(instanceOf(container, 3));
    assert.deepEqual(await sequences(container), [3]);
  });

  it('never brings back what was evicted: the lowest sequence does not fall with a later eviction', async () => {
    const owner = await context.owner();
    const container = await filled(owner, 'cnt', 6);
    await owner.change({ kind: 'evict', container: keyOf(container), belowSequence: 5, rows: 'later' });
    await owner.change({ kind: 'evict', container: keyOf(container), belowSequence: 2, rows: 'now' });
    assert.deepEqual(await sequences(container), [5]);
  });

  it('evicts in the flight that fills, as a full container does with each create', async () => {
    const owner = await context.owner();
    const container = await filled(owner, 'cnt', 4);
    for (let next = 4; next < 200; next += 2) {
      await owner.change(
        insertion(instanceOf(container, next)),
        insertion(instanceOf(container, next + 1)),
        { kind: 'evict', container: keyOf(container), belowSequence: next - 2, rows: 'now' },
        {
          kind: 'counters',
          key: keyOf(container),
          counters: { ...noInstances, instances: 4, nextSequence: next + 2, lowestSequence: next - 2 },
        },
      );
    }
    assert.deepEqual(await sequences(container), [196, 197, 198, 199]);
    assert.deepEqual([await oldest(container), await latest(container)], [196, 199]);
  });

  it('evicts instances of the same flight too', async () => {
    const owner = await context.owner();
    const container = await filled(owner, 'cnt', 1);
    const fresh = [1, 2, 3].map((sequence) => instanceOf(container, sequence));
    await owner.change(...fresh.map(insertion), {
      kind: 'evict',
      container: keyOf(container),
      belowSequence: 3,
      rows: 'now',
    });
    assert.deepEqual(await sequences(container), [3]);
  });

  it('finds where to cut by count, by bytes, and by both', async () => {
    const owner = await context.owner();
    const container = await filled(owner, 'cnt', 10);
    const cut = async (keepCount?: number, keepBytes?: number) => {
      const { kind: _kind, ...found } = await context.fact({
        kind: 'cut',
        ...of(container),
        ...(keepCount === undefined ? {} : { keepCount }),
        ...(keepBytes === undefined ? {} : { keepBytes }),
      });
      return found;
    };
    assert.deepEqual(await cut(4), { lowestSequence: 6, instances: 4, bytes: 40 });
    assert.deepEqual(await cut(undefined, 39), { lowestSequence: 7, instances: 3, bytes: 30 });
    assert.deepEqual(await cut(undefined, 40), { lowestSequence: 6, instances: 4, bytes: 40 });
    assert.deepEqual(await cut(5, 20), { lowestSequence: 8, instances: 2, bytes: 20 });
    assert.deepEqual(await cut(2, 90), { lowestSequence: 8, instances: 2, bytes: 20 });
    assert.deepEqual(await cut(100, 1_000), { lowestSequence: 0, instances: 10, bytes: 100 });
    assert.deepEqual(await cut(0), { lowestSequence: 10, instances: 0, bytes: 0 });
    assert.deepEqual(await cut(undefined, 9), { lowestSequence: 10, instances: 0, bytes: 0 });
  });

  it('cuts no deeper than what was evicted before', async () => {
    const owner = await context.owner();
    const container = await filled(owner, 'cnt', 10);
    await owner.change({ kind: 'evict', container: keyOf(container), belowSequence: 8, rows: 'later' });
    const { lowestSequence, instances, bytes } = await context.fact({ kind: 'cut', ...of(container), keepCount: 5 });
    assert.deepEqual({ lowestSequence, instances, bytes }, { lowestSequence: 8, instances: 2, bytes: 20 });
  });

  it('removes single instances anywhere in the order', async () => {
    const owner = await context.owner();
    const container = await filled(owner, 'cnt', 6);
    const remove = (sequence: number) =>
      owner.change({ kind: 'remove', resource: instanceOf(container, sequence, { size: 10, version: 1 }) });
    await remove(2);
    assert.deepEqual(await sequences(container), [0, 1, 3, 4, 5]);
    await remove(0);
    await remove(5);
    assert.deepEqual([await oldest(container), await latest(container)], [1, 4]);
  });

  it('takes a flight of thousands of rows', async () => {
    const owner = await context.owner();
    const container = await filled(owner, 'cnt', 3_000);
    assert.deepEqual([await oldest(container), await latest(container)], [0, 2_999]);
    await owner.change({ kind: 'evict', container: keyOf(container), belowSequence: 2_999, rows: 'now' });
    assert.deepEqual(await sequences(container), [2_999]);
  });
}
