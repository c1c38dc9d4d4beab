import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { CseDescription } from '../../../services/core/cse.ts';
import type { DescendantQuery, QueryPage } from '../../../services/core/decision.ts';
import type { StoredResource } from '../../../services/core/resource.ts';
import { formatTimestamp } from '../../../services/core/timestamps.ts';
import type { StoreContext } from './context.ts';
import { childOf, firstLevel, instanceOf, keyOf, noInstances, plain, testNow, types } from './rows.ts';

/** Children and descendants: order, pages, filters (see DescendantQuery). */
export function queryTests(context: StoreContext): void {
  const ask = async (query: DescendantQuery): Promise<QueryPage> => (await context.fact({ kind: 'query', query })).page;
  /** Page after page. One may be smaller than its limit, or empty, though more follows: `more` alone tells the end. */
  const askAll = async (query: DescendantQuery): Promise<string[]> => {
    const paths: string[] = [];
    for (let page = await ask(query), pages = 1; ; page = await ask({ ...query, afterPath: page.lastPath }), pages++) {
      assert.ok(page.resources.length <= query.limit);
      paths.push(...pathsOf(page));
      if (!page.more) return paths;
      assert.ok(pages < 200, 'comes to an end');
    }
  };
  const pathsOf = ({ resources }: QueryPage) => resources.map(({ path }) => path);

  /** Names that sort otherwise in a path than in a tree: `-` and `.` come before `/`, `~` behind the letters. */
  const names = ['a', 'a-b', 'a.b', 'a~', 'A', 'b', '0', 'Z_'];
  const inOrder = [...names].sort();

  async function tree(): Promise<{ cse: CseDescription; ae: StoredResource; expected: string[] }> {
    const cse = await context.cse();
    const owner = await context.owner();
    const ae = firstLevel(cse, types.ae, 'ae');
    const rows = [ae];
    const expected: string[] = [];
    for (const name of inOrder) {
      const outer = childOf(ae, types.container, name);
      const inner = childOf(outer, types.container, 'x');
      rows.push(outer, inner, instanceOf(inner, 0));
      expected.push(outer.path, inner.path, `${inner.path}/i0`);
    }
    // Not in the order of the answer.
    await owner.insert(
      ae,
      ...rows.slice(1).sort((a, b) => a.ancestors.length - b.ancestors.length || (a.name < b.name ? 1 : -1)),
    );
    return { cse, ae, expected };
  }

  it('gives parents before children and siblings by the bytes of their names, without the root', async () => {
    const { ae, expected } = await tree();
    const page = await ask({ cse: ae.cse, shard: ae.shard, rootId: ae.id, limit: 100 });
    assert.deepEqual(pathsOf(page), expected);
    assert.equal(page.more, false);
  });

  it('gives pages of any size that join without a gap or a repeat', async () => {
    const { cse, ae, expected } = await tree();
    for (const root of [
      { shard: ae.shard, rootId: ae.id },
      { rootId: cse.baseId, types: [types.container, types.instance] },
    ]) {
      for (const limit of [1, 2, 5, expected.length - 1, expected.length]) {
        const paths = await askAll({ cse: cse.number, ...root, limit });
        assert.deepEqual(paths, expected, `pages of ${limit}`);
      }
    }
  });

  it('continues behind a path whose resource has gone', async () => {
    const { ae, expected } = await tree();
    const page = await ask({ cse: ae.cse, shard: ae.shard, rootId: ae.id, afterPath: 'ae/a/gone', limit: 100 });
    const from = expected.indexOf('ae/a/x');
    assert.deepEqual(pathsOf(page), expected.slice(from));
  });

  it('gives rows whole, and the counters of containers', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const ae = firstLevel(cse, types.ae, 'ae');
    const container = childOf(ae, types.container, 'cnt', { labels: ['l'], policyIds: ['acp'], hidden: { x: 1 } });
    const instance = instanceOf(container, 0);
    const counters = { ...noInstances, instances: 1, bytes: 1, stateTag: 4, nextSequence: 1 };
    await owner.insert(ae);
    await owner.change({ kind: 'insert', resource: container, counters }, { kind: 'insert', resource: instance });
    const page = await ask({ cse: cse.number, shard: ae.shard, rootId: ae.id, limit: 10 });
    assert.deepEqual(page.resources.map(plain), [container, instance].map(plain));
    assert.deepEqual(page.counters, new Map([[container.id, counters]]));
  });

  it('goes no deeper than the level', async () => {
    const { cse, ae } = await tree();
    const depths = async (root: object, level: number) => {
      const page = await ask({ cse: cse.number, rootId: ae.id, ...root, level, limit: 100 });
      return [...new Set(pathsOf(page).map((path) => path.split('/').length))].sort();
    };
    assert.deepEqual(await depths({ shard: ae.shard }, 1), [2]);
    assert.deepEqual(await depths({ shard: ae.shard }, 2), [2, 3]);
    assert.deepEqual(await depths({ shard: ae.shard }, 3), [2, 3, 4]);
    assert.deepEqual(await depths({ rootId: cse.baseId }, 1), [1]);
    assert.deepEqual(await depths({ rootId: cse.baseId }, 3), [1, 2, 3]);
  });

  it('selects by type, walking through the others', async () => {
    const { ae, expected } = await tree();
    const query = { cse: ae.cse, shard: ae.shard, rootId: ae.id, limit: 100 };
    const page = await ask({ ...query, types: [types.instance] });
    assert.deepEqual(
      pathsOf(page),
      expected.filter((path) => path.endsWith('/i0')),
    );
    assert.deepEqual(pathsOf(await ask({ ...query, types: [types.policy, types.subscription] })), []);
    const both = await ask({ ...query, types: [types.instance, types.container] });
    assert.deepEqual(pathsOf(both), expected);
  });

  it('pages what is selected', async () => {
    const { ae } = await tree();
    const query = { cse: ae.cse, shard: ae.shard, rootId: ae.id, types: [types.instance], limit: 3 };
    assert.deepEqual(
      await askAll(query),
      inOrder.map((name) => `ae/${name}/x/i0`),
    );
  });

  it('selects by any of the labels', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const ae = firstLevel(cse, types.ae, 'ae');
    const labelled = (name: string, labels?: string[]) =>
      childOf(ae, types.container, name, labels === undefined ? {} : { labels });
    await owner.insert(
      ae,
      labelled('both', ['x', 'y']),
      labelled('none'),
      labelled('odd', ["it's", 'a,b', '{"c"}']),
      labelled('other', ['xx', 'X']),
      labelled('one', ['y']),
    );
    const selected = async (labels: string[]) =>
      pathsOf(await ask({ cse: cse.number, shard: ae.shard, rootId: ae.id, labels, limit: 10 }));
    assert.deepEqual(await selected(['x']), ['ae/both']);
    assert.deepEqual(await selected(['x', 'y']), ['ae/both', 'ae/one']);
    assert.deepEqual(await selected(["it's"]), ['ae/odd']);
    assert.deepEqual(await selected(['{"c"}', 'none']), ['ae/odd']);
    assert.deepEqual(await selected(['a']), []);
  });

  it('selects by the time of creation: from, and before', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const ae = firstLevel(cse, types.ae, 'ae');
    const made = (name: string, at: number) =>
      childOf(ae, types.container, name, { attributes: { ct: formatTimestamp(testNow + at) } });
    await owner.insert(ae, made('a', -2), made('b', -1), made('c', 0), made('d', 1));
    const selected = async (limits: Partial<DescendantQuery>) =>
      pathsOf(await ask({ cse: cse.number, shard: ae.shard, rootId: ae.id, limit: 10, ...limits }));
    assert.deepEqual(await selected({ createdAfter: testNow }), ['ae/c', 'ae/d']);
    assert.deepEqual(await selected({ createdBefore: testNow }), ['ae/a', 'ae/b']);
    assert.deepEqual(await selected({ createdAfter: testNow - 1, createdBefore: testNow + 1 }), ['ae/b', 'ae/c']);
  });

  it('leaves out what has expired', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const ae = firstLevel(cse, types.ae, 'ae');
    const expired = childOf(ae, types.container, 'expired', { expiresAt: testNow - 60_000 });
    const living = childOf(ae, types.container, 'living', { expiresAt: testNow + 3_600_000 });
    await owner.insert(ae, expired, living);
    assert.deepEqual(pathsOf(await ask({ cse: cse.number, shard: ae.shard, rootId: ae.id, limit: 10 })), ['ae/living']);
  });

  it('goes over all shards below a CSEBase, and over no other CSE', async () => {
    const cse = await context.cse();
    const other = await context.cse();
    const owner = await context.owner();
    const aes = ['z', 'm-1', 'm', 'a'].map((name) => firstLevel(cse, types.ae, name));
    assert.ok(new Set(aes.map(({ shard }) => shard)).size > 1);
    const below = aes.map((ae) => childOf(ae, types.container, 'cnt'));
    await owner.insert(...aes, ...below, firstLevel(other, types.ae, 'foreign'));
    const page = await ask({ cse: cse.number, rootId: cse.baseId, types: [types.ae, types.container], limit: 100 });
    assert.deepEqual(pathsOf(page), ['a', 'a/cnt', 'm', 'm/cnt', 'm-1', 'm-1/cnt', 'z', 'z/cnt']);
    assert.deepEqual([...page.counters.keys()].sort(), below.map(({ id }) => id).sort());
    const children = { cse: cse.number, rootId: cse.baseId, level: 1, types: [types.ae], limit: 2 };
    assert.deepEqual(await askAll(children), ['a', 'm', 'm-1', 'z']);
  });

  it('sees what was changed last', async () => {
    const { ae } = await tree();
    const owner = await context.owner();
    const added = childOf(ae, types.container, 'added');
    await owner.insert(added);
    const find = async () =>
      (await ask({ cse: ae.cse, shard: ae.shard, rootId: ae.id, limit: 100 })).resources.find(
        ({ id }) => id === added.id,
      );
    const updated = { ...added, labels: ['updated'] };
    await owner.change({ kind: 'update', resource: updated });
    assert.deepEqual((await find())?.labels, ['updated']);
    await owner.change({ kind: 'remove', resource: updated });
    assert.equal(await find(), undefined);
    assert.deepEqual(await context.store.versions([keyOf(added)]), [0]);
  });
}
