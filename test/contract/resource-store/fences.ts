import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Need } from '../../../services/core/decision.ts';
import { shardOfBase } from '../../../services/core/sharding.ts';
import type { StoreContext } from './context.ts';
import { flyTogether, insertion, Owner } from './owner.ts';
import { childOf, firstLevel, instanceOf, keyOf, noInstances, types } from './rows.ts';

/** The fence and flights: R2, R3, R5, R8, R11, R12, R22. */
export function fenceTests(context: StoreContext): void {
  it('makes a fence at 0 when it is first read, and keeps what a commit says (R2)', async () => {
    const owner = await context.owner();
    const read = () => context.store.readFence(owner.generation, owner.partition);
    assert.deepEqual(await read(), { next: 0, version: 0, batch: '', emitted: 0, logTime: 0, lastTimestamp: 0 });
    await owner.commit({
      next: 17,
      batch: 'b1',
      emitted: 0,
      logTime: 1_790_000_000_123,
      lastTimestamp: 1_790_000_000_456,
    });
    assert.deepEqual(await read(), {
      next: 17,
      version: 1,
      batch: 'b1',
      emitted: 0,
      logTime: 1_790_000_000_123,
      lastTimestamp: 1_790_000_000_456,
    });
  });

  it('lets nobody commit whose version is not the fence’s: not lower, not higher, not the same twice (R2)', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const resource = firstLevel(cse, types.ae, 'ae');
    await owner.commit();
    const [twin] = [await new Owner(context.store, owner.generation, owner.partition).takeOver()];
    await owner.commit();
    const fenced = { kind: 'fenced', partitions: [owner.partition] };
    assert.deepEqual(await twin.attempt({ changes: [insertion(resource)] }), fenced);
    assert.deepEqual(await owner.attempt({ version: 3, changes: [insertion(resource)] }), fenced);
    assert.equal(await context.isThere(resource), false);
    assert.equal((await context.store.readFence(owner.generation, owner.partition)).version, 2);
    await owner.commit({ changes: [insertion(resource)] });
    assert.equal(await context.isThere(resource), true);
  });

  it('lets nobody commit a batch that begins before `next`, though the version is right (R2)', async () => {
    const owner = await context.owner();
    await owner.commit({ first: 0, next: 10 });
    assert.equal((await owner.attempt({ first: 9, next: 12 })).kind, 'fenced');
    await owner.commit({ first: 12, next: 13 });
  });

  it('commits timer work at `next` itself, with offsets and times beyond 2^32 (R21)', async () => {
    const owner = await context.owner();
    const far = 2 ** 40;
    await owner.commit({ first: far, next: far + 1, lastTimestamp: far });
    await owner.commit({ first: far + 1, next: far + 1 });
    const fence = await context.store.readFence(owner.generation, owner.partition);
    assert.deepEqual([fence.next, fence.version], [far + 1, 2]);
  });

  it('knows no fence that was never read, and keeps generations apart (R1)', async () => {
    const owner = await context.owner();
    const stranger = new Owner(context.store, owner.generation, owner.partition + 100);
    assert.deepEqual(await stranger.attempt(), { kind: 'fenced', partitions: [owner.partition + 100] });
    await owner.commit();
    const other = await context.owner();
    assert.deepEqual([other.partition, other.version], [owner.partition, 0]);
  });

  it('tells by `batch` whose the last commit was, when the outcome of one was lost (R3)', async () => {
    const owner = await context.owner();
    const part = owner.part({ batch: 'mine' });
    await context.store.commit(owner.generation, [part]);
    // The answer was lost: the owner knows nothing of it. Another attempt with the same content finds it.
    const fence = await context.store.readFence(owner.generation, owner.partition);
    assert.deepEqual([fence.batch, fence.version], ['mine', part.version + 1]);
    assert.equal((await context.store.commit(owner.generation, [{ ...part, batch: 'again' }])).kind, 'fenced');
    assert.equal((await context.store.readFence(owner.generation, owner.partition)).batch, 'mine');
  });

  it('writes nothing of a group in which one partition is fenced, and names it (R11)', async () => {
    const cse = await context.cse();
    const [a, b, c] = await context.owners(3);
    assert.ok(a && b && c);
    const rows = ['ae-a', 'ae-b', 'ae-c'].map((name) => firstLevel(cse, types.ae, name));
    const wish = (index: number) => {
      const row = rows[index];
      assert.ok(row);
      return { changes: [insertion(row)], journal: { out: Buffer.from('x') } };
    };
    b.version = 5;
    const { outcome } = await flyTogether(context.store, [
      [a, wish(0)],
      [b, wish(1)],
      [c, wish(2)],
    ]);
    assert.deepEqual(outcome, { kind: 'fenced', partitions: [b.partition] });
    for (const row of rows) assert.equal(await context.isThere(row), false);
    for (const { generation, partition } of [a, b, c]) {
      assert.equal((await context.store.readFence(generation, partition)).version, 0);
      assert.deepEqual(await context.store.readUnemitted(generation, partition, 0, 10), []);
    }
    await b.takeOver();
    const again = await flyTogether(context.store, [
      [a, wish(0)],
      [b, wish(1)],
      [c, wish(2)],
    ]);
    assert.equal(again.outcome.kind, 'committed');
    for (const row of rows) assert.equal(await context.isThere(row), true);
  });

  it('names every partition of a group that is fenced', async () => {
    const [a, b, c] = await context.owners(3);
    assert.ok(a && b && c);
    a.version = 9;
    c.version = 9;
    const { outcome } = await flyTogether(context.store, [
      [a, {}],
      [b, {}],
      [c, {}],
    ]);
    assert.equal(outcome.kind, 'fenced');
    assert.deepEqual(outcome.kind === 'fenced' && [...outcome.partitions].sort(), [a.partition, c.partition]);
  });

  it('of two owners of the same version that commit at a time, one wins (R2)', async () => {
    const owner = await context.owner();
    const twin = await new Owner(context.store, owner.generation, owner.partition).takeOver();
    const outcomes = await Promise.all([owner.attempt(), twin.attempt()]);
    assert.deepEqual(outcomes.map(({ kind }) => kind).sort(), ['committed', 'fenced']);
    assert.equal((await context.store.readFence(owner.generation, owner.partition)).version, 1);
  });

  it('commits flights of different partitions at a time', async () => {
    const owners = await context.owners(8);
    await Promise.all(owners.map((owner) => owner.commit()));
    for (const { generation, partition } of owners) {
      assert.equal((await context.store.readFence(generation, partition)).version, 1);
    }
  });

  it('refuses a decision whose relied-upon row has changed, gone or come, and names its partition (R12, R24)', async () => {
    const cse = await context.cse();
    const [owner, other] = await context.owners(2);
    assert.ok(owner && other);
    const policy = firstLevel(cse, types.policy, 'acp');
    const made = firstLevel(cse, types.ae, 'made-by-policy');
    const relied = (version: number) => ({ relied: [{ ...keyOf(policy), version }], changes: [insertion(made)] });
    const isStale = async (version: number) => {
      const outcome = await owner.attempt(relied(version));
      assert.equal(outcome.kind, 'stale');
      assert.deepEqual(outcome.kind === 'stale' && outcome.partitions, [owner.partition]);
      assert.equal(await context.isThere(made), false);
    };
    await isStale(1);
    await other.insert(policy);
    await isStale(0);
    await other.change({ kind: 'update', resource: { ...policy } });
    await isStale(1);
    await other.change({ kind: 'removeSubtree', resource: policy });
    await isStale(2);
    await owner.commit(relied(0));
    assert.equal(await context.isThere(made), true);
  });

  it('commits a decision whose relied-upon rows are as they were (R12)', async () => {
    const cse = await context.cse();
    const [owner, other] = await context.owners(2);
    assert.ok(owner && other);
    const policies = ['acp1', 'acp2'].map((name) => firstLevel(cse, types.policy, name));
    await other.insert(...policies);
    const absent = firstLevel(cse, types.policy, 'none');
    await owner.commit({
      relied: [...policies.map((row) => ({ ...keyOf(row), version: 1 })), { ...keyOf(absent), version: 0 }],
    });
  });

  it('writes nothing of a group in which one partition is stale, and names only that one (R11, R12)', async () => {
    const cse = await context.cse();
    const [a, b] = await context.owners(2);
    assert.ok(a && b);
    const row = firstLevel(cse, types.ae, 'ae');
    const { outcome } = await flyTogether(context.store, [
      [a, { changes: [insertion(row)] }],
      [b, { relied: [{ ...keyOf(row), version: 77 }] }],
    ]);
    assert.equal(outcome.kind, 'stale');
    assert.deepEqual(outcome.kind === 'stale' && outcome.partitions, [b.partition]);
    assert.equal(await context.isThere(row), false);
    assert.equal((await context.store.readFence(a.generation, a.partition)).version, 0);
  });

  it('gives a changed version to the subscriptions of a CSEBase, and checks it, for each CSE (R22)', async () => {
    const [cse, unconcerned] = [await context.cse(), await context.cse()];
    const [owner, other] = await context.owners(2);
    assert.ok(owner && other);
    const versionOf = async ({ number, baseId }: typeof cse) => {
      const found = await context.find({ cse: number, shard: shardOfBase(number), id: baseId });
      assert.ok(found?.baseSubscriptionsVersion !== undefined);
      return found.baseSubscriptionsVersion;
    };
    const before = await versionOf(cse);
    const unconcernedBefore = await versionOf(unconcerned);
    await owner.commit({ reliedBaseSubscriptions: [{ cse: cse.number, version: before }] });
    await other.commit({
      changes: [{ kind: 'baseSubscriptions', action: 'change', cse: cse.number }],
      reliedBaseSubscriptions: [{ cse: cse.number, version: before }],
    });
    const after = await versionOf(cse);
    assert.ok(after > before);
    assert.equal(await versionOf(unconcerned), unconcernedBefore);
    const row = firstLevel(cse, types.ae, 'ae');
    const stale = await owner.attempt({
      changes: [insertion(row), { kind: 'baseSubscriptions', action: 'rely', cse: cse.number }],
      reliedBaseSubscriptions: [{ cse: cse.number, version: before }],
    });
    assert.equal(stale.kind, 'stale');
    assert.deepEqual(stale.kind === 'stale' && stale.partitions, [owner.partition]);
    assert.equal(await context.isThere(row), false);
    await owner.commit({
      changes: [insertion(row), { kind: 'baseSubscriptions', action: 'rely', cse: cse.number }],
      reliedBaseSubscriptions: [
        { cse: cse.number, version: after },
        { cse: unconcerned.number, version: unconcernedBefore },
      ],
    });
    assert.equal(await versionOf(cse), after);
  });

  it('gives an AE-ID to one only, and to another when it is free again (R8)', async () => {
    const cse = await context.cse();
    const [owner, other] = await context.owners(2);
    assert.ok(owner && other);
    const home = async () => (await context.fact({ kind: 'aeHome', cse: cse.number, aeId: 'Cdevice' })).home;
    const entry = (action: 'insert' | 'remove', at: number) =>
      ({ kind: 'aeHome', action, cse: cse.number, aeId: 'Cdevice', home: at }) as const;
    assert.equal(await home(), null);
    await owner.change(entry('insert', 17));
    assert.equal(await home(), 17);
    const loser = firstLevel(cse, types.ae, 'loser');
    const outcome = await other.attempt({ changes: [insertion(loser), entry('insert', 99)] });
    assert.equal(outcome.kind, 'stale');
    assert.deepEqual(outcome.kind === 'stale' && outcome.partitions, [other.partition]);
    assert.equal(await context.isThere(loser), false);
    assert.equal(await home(), 17);
    await owner.change(entry('remove', 17));
    assert.equal(await home(), null);
    await other.change(insertion(loser), entry('insert', 99));
    assert.equal(await home(), 99);
  });

  it('gives an AE-ID that two want in one flight to neither, and to one when they fly alone (R8, R11)', async () => {
    const cse = await context.cse();
    const [a, b] = await context.owners(2);
    assert.ok(a && b);
    const entry = (home: number) => ({
      changes: [{ kind: 'aeHome' as const, action: 'insert' as const, cse: cse.number, aeId: 'Sboth', home }],
    });
    const { outcome } = await flyTogether(context.store, [
      [a, entry(1)],
      [b, entry(2)],
    ]);
    assert.equal(outcome.kind, 'stale');
    assert.equal((await context.fact({ kind: 'aeHome', cse: cse.number, aeId: 'Sboth' })).home, null);
    await a.commit(entry(1));
    assert.equal((await b.attempt(entry(2))).kind, 'stale');
  });

  it('keeps the highest internal record seen of each source (R5)', async () => {
    const owner = await context.owner();
    await owner.commit({
      seen: [
        { source: 3, version: 10, index: 4 },
        { source: 5, version: 1, index: 0 },
      ],
    });
    await owner.commit({ seen: [{ source: 3, version: 10, index: 7 }] });
    await owner.commit({ seen: [{ source: 5, version: 2, index: 0 }] });
    await owner.commit({
      seen: [
        { source: 3, version: 9, index: 9 },
        { source: 5, version: 2, index: 0 },
      ],
    });
    await owner.commit({ seen: [{ source: 3, version: 10, index: 6 }] });
    const seen = await context.store.readSeen(owner.generation, owner.partition);
    assert.deepEqual(
      [...seen].sort((x, y) => x.source - y.source),
      [
        { source: 3, version: 10, index: 7 },
        { source: 5, version: 2, index: 0 },
      ],
    );
    assert.deepEqual(await context.store.readSeen(owner.generation, owner.partition + 1), []);
  });

  it('refuses what cannot be, writes nothing of it, and goes on (R12)', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const first = firstLevel(cse, types.ae, 'ae');
    await owner.insert(first);
    const fresh = firstLevel(cse, types.ae, 'fresh');
    const twice = await owner.attempt({
      changes: [insertion(fresh), insertion(firstLevel(cse, types.ae, 'ae'))],
      journal: { out: Buffer.from('never') },
    });
    assert.equal(twice.kind, 'refused');
    assert.equal(await context.isThere(fresh), false);
    assert.deepEqual(await context.store.readUnemitted(owner.generation, owner.partition, 0, 10), []);
    await owner.insert(fresh);
    assert.equal(await context.isThere(fresh), true);
  });

  it('takes back all that a refused flight had begun', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const kept = firstLevel(cse, types.container, 'kept', { labels: ['before'] });
    const marked = firstLevel(cse, types.container, 'marked');
    const subscriptions = ['s1', 's2'].map((name, index) =>
      childOf(kept, types.subscription, name, { attributes: { ct: `20260101T00000${index},000` } }),
    );
    const instances = [0, 1, 2].map((sequence) => instanceOf(kept, sequence));
    await owner.insert(kept, marked, ...subscriptions, ...instances);
    const [subscription] = subscriptions;
    assert.ok(subscription);
    const needs = [kept, marked, ...subscriptions, ...instances].flatMap((row): Need[] => [
      { kind: 'resource', ...keyOf(row) },
      { kind: 'path', cse: row.cse, shard: row.shard, path: row.path },
    ]);
    const state = async () => [
      await context.store.load([
        ...needs,
        { kind: 'oldestInstances', cse: cse.number, shard: kept.shard, parentId: kept.id, count: 9 },
        { kind: 'query', query: { cse: cse.number, rootId: cse.baseId, limit: 99 } },
        { kind: 'aeHome', cse: cse.number, aeId: 'Crefused' },
      ]),
      await context.store.readFence(owner.generation, owner.partition),
    ];
    const before = await state();
    const passing = childOf(kept, types.container, 'passing');
    const counters = (stateTag: number) => ({ ...noInstances, stateTag });
    const outcome = await owner.attempt({
      changes: [
        { kind: 'update', resource: { ...kept, labels: ['one'] } },
        { kind: 'update', resource: { ...kept, labels: ['two'] } },
        { kind: 'counters', key: keyOf(kept), counters: counters(1) },
        { kind: 'counters', key: keyOf(kept), counters: counters(2) },
        insertion(passing),
        { kind: 'remove', resource: passing },
        { kind: 'remove', resource: subscription },
        { kind: 'evict', container: keyOf(kept), belowSequence: 2, rows: 'now' },
        { kind: 'removeSubtree', resource: marked },
        insertion({ ...firstLevel(cse, types.container, 'marked'), id: 'successor' }),
        { kind: 'aeHome', action: 'insert', cse: cse.number, aeId: 'Crefused', home: 1 },
        insertion({ ...firstLevel(cse, types.ae, 'twice'), id: kept.id, shard: kept.shard }),
      ],
    });
    assert.equal(outcome.kind, 'refused');
    assert.deepEqual(await state(), before);
  });
}
