/** RETRIEVE: result contents, single attributes, all forms of addresses (TS-0004 7.3.3.6, 7.5.2, 6.2; TS-0001 9.3.1). */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { contentOf, type Resource, type System } from './system.ts';

export function retrievalTests(system: System): void {
  /** An AE with a container, which has a container and two instances. */
  async function tree(t: TestContext) {
    const ae = await system.ae(t);
    const outer = await system.container(ae, { lbl: ['outer'] });
    const inner = await system.container(ae, {}, outer);
    const first = await system.instance(ae.device, outer, 'first', { rn: 'i1' });
    const second = await system.instance(ae.device, inner, 'second', { rn: 'i2' });
    const shown = await system.retrieve(ae.device, outer, 'm2m:cnt');
    return { ae, device: ae.device, outer, inner, first, second, shown };
  }

  describe('retrieval', () => {
    it('TS-0004 7.5.2: rcn 4 nests what is below in arrays, rcn 8 shows only that', async (t) => {
      const { device, outer, inner, first, second, shown } = await tree(t);
      const innerShown = await system.retrieve(device, inner, 'm2m:cnt');
      const children = { 'm2m:cnt': [{ ...innerShown, 'm2m:cin': [second] }], 'm2m:cin': [first] };
      assert.deepEqual(await system.retrieve(device, outer, 'm2m:cnt', { rcn: 4 }), { ...shown, ...children });
      assert.deepEqual(await system.retrieve(device, outer, 'm2m:cnt', { rcn: 8 }), children);
    });

    it('TS-0004 7.5.2: rcn 5 and 6 refer to all levels, parents before children', async (t) => {
      const { device, outer, inner, shown } = await tree(t);
      const withReferences = await system.retrieve(device, outer, 'm2m:cnt', { rcn: 5 });
      const { ch, ...attributes } = withReferences;
      assert.deepEqual(attributes, shown);
      const references = ch as { nm: string; typ: number; val: string }[];
      const addresses = references.map(({ val }) => val);
      assert.deepEqual(addresses.toSorted(), [inner, `${inner}/i2`, `${outer}/i1`].toSorted());
      assert.ok(addresses.indexOf(inner) < addresses.indexOf(`${inner}/i2`));
      assert.deepEqual(
        references.find(({ val }) => val === `${outer}/i1`),
        { nm: 'i1', typ: 4, val: `${outer}/i1` },
      );
      const list = await system.retrieve(device, outer, 'm2m:rrl', { rcn: 6 });
      assert.deepEqual(list.rrf, references);
    });

    it('TS-0001 8.1.2: a rcn that the operation does not have is answered 4000', async (t) => {
      const { device, ae, outer } = await tree(t);
      for (const rcn of [0, 2, 3, 9, 99]) await device.must(4000, { op: 2, to: outer, rcn });
      for (const rcn of [4, 5, 6, 8]) {
        await device.must(4000, { op: 1, to: ae.path, ty: 3, rcn, pc: { 'm2m:cnt': {} } });
      }
      await device.must(4000, { op: 3, to: outer, rcn: 4, pc: { 'm2m:cnt': { lbl: ['x'] } } });
    });

    it('TS-0004 7.5.2: rcn 0, 1, 2, 3 and 9 of a CREATE', async (t) => {
      const { device, path } = await system.ae(t);
      const create = (rcn: number, rn: string) =>
        device.must(2001, { op: 1, to: path, ty: 3, rcn, pc: { 'm2m:cnt': { rn, lbl: ['x'] } } });
      assert.equal((await create(0, 'none')).pc, undefined);
      assert.deepEqual((await create(2, 'address')).pc, { 'm2m:uri': `${path}/address` });
      const whole = contentOf(await create(1, 'whole'), 'm2m:cnt');
      assert.deepEqual(whole, await system.retrieve(device, `${path}/whole`, 'm2m:cnt'));
      const both = contentOf(await create(3, 'both'), 'm2m:rce');
      assert.deepEqual(both, {
        'm2m:cnt': await system.retrieve(device, `${path}/both`, 'm2m:cnt'),
        uri: `${path}/both`,
      });
      await create(9, 'less');
      const { rn, lbl, ...assigned } = await system.retrieve(device, `${path}/less`, 'm2m:cnt');
      const again = contentOf(await create(9, 'lesser'), 'm2m:cnt');
      assert.deepEqual(Object.keys(again).toSorted(), Object.keys(assigned).toSorted());
      assert.deepEqual({ rn, lbl }, { rn: 'less', lbl: ['x'] });
    });

    it('TS-0001 9.3.1: every form of an address leads to the same resource', async (t) => {
      const { device, ae, outer, first, shown } = await tree(t);
      const { level, name, serviceProvider } = system.cse;
      const below = outer.slice(`${name}/`.length);
      const container = String(shown.ri);
      const outerName = String(shown.rn);
      const forms = [
        outer,
        `-/${below}`,
        container,
        `${ae.stem}/${outerName}`,
        `/${level}/${outer}`,
        `/${level}/-/${below}`,
        `/${level}/${container}`,
        `${serviceProvider}/${level}/${outer}`,
        `${serviceProvider}/${level}/${container}`,
      ];
      for (const to of forms) assert.deepEqual(await system.retrieve(device, to, 'm2m:cnt'), shown, to);
      for (const to of [`${container}/la`, `${container}/i1`, `/${level}/${outer}/la`, String(first.ri)]) {
        assert.deepEqual(await system.retrieve(device, to, 'm2m:cin'), first, to);
      }
    });

    it('TS-0001 9.3.1: the CSEBase by every form', async (t) => {
      const { device } = await system.ae(t);
      const { level, name, serviceProvider } = system.cse;
      const base = await system.retrieve(device, name, 'm2m:cb');
      for (const to of ['-', `/${level}`, `/${level}/${name}`, `/${level}/-`, `${serviceProvider}/${level}`]) {
        assert.equal((await system.retrieve(device, to, 'm2m:cb')).ri, base.ri, to);
      }
    });

    it('TS-0004 7.3.3.17: single attributes by # and by m2m:atrl; an unknown one is answered 4000', async (t) => {
      const { device, outer } = await tree(t);
      assert.deepEqual(await system.retrieve(device, `${outer}#lbl`, 'm2m:cnt'), { lbl: ['outer'] });
      // Known and absent is left out.
      const some = await system.retrieve(device, outer, 'm2m:cnt', { pc: { 'm2m:atrl': ['cni', 'mni', 'lbl'] } });
      assert.deepEqual(some, { cni: 1, lbl: ['outer'] });
      await device.must(4000, { op: 2, to: `${outer}#unheard` });
      await device.must(4000, { op: 2, to: outer, pc: { 'm2m:atrl': ['unheard'] } });
    });

    it('TS-0004 7.3.3.1: what is not there is answered 4004', async (t) => {
      const { device, outer, ae } = await tree(t);
      const addresses = [`${outer}/nothing`, `${system.base}/nobody/x`, 'r000-1-1-1-1', 'Cnobody', `${ae.path}/la`];
      for (const to of [...addresses, '/another-cse/base/x', `${outer}/i1/la`]) {
        await device.must(4004, { op: 2, to });
      }
    });

    it('TS-0001 8.1.3: an answer has rsc, rqi, rvi, to, fr and ot, and debug text only in errors', async (t) => {
      const { device, outer } = await tree(t);
      const rqi = 'an-rqi/with.signs';
      const good = await device.must(2000, { op: 2, to: outer, rqi });
      assert.equal(good.rqi, rqi);
      assert.equal(good.rvi, '3');
      assert.equal(good.to, device.level);
      assert.equal(good.fr, `/${system.cse.level}`);
      assert.match(String(good.ot), /^\d{8}T\d{6}(,\d{1,6})?$/);
      const bad = await device.must(4004, { op: 2, to: `${outer}/nothing` });
      assert.deepEqual(Object.keys(bad.pc ?? {}), ['m2m:dbg']);
    });

    it('decisions "rvi": 1 (or none), 2, 2a, 3 and 4 are spoken, others answered 4001', async (t) => {
      const { device, outer } = await tree(t);
      for (const rvi of ['1', '2', '2a', '3', '4', undefined]) {
        assert.equal((await device.must(2000, { op: 2, to: outer, rvi })).rvi, rvi);
      }
      for (const rvi of ['0', '9', 'three']) await device.must(4001, { op: 2, to: outer, rvi });
    });

    it('decisions "ID forms": another CSE gets SP-relative IDs', async (t) => {
      const { ae, outer, shown } = await tree(t);
      const acpi = [await system.policy(ae, [{ acor: ['/mn-other'], acop: 2 }])];
      await ae.device.must(2004, { op: 3, to: outer, pc: { 'm2m:cnt': { acpi } } });
      const gateway = await system.device(t, 'mn-other');
      const answer = await gateway.must(2000, { op: 2, to: `/${system.cse.level}/${outer}`, fr: '/mn-other' });
      const { ri, pi } = contentOf(answer, 'm2m:cnt') as Resource;
      assert.equal(ri, `/${system.cse.level}/${String(shown.ri)}`);
      assert.equal(pi, `/${system.cse.level}/${String(shown.pi)}`);
    });
  });
}
