import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Need } from '../../../services/core/decision.ts';
import { shardOfBase, shardOfName } from '../../../services/core/sharding.ts';
import type { StoreContext } from './context.ts';
import { flyTogether, insertion } from './owner.ts';
import { childOf, firstLevel, instanceOf, keyOf, noInstances, plain, testNow, types } from './rows.ts';

/** Rows one by one: what is written is what is read (R24, decisions "Content fidelity"). */
export function rowTests(context: StoreContext): void {
  it('gives a row back whole, by its ID and by its path, with counters and version', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const ae = firstLevel(cse, types.ae, 'ae', {
      expiresAt: testNow + 3_600_000,
      policyIds: ['acp1', 'acp2'],
      labels: ['kitchen', 'été', '{"a,b"}', ''],
      hidden: { topicLevel: 'C1', broker: 'default', targets: [{ address: 'x', number: 1 }] },
      attributes: { api: 'Nx', poa: [], nested: { list: [1, 'two', null, false, { deep: [] }] }, empty: '' },
    });
    const container = childOf(ae, types.container, 'cnt');
    const counters = {
      stateTag: 3,
      instances: 2,
      bytes: 5_000_000_000,
      nextSequence: 4_294_967_297,
      lowestSequence: 7,
    };
    await owner.change(insertion(ae), { kind: 'insert', resource: container, counters });
    for (const found of [await context.find(ae), await context.findAt(ae)]) {
      assert.deepEqual(plain(found?.resource), plain({ ...ae, version: 1 }));
      assert.equal(found?.counters, undefined);
      assert.deepEqual(found?.subscriptions, []);
      assert.equal(found?.baseSubscriptionsVersion, undefined);
    }
    for (const found of [await context.find(container), await context.findAt(container)]) {
      assert.deepEqual(plain(found?.resource), plain({ ...container, version: 1 }));
      assert.deepEqual(found?.counters, counters);
    }
  });

  it('tells an empty list from an absent one', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const row = firstLevel(cse, types.ae, 'ae', { policyIds: [], labels: [] });
    await owner.insert(row);
    const found = (await context.find(row))?.resource;
    assert.deepEqual([found?.policyIds, found?.labels], [[], []]);
  });

  it('keeps content to the letter: text, numbers as they were written, the order of keys (decisions “Wire”)', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const container = firstLevel(cse, types.container, 'cnt');
    const contents: unknown[] = [
      'grüße 🌍 \u2028\u2029 \u0001 \\ " \' \t\r\n \ud800',
      '',
      { $json: '{"b":1.0,"a":1e400,"10":-0,"9":12345678901234567890123,"b":2}' },
      { $json: '[1.10, 2]' },
      "'; drop table resource; --",
      '{1,2}',
      'x'.repeat(200_000),
    ];
    const rows = contents.map((con, sequence) => instanceOf(container, sequence, { attributes: { con } }));
    await owner.insert(container, ...rows);
    const needs = rows.map((row): Need => ({ kind: 'resource', ...keyOf(row) }));
    const facts = await context.store.load(needs);
    facts.forEach((fact, index) => {
      assert.ok(fact.kind === 'resource');
      assert.equal(JSON.stringify(fact.found?.resource.attributes), JSON.stringify(rows[index]?.attributes));
    });
  });

  it('keeps the order of attributes', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const row = firstLevel(cse, types.ae, 'ae', { attributes: { zz: 1, aa: 2, m: { z: 1, a: 2 } } });
    await owner.insert(row);
    const found = await context.find(row);
    assert.equal(JSON.stringify(found?.resource.attributes), JSON.stringify(row.attributes));
  });

  it('gives away and takes in no shared objects', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const row = firstLevel(cse, types.ae, 'ae', { labels: ['a'], attributes: { list: ['a'] } });
    const asWritten = plain({ ...row, version: 1 });
    await owner.insert(row);
    row.attributes.list = 'changed by the writer';
    row.labels?.push('by the writer');
    const first = (await context.find(row))?.resource;
    assert.deepEqual(plain(first), asWritten);
    assert.ok(Array.isArray(first?.attributes.list));
    first.attributes.list.push('changed by a reader');
    first.labels?.push('by a reader');
    assert.deepEqual(plain((await context.find(row))?.resource), asWritten);
  });

  it('finds a resource in its own shard only, and answers for all that is not there', async () => {
    const cse = await context.cse();
    const other = await context.cse();
    const owner = await context.owner();
    const row = firstLevel(cse, types.ae, 'ae');
    await owner.insert(row);
    const elsewhere = (row.shard + 1) % 4096;
    assert.equal(await context.find({ ...keyOf(row), shard: elsewhere }), null);
    assert.equal(await context.findAt({ ...keyOf(row), shard: elsewhere, path: row.path }), null);
    assert.equal(await context.find({ ...keyOf(row), cse: other.number }), null);
    assert.equal(await context.find({ ...keyOf(row), cse: 999_999 }), null);
    assert.equal(await context.findAt({ ...keyOf(row), path: 'ae/none' }), null);
    assert.equal(await context.findAt({ ...keyOf(row), path: 'a' }), null);
    assert.deepEqual(
      await context.store.versions([keyOf(row), { ...keyOf(row), shard: elsewhere }, { ...keyOf(row), id: 'none' }]),
      [1, 0, 0],
    );
    assert.deepEqual(await context.store.versions([]), []);
  });

  it('answers every kind of need, in the order of the needs, also the same one twice', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const container = firstLevel(cse, types.container, 'cnt');
    await owner.insert(container, instanceOf(container, 0));
    const { shard } = container;
    const of = { cse: cse.number, shard, parentId: container.id };
    const resource: Need = { kind: 'resource', ...keyOf(container) };
    const facts = await context.store.load([
      resource,
      { kind: 'latestChildExpiry', ...of },
      { kind: 'aeHome', cse: cse.number, aeId: 'Cnone' },
      { kind: 'query', query: { cse: cse.number, shard, rootId: container.id, limit: 5 } },
      { kind: 'cut', ...of },
      { kind: 'oldestInstances', ...of, count: 1 },
      { kind: 'oldest', ...of, now: testNow },
      { kind: 'latest', ...of, now: testNow },
      { kind: 'path', cse: cse.number, shard, path: 'cnt/i0' },
      resource,
    ]);
    assert.deepEqual(
      facts.map(({ kind }) => kind),
      [
        'resource',
        'latestChildExpiry',
        'aeHome',
        'query',
        'cut',
        'oldestInstances',
        'oldest',
        'latest',
        'path',
        'resource',
      ],
    );
    assert.deepEqual(facts[0], facts[9]);
    assert.deepEqual(await context.store.load([]), []);
  });

  it('answers nothing below what is not there', async () => {
    const cse = await context.cse();
    const of = { cse: cse.number, shard: 5, parentId: 'none' };
    const facts = await context.store.load([
      { kind: 'latest', ...of, now: testNow },
      { kind: 'oldestInstances', ...of, count: 10 },
      { kind: 'latestChildExpiry', ...of },
      { kind: 'query', query: { cse: cse.number, shard: 5, rootId: 'none', limit: 5 } },
    ]);
    assert.deepEqual(facts, [
      { kind: 'latest', found: null },
      { kind: 'oldestInstances', instances: [] },
      { kind: 'latestChildExpiry', at: null },
      { kind: 'query', page: { resources: [], counters: new Map(), more: false, lastPath: '' } },
    ]);
  });

  it('writes the whole row anew with an update, and leaves counters and children as they are', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const container = firstLevel(cse, types.container, 'cnt', { labels: ['old'], policyIds: ['acp'] });
    const child = childOf(container, types.container, 'child');
    const counters = { ...noInstances, stateTag: 9 };
    await owner.change({ kind: 'insert', resource: container, counters }, insertion(child));
    const { labels: _labels, policyIds: _policyIds, ...rest } = container;
    const updated = { ...rest, expiresAt: testNow + 5_000, attributes: { ...rest.attributes, mni: 5 } };
    await owner.change({ kind: 'update', resource: updated });
    const found = await context.find(container);
    assert.deepEqual(plain(found?.resource), plain({ ...updated, version: 2 }));
    assert.deepEqual(found?.counters, counters);
    assert.equal((await context.findAt(child))?.resource.id, child.id);
  });

  it('removes a row and its counters; its name and ID are free at once (R24)', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const container = firstLevel(cse, types.container, 'cnt');
    await owner.change({ kind: 'insert', resource: container, counters: { ...noInstances, stateTag: 5 } });
    await owner.change({ kind: 'remove', resource: container });
    assert.equal(await context.find(container), null);
    assert.equal(await context.findAt(container), null);
    assert.deepEqual(await context.store.versions([keyOf(container)]), [0]);
    await owner.insert(container);
    const found = await context.find(container);
    assert.equal(found?.resource.version, 3);
    assert.deepEqual(found?.counters, noInstances);
  });

  it('folds the changes of one flight in their order', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const container = firstLevel(cse, types.container, 'cnt');
    const passing = childOf(container, types.container, 'passing');
    const replaced = childOf(container, types.container, 'replaced');
    const replacement = childOf(container, types.container, 'replaced', { id: 'replacement-id' });
    await owner.insert(container, replaced);
    const label = (text: string) => ({ ...container, labels: [text] });
    const counted = (instances: number) => ({ ...noInstances, instances, stateTag: instances });
    await owner.change(
      { kind: 'update', resource: label('first') },
      { kind: 'counters', key: keyOf(container), counters: counted(1) },
      insertion(passing),
      { kind: 'update', resource: { ...passing, labels: ['x'] } },
      { kind: 'remove', resource: passing },
      { kind: 'remove', resource: replaced },
      { kind: 'insert', resource: replacement, counters: counted(8) },
      { kind: 'update', resource: { ...replacement, labels: ['updated'] } },
      { kind: 'counters', key: keyOf(replacement), counters: counted(9) },
      { kind: 'update', resource: label('last') },
      { kind: 'counters', key: keyOf(container), counters: counted(2) },
    );
    const found = await context.find(container);
    assert.deepEqual([found?.resource.labels, found?.counters?.instances], [['last'], 2]);
    assert.equal(await context.find(passing), null);
    assert.equal(await context.find(replaced), null);
    const inPlace = await context.findAt(replaced);
    assert.deepEqual(
      [inPlace?.resource.id, inPlace?.resource.labels, inPlace?.counters?.instances],
      ['replacement-id', ['updated'], 9],
    );
  });

  it('writes what several partitions change in one flight', async () => {
    const cse = await context.cse();
    const [a, b] = await context.owners(2);
    assert.ok(a && b);
    const [one, two] = [firstLevel(cse, types.ae, 'one'), firstLevel(cse, types.container, 'two')];
    await b.commit();
    const { outcome } = await flyTogether(context.store, [
      [a, { changes: [insertion(one)] }],
      [b, { changes: [insertion(two), insertion(instanceOf(two, 0))] }],
    ]);
    assert.equal(outcome.kind, 'committed', JSON.stringify(outcome));
    assert.deepEqual(await context.store.versions([keyOf(one), keyOf(two)]), [1, 2]);
  });

  it('lists the subscriptions of a resource, oldest first, and no others', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const container = firstLevel(cse, types.container, 'cnt');
    const inner = childOf(container, types.container, 'inner');
    const subscriptions = ['zz', 'mm', 'aa'].map((name, index) =>
      childOf(container, types.subscription, name, { attributes: { ct: `20260101T00000${index},000`, nu: [name] } }),
    );
    await owner.insert(container, inner, childOf(inner, types.subscription, 'not-here'));
    for (const subscription of subscriptions) await owner.insert(subscription);
    const names = async () => (await context.find(container))?.subscriptions.map(({ name }) => name);
    assert.deepEqual(await names(), ['zz', 'mm', 'aa']);
    const [, middle] = subscriptions;
    assert.ok(middle);
    const changed = { ...middle, attributes: { ...middle.attributes, nu: ['changed'] } };
    await owner.change({ kind: 'update', resource: changed });
    assert.deepEqual(await names(), ['zz', 'mm', 'aa']);
    assert.deepEqual(
      plain((await context.findAt(container))?.subscriptions[1]),
      plain({ ...changed, version: owner.version }),
    );
    await owner.change({ kind: 'remove', resource: changed });
    assert.deepEqual(await names(), ['zz', 'aa']);
  });

  it('lists the subscriptions of a CSEBase from all shards (R22)', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const names = ['sub-a', 'sub-b', 'sub-c'];
    const rows = names.map((name, index) =>
      firstLevel(cse, types.subscription, name, { attributes: { ct: `20260101T00000${9 - index},000` } }),
    );
    assert.equal(new Set(names.map((name) => shardOfName(cse.number, name))).size, 3);
    for (const row of [...rows].reverse()) await owner.insert(row);
    await owner.insert(firstLevel(cse, types.ae, 'ae'));
    const base = await context.find({ cse: cse.number, shard: shardOfBase(cse.number), id: cse.baseId });
    assert.deepEqual(
      base?.subscriptions.map(({ name }) => name),
      ['sub-c', 'sub-b', 'sub-a'],
    );
  });

  it('returns what has expired when it is asked for by ID or path: the asker judges', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const row = firstLevel(cse, types.ae, 'ae', { expiresAt: testNow - 10_000 });
    await owner.insert(row);
    assert.equal((await context.find(row))?.resource.expiresAt, testNow - 10_000);
    assert.equal((await context.findAt(row))?.resource.id, row.id);
  });

  it('knows the latest expiry among the living children', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const ae = firstLevel(cse, types.ae, 'ae');
    const children = [5_000, 9_000, null, 7_000].map((after, index) =>
      childOf(ae, types.container, `c${index}`, { expiresAt: after === null ? null : testNow + after }),
    );
    const latest = async () => (await context.fact({ kind: 'latestChildExpiry', ...keyOf(ae), parentId: ae.id })).at;
    await owner.insert(ae);
    assert.equal(await latest(), null);
    await owner.insert(...children);
    assert.equal(await latest(), testNow + 9_000);
    const [, longest] = children;
    assert.ok(longest);
    await owner.change({ kind: 'removeSubtree', resource: longest });
    assert.equal(await latest(), testNow + 7_000);
  });
}
