/** Discovery and conditional operations (TS-0004 7.3.3.14, 7.3.3.17; TS-0001 10.2.6). */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Answer, Device } from './device.ts';
import { contentOf, listOf, type Resource, type System, timestamp } from './system.ts';

export function discoveryTests(system: System): void {
  /** Containers `a` … `e` with labels, and in each one an instance. */
  async function orchard(t: TestContext) {
    const ae = await system.ae(t);
    const root = await system.container(ae);
    const trees: string[] = [];
    for (const [index, rn] of ['a', 'b', 'c', 'd', 'e'].entries()) {
      const lbl = [`tree:${rn}`, index % 2 === 0 ? 'even' : 'odd'];
      trees.push(await system.container(ae, { rn, lbl, ...(rn === 'c' ? { mni: 7 } : {}) }, root));
      await system.instance(ae.device, `${root}/${rn}`, 'x'.repeat(index), { rn: 'fruit' });
    }
    return { ae, device: ae.device, root, trees };
  }
  const fruits = (trees: string[]) => trees.map((tree) => `${tree}/fruit`);
  const find = (device: Device, to: string, fc: object, parameters: object = {}): Promise<Answer> =>
    device.must(2000, { op: 2, to, fc: { fu: 1, ...fc }, ...parameters });
  const found = async (device: Device, to: string, fc: object, parameters: object = {}) =>
    listOf(await find(device, to, fc, parameters), 'm2m:uril').toSorted();

  describe('discovery', () => {
    it('TS-0004 7.3.3.14: without conditions everything below, but not the target and nothing virtual', async (t) => {
      const { device, root, trees } = await orchard(t);
      assert.deepEqual(await found(device, root, {}), [...trees, ...fruits(trees)].toSorted());
    });

    it('TS-0004 7.3.3.17: ty, lbl, atr, and what they find together', async (t) => {
      const { device, root, trees } = await orchard(t);
      const [a = '', b = '', c = '', d = '', e = ''] = trees;
      assert.deepEqual(await found(device, root, { ty: [3] }), trees);
      assert.deepEqual(await found(device, root, { ty: [4] }), fruits(trees));
      assert.deepEqual(await found(device, root, { ty: [3, 4] }), [...trees, ...fruits(trees)].toSorted());
      assert.deepEqual(await found(device, root, { lbl: ['odd'] }), [b, d]);
      assert.deepEqual(await found(device, root, { lbl: ['tree:a', 'odd'] }), [a, b, d]);
      assert.deepEqual(await found(device, root, { atr: [{ nm: 'mni', val: 7 }] }), [c]);
      assert.deepEqual(await found(device, root, { ty: [3], atr: [{ nm: 'rn', val: 'e*' }] }), [e]);
      assert.deepEqual(await found(device, root, { lbl: ['even'], atr: [{ nm: 'mni', val: 7 }] }), [c]);
      assert.deepEqual(await found(device, root, { lbl: ['tree:a'], atr: [{ nm: 'mni', val: 7 }], fo: 2 }), [a, c]);
    });

    it('decisions "Wire": by name with wildcards', async (t) => {
      const { device, root, trees } = await orchard(t);
      assert.deepEqual(await found(device, root, { atr: [{ nm: 'rn', val: 'fr*t' }] }), fruits(trees));
      assert.deepEqual(await found(device, root, { atr: [{ nm: 'rn', val: 'b' }] }), [trees[1]]);
    });

    it('TS-0004 7.3.3.17: crb, cra, ms, us, sza, szb, stb', async (t) => {
      const { device, root, trees } = await orchard(t);
      const all = [...trees, ...fruits(trees)].toSorted();
      assert.deepEqual(await found(device, root, { cra: timestamp(-60_000) }), all);
      assert.deepEqual(await found(device, root, { cra: timestamp(60_000) }), []);
      assert.deepEqual(await found(device, root, { crb: timestamp(60_000), ty: [3] }), trees);
      assert.deepEqual(await found(device, root, { crb: timestamp(-60_000) }), []);
      assert.deepEqual(await found(device, root, { ms: timestamp(-60_000), us: timestamp(60_000) }), all);
      assert.deepEqual(await found(device, root, { sza: 3, ty: [4] }), fruits(trees.slice(3)));
      assert.deepEqual(await found(device, root, { szb: 2, ty: [4] }), fruits(trees.slice(0, 2)));
      assert.deepEqual(await found(device, root, { stb: 0, ty: [3] }), trees);
    });

    it('TS-0004 7.3.3.17: lvl bounds the depth', async (t) => {
      const { ae, device, root, trees } = await orchard(t);
      assert.deepEqual(await found(device, root, { lvl: 1 }), trees);
      assert.deepEqual(await found(device, ae.path, { lvl: 1 }), [root]);
    });

    it('TS-0004 7.3.3.17: lim and ofst page through everything once; partial answers say where to go on', async (t) => {
      const { device, root, trees } = await orchard(t);
      const pages: string[] = [];
      let offset: number | undefined = 1;
      let answers = 0;
      while (offset !== undefined) {
        const answer: Answer = await find(device, root, { lim: 3, ofst: offset });
        pages.push(...listOf(answer, 'm2m:uril'));
        assert.ok(++answers <= 4);
        assert.equal(answer.cnst === 1, answer.cnot !== undefined);
        offset = answer.cnot;
      }
      assert.equal(answers, 4);
      assert.deepEqual(pages.toSorted(), [...trees, ...fruits(trees)].toSorted());
      assert.equal(new Set(pages).size, 10);
    });

    it('TS-0001 8.1.2: rcn 6 gives references, drt 2 unstructured addresses', async (t) => {
      const { device, root, trees } = await orchard(t);
      const list = contentOf(await find(device, root, { ty: [3] }, { rcn: 6 }), 'm2m:rrl');
      assert.deepEqual(
        (list.rrf as Resource[]).map(({ nm, typ, val }) => ({ nm, typ, val })).toSorted(byName),
        trees.map((val) => ({ nm: val.slice(-1), typ: 3, val })),
      );
      const [unstructured = ''] = await found(device, root, { lbl: ['tree:b'] }, { drt: 2 });
      assert.doesNotMatch(unstructured, /\//);
      assert.equal((await system.retrieve(device, unstructured, 'm2m:cnt')).rn, 'b');
    });

    it('TS-0004 7.3.3.14: no match is an empty list, and a fc that is none is answered 4000', async (t) => {
      const { device, root } = await orchard(t);
      assert.deepEqual(await found(device, root, { lbl: ['nothing'] }), []);
      for (const fc of [{ unheard: 1 }, { lim: -1 }, { ty: [99_999] }, { fo: 7 }]) {
        await device.must(4000, { op: 2, to: root, fc: { fu: 1, ...fc } });
      }
      await device.must(5001, { op: 2, to: root, fc: { fu: 1, smf: ['select'] } });
      await device.must(4000, { op: 1, to: root, ty: 3, fc: { lbl: ['x'] }, pc: { 'm2m:cnt': {} } });
    });

    it('TS-0004 7.3.3.14: what the originator may not discover is left out, what is below it is not', async (t) => {
      const { ae, root, trees } = await orchard(t);
      const guest = await system.ae(t);
      assert.deepEqual(await found(guest.device, root, {}).catch(() => []), []);
      const acpi = [await system.policy(ae, [{ acor: [guest.stem], acop: 34 }])];
      for (const to of [root, trees[1], trees[3]]) {
        await ae.device.must(2004, { op: 3, to, pc: { 'm2m:cnt': { acpi } } });
      }
      const visible = [trees[1], trees[3], ...fruits([trees[1] ?? '', trees[3] ?? ''])].toSorted();
      assert.deepEqual(await found(guest.device, root, {}), visible);
      assert.deepEqual(await found(guest.device, ae.path, {}), [root, ...visible].toSorted());
    });

    it('TS-0004 7.3.3.14: from the CSEBase over AEs of all shards', async (t) => {
      const label = system.newName('everywhere');
      const aes = await Promise.all([1, 2, 3, 4, 5, 6].map(() => system.ae(t)));
      const expected: string[] = [];
      for (const ae of aes) expected.push(await system.container(ae, { lbl: [label] }));
      const admin = await system.admin(t);
      assert.deepEqual(await found(admin, system.base, { lbl: [label] }), expected.toSorted());
      const pages: string[] = [];
      for (let offset: number | undefined = 1; offset !== undefined; ) {
        const answer: Answer = await find(admin, system.base, { lbl: [label], lim: 4, ofst: offset });
        pages.push(...listOf(answer, 'm2m:uril'));
        offset = answer.cnot;
      }
      assert.deepEqual(pages.toSorted(), expected.toSorted());
    });
  });

  describe('conditional operations', () => {
    it('TS-0004 7.3.3.1: a RETRIEVE, UPDATE or DELETE whose fc nothing meets is answered 4004', async (t) => {
      const { device, trees } = await orchard(t);
      const [to] = trees;
      const no = { lbl: ['other'] };
      await device.must(4004, { op: 2, to, fc: no });
      await device.must(4004, { op: 3, to, fc: no, pc: { 'm2m:cnt': { mni: 5 } } });
      await device.must(4004, { op: 4, to, fc: no });
      const yes = { lbl: ['tree:a'] };
      assert.equal(contentOf(await device.must(2000, { op: 2, to, fc: yes }), 'm2m:cnt').rn, 'a');
      await device.must(2004, { op: 3, to, fc: yes, pc: { 'm2m:cnt': { mni: 5 } } });
      await device.must(2002, { op: 4, to, fc: yes });
      await device.must(4004, { op: 2, to });
    });

    it('TS-0004 7.3.3.17: fc chooses among the children that rcn shows', async (t) => {
      const { device, root } = await orchard(t);
      const shown = await system.retrieve(device, root, 'm2m:cnt', { rcn: 8, fc: { ty: [3], lbl: ['odd'] } });
      assert.deepEqual(
        (shown['m2m:cnt'] as Resource[]).map(({ rn }) => rn),
        ['b', 'd'],
      );
    });
  });
}

function byName(a: { nm: unknown }, b: { nm: unknown }): number {
  return String(a.nm).localeCompare(String(b.nm));
}
