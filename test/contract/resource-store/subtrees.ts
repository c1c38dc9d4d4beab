import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { CseDescription } from '../../../services/core/cse.ts';
import type { Need } from '../../../services/core/decision.ts';
import type { StoredResource } from '../../../services/core/resource.ts';
import { shardOfBase } from '../../../services/core/sharding.ts';
import type { StoreContext } from './context.ts';
import { insertion, type Owner } from './owner.ts';
import { childOf, firstLevel, instanceOf, keyOf, types } from './rows.ts';

/** Marks that hide whole subtrees, and the sweep behind them (R13). */
export function subtreeTests(context: StoreContext): void {
  /** An AE with two containers, one in the other, with instances and a subscription: 10 rows. */
  async function tree(owner: Owner): Promise<{ cse: CseDescription; rows: StoredResource[] }> {
    const cse = await context.cse();
    const ae = firstLevel(cse, types.ae, 'ae');
    const outer = childOf(ae, types.container, 'outer');
    const inner = childOf(outer, types.container, 'inner');
    const rows = [
      ae,
      outer,
      inner,
      ...[0, 1, 2].map((sequence) => instanceOf(outer, sequence)),
      ...[0, 1, 2].map((sequence) => instanceOf(inner, sequence)),
      childOf(ae, types.subscription, 'sub'),
    ];
    await owner.insert(...rows);
    return { cse, rows };
  }

  async function sweepAll(owner: Owner, marked: StoredResource, limit: number): Promise<string[]> {
    const removed: string[] = [];
    for (;;) {
      const { resources, more } = await context.store.sweep(keyOf(marked), limit);
      assert.ok(resources.length <= limit);
      assert.ok(!more || resources.length === limit);
      for (const { id, ancestors } of resources) {
        for (const ancestor of ancestors.split('/')) assert.ok(!removed.includes(ancestor), `${ancestor} before ${id}`);
        removed.push(id);
      }
      await owner.change(...resources.map((resource) => ({ kind: 'remove' as const, resource })));
      if (!more) return removed;
      assert.ok(removed.length < 1_000);
    }
  }

  it('hides a marked resource and all below it, by ID, by path, from queries and versions, in one commit', async () => {
    const owner = await context.owner();
    const { cse, rows } = await tree(owner);
    const [ae] = rows;
    assert.ok(ae);
    await owner.change({ kind: 'removeSubtree', resource: ae });
    const needs = rows.flatMap((row): Need[] => [
      { kind: 'resource', ...keyOf(row) },
      { kind: 'path', cse: row.cse, shard: row.shard, path: row.path },
    ]);
    for (const fact of await context.store.load(needs)) {
      assert.deepEqual(fact, { kind: fact.kind, found: null });
    }
    assert.deepEqual(
      await context.store.versions(rows.map(keyOf)),
      rows.map(() => 0),
    );
    const query = { cse: cse.number, rootId: cse.baseId, types: [types.ae, types.container], limit: 50 };
    assert.deepEqual((await context.fact({ kind: 'query', query })).page.resources, []);
  });

  it('hides only what is below the mark', async () => {
    const owner = await context.owner();
    const { rows } = await tree(owner);
    const [ae, outer, inner] = rows;
    assert.ok(ae && outer && inner);
    await owner.change({ kind: 'removeSubtree', resource: inner });
    assert.equal(await context.isThere(outer), true);
    const query = { cse: ae.cse, shard: ae.shard, rootId: ae.id, limit: 50 };
    const { page } = await context.fact({ kind: 'query', query });
    assert.deepEqual(
      page.resources.map(({ path }) => path),
      ['ae/outer', 'ae/outer/i0', 'ae/outer/i1', 'ae/outer/i2', 'ae/sub'],
    );
  });

  it('gives the name free at once, and what stands there then is not hidden and not swept', async () => {
    const owner = await context.owner();
    const { cse, rows } = await tree(owner);
    const [ae] = rows;
    assert.ok(ae);
    await owner.change({ kind: 'removeSubtree', resource: ae });
    const successor = { ...firstLevel(cse, types.ae, 'ae'), id: 'successor' };
    const child = childOf(successor, types.container, 'outer');
    await owner.insert(successor, child);
    assert.equal((await context.findAt(successor))?.resource.id, 'successor');
    assert.equal((await context.findAt(child))?.resource.id, child.id);
    assert.deepEqual((await sweepAll(owner, ae, 4)).sort(), rows.map(({ id }) => id).sort());
    assert.equal((await context.findAt(successor))?.resource.id, 'successor');
    assert.equal((await context.findAt(child))?.resource.id, child.id);
  });

  it('marks and replaces in one flight', async () => {
    const owner = await context.owner();
    const { cse, rows } = await tree(owner);
    const [ae] = rows;
    assert.ok(ae);
    const successor = { ...firstLevel(cse, types.ae, 'ae'), id: 'successor' };
    await owner.change({ kind: 'removeSubtree', resource: ae }, insertion(successor));
    assert.equal((await context.findAt(successor))?.resource.id, 'successor');
    assert.equal(await context.find(ae), null);
  });

  it('gives the ID free at once too: an AE that is back is not hidden, and not swept with its old self (R8)', async () => {
    const owner = await context.owner();
    for (const sameFlight of [false, true]) {
      const { rows } = await tree(owner);
      const [ae] = rows;
      assert.ok(ae);
      const mark = { kind: 'removeSubtree' as const, resource: ae };
      const back = { ...ae, labels: ['back'] };
      // Children have new IDs always; their names and parents may be the same.
      const outer = childOf(back, types.container, 'outer', { id: `new-${ae.cse}` });
      const reborn = [back, outer, { ...instanceOf(outer, 0), id: `new-instance-${ae.cse}` }];
      if (sameFlight) await owner.change(mark, ...reborn.map(insertion));
      else {
        await owner.change(mark);
        await owner.insert(...reborn);
      }
      const checkReborn = async () => {
        for (const row of reborn) {
          assert.equal((await context.find(row))?.resource.version, back.version, row.path);
          assert.equal((await context.findAt(row))?.resource.id, row.id, row.path);
        }
        const query = { cse: ae.cse, shard: ae.shard, rootId: ae.id, limit: 50 };
        assert.deepEqual(
          (await context.fact({ kind: 'query', query })).page.resources.map(({ id }) => id),
          reborn.slice(1).map(({ id }) => id),
        );
        assert.deepEqual((await context.find(back))?.subscriptions, []);
        assert.deepEqual(await context.store.versions([keyOf(back)]), [back.version]);
      };
      await checkReborn();
      for (const row of rows.slice(1)) assert.equal(await context.find(row), null, row.path);
      const removed: string[] = [];
      for (let more = true; more; ) {
        const portion = await context.store.sweep(keyOf(ae), 3);
        for (const resource of portion.resources) {
          assert.ok(resource.version < back.version, resource.path);
          removed.push(resource.id);
        }
        await owner.change(...portion.resources.map((resource) => ({ kind: 'remove' as const, resource })));
        more = portion.more;
      }
      assert.deepEqual(removed.sort(), rows.map(({ id }) => id).sort());
      await checkReborn();
      assert.deepEqual(await context.store.sweep(keyOf(ae), 3), { resources: [], more: false });
    }
  });

  it('marks what came back again, and sweeps both', async () => {
    const owner = await context.owner();
    const { rows } = await tree(owner);
    const [ae] = rows;
    assert.ok(ae);
    await owner.change({ kind: 'removeSubtree', resource: ae });
    const back = { ...ae };
    const child = childOf(back, types.container, 'outer', { id: `new-${ae.cse}` });
    await owner.insert(back, child);
    await owner.change({ kind: 'removeSubtree', resource: back });
    assert.equal(await context.find(back), null);
    assert.equal(await context.find(child), null);
    const { resources, more } = await context.store.sweep(keyOf(ae), 100);
    assert.equal(more, false);
    assert.deepEqual(resources.map(({ id }) => id).sort(), [...rows, back, child].map(({ id }) => id).sort());
    await owner.change(...resources.map((resource) => ({ kind: 'remove' as const, resource })));
    assert.deepEqual(await context.store.sweep(keyOf(ae), 100), { resources: [], more: false });
    await owner.insert(...rows);
    for (const row of rows) assert.equal(await context.isThere(row), true, row.path);
  });

  it('sweeps in portions, no parent before its children, the marked one last; then its ID is free (R13)', async () => {
    const owner = await context.owner();
    const { rows } = await tree(owner);
    const [ae] = rows;
    assert.ok(ae);
    await owner.change({ kind: 'removeSubtree', resource: ae });
    const removed = await sweepAll(owner, ae, 3);
    assert.deepEqual([...removed].sort(), rows.map(({ id }) => id).sort());
    assert.equal(removed.at(-1), ae.id);
    assert.deepEqual(await context.store.sweep(keyOf(ae), 3), { resources: [], more: false });
    await owner.insert(...rows);
    for (const row of rows) assert.equal(await context.isThere(row), true, row.path);
  });

  it('sweeps all in one portion if there is room, and repeats a portion that was not removed', async () => {
    const owner = await context.owner();
    const { rows } = await tree(owner);
    const [ae] = rows;
    assert.ok(ae);
    await owner.change({ kind: 'removeSubtree', resource: ae });
    const ids = async () => {
      const { resources, more } = await context.store.sweep(keyOf(ae), rows.length);
      assert.equal(more, false);
      return resources.map(({ id }) => id).sort();
    };
    assert.deepEqual(await ids(), rows.map(({ id }) => id).sort());
    assert.deepEqual(await ids(), rows.map(({ id }) => id).sort());
  });

  it('sweeps a mark inside of a mark, whichever comes first', async () => {
    const owner = await context.owner();
    for (const first of ['inner', 'outer']) {
      const { rows } = await tree(owner);
      const [ae, , inner] = rows;
      assert.ok(ae && inner);
      await owner.change({ kind: 'removeSubtree', resource: inner });
      await owner.change({ kind: 'removeSubtree', resource: ae });
      const removed = first === 'inner' ? await sweepAll(owner, inner, 2) : [];
      assert.equal(removed.length, first === 'inner' ? 4 : 0);
      removed.push(...(await sweepAll(owner, ae, 2)));
      assert.deepEqual(removed.sort(), rows.map(({ id }) => id).sort(), `${first} first`);
      for (const marked of [ae, inner]) {
        assert.deepEqual(await context.store.sweep(keyOf(marked), 2), { resources: [], more: false });
      }
      await owner.insert(...rows);
      assert.equal(await context.isThere(inner), true);
    }
  });

  it('sweeps nothing of what is not marked', async () => {
    const owner = await context.owner();
    const { rows } = await tree(owner);
    const [ae, outer] = rows;
    assert.ok(ae && outer);
    for (const row of [ae, outer]) {
      assert.deepEqual(await context.store.sweep(keyOf(row), 10), { resources: [], more: false });
    }
    assert.deepEqual(await context.store.sweep({ cse: ae.cse, shard: ae.shard, id: 'none' }, 10), {
      resources: [],
      more: false,
    });
  });

  it('takes a subscription under a mark out of its parent’s list (R22)', async () => {
    const owner = await context.owner();
    const { cse, rows } = await tree(owner);
    const ae = rows[0];
    const subscription = rows.at(-1);
    assert.ok(ae && subscription);
    const ofBase = firstLevel(cse, types.subscription, 'of-base');
    await owner.insert(ofBase);
    await owner.change({ kind: 'removeSubtree', resource: subscription }, { kind: 'removeSubtree', resource: ofBase });
    assert.deepEqual((await context.find(ae))?.subscriptions, []);
    const base = { cse: cse.number, shard: shardOfBase(cse.number), id: cse.baseId };
    assert.deepEqual((await context.find(base))?.subscriptions, []);
  });

  it('relies on a row under a mark as on one that is absent (R12)', async () => {
    const [owner, other] = await context.owners(2);
    assert.ok(owner && other);
    const { rows } = await tree(owner);
    const [ae, , inner] = rows;
    assert.ok(ae && inner);
    await other.commit({ relied: [{ ...keyOf(inner), version: 1 }] });
    await owner.change({ kind: 'removeSubtree', resource: ae });
    assert.equal((await other.attempt({ relied: [{ ...keyOf(inner), version: 1 }] })).kind, 'stale');
    await other.commit({ relied: [{ ...keyOf(inner), version: 0 }] });
  });
}
