/** UPDATE and DELETE (TS-0004 7.3.3.4, 7.3.3.7, 7.3.3.8). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { contentOf, type System, timestamp } from './system.ts';

export function changeTests(system: System): void {
  describe('update', () => {
    it('TS-0004 7.3.3.7: changes what is named, removes what is null, and leaves the rest', async (t) => {
      const ae = await system.ae(t);
      const to = await system.container(ae, { lbl: ['one'], mni: 5, or: 'https://ontology.example' });
      const before = await system.retrieve(ae.device, to, 'm2m:cnt');
      const answer = await ae.device.must(2004, { op: 3, to, pc: { 'm2m:cnt': { lbl: ['two'], mni: null } } });
      const after = contentOf(answer, 'm2m:cnt');
      const { mni: _, ...kept } = before;
      assert.deepEqual(after, { ...kept, lbl: ['two'], st: 1, lt: after.lt });
      assert.deepEqual(await system.retrieve(ae.device, to, 'm2m:cnt'), after);
      assert.ok(String(after.lt) >= String(before.lt));
    });

    it('TS-0004 7.5.2: rcn 0 gives nothing, rcn 9 what the CSE changed beside', async (t) => {
      const ae = await system.ae(t);
      const to = await system.container(ae);
      const update = (rcn: number) => ae.device.must(2004, { op: 3, to, rcn, pc: { 'm2m:cnt': { lbl: ['x'] } } });
      assert.equal((await update(0)).pc, undefined);
      const modified = contentOf(await update(9), 'm2m:cnt');
      assert.equal(modified.st, 2);
      assert.deepEqual(Object.keys(modified).toSorted(), ['lt', 'st']);
    });

    it('TS-0004 7.3.3.7: what cannot be changed is answered 4000, and nothing is changed', async (t) => {
      const ae = await system.ae(t);
      const to = await system.container(ae, { lbl: ['one'] });
      const before = await system.retrieve(ae.device, to, 'm2m:cnt');
      const wrong = [{ ri: 'x' }, { rn: 'x' }, { cni: 5 }, { unheard: 1 }, { lbl: 'text' }, { et: timestamp(-60_000) }];
      for (const attributes of wrong) {
        await ae.device.must(4000, { op: 3, to, pc: { 'm2m:cnt': { lbl: ['two'], ...attributes } } });
      }
      await ae.device.must(4000, { op: 3, to, pc: { 'm2m:ae': { lbl: ['two'] } } });
      await ae.device.must(4000, { op: 3, to });
      assert.deepEqual(await system.retrieve(ae.device, to, 'm2m:cnt'), before);
    });

    it('TS-0004 7.4.7.4: an instance is never updated (4005), whoever asks', async (t) => {
      const ae = await system.ae(t);
      const to = await system.container(ae);
      const { ri } = await system.instance(ae.device, to, 'x');
      const stranger = await system.ae(t);
      for (const { device } of [ae, stranger]) {
        await device.must(4005, { op: 3, to: String(ri), pc: { 'm2m:cin': { lbl: ['x'] } } });
      }
    });

    it('TS-0004 7.4.5.4: an AE changes its labels and its points of access, not its AE-ID', async (t) => {
      const { device, path, stem } = await system.ae(t);
      await device.must(2004, { op: 3, to: path, pc: { 'm2m:ae': { lbl: ['x'], apn: 'name' } } });
      await device.must(4000, { op: 3, to: path, pc: { 'm2m:ae': { aei: 'Cother' } } });
      assert.equal((await system.retrieve(device, path, 'm2m:ae')).aei, stem);
    });

    it('TS-0001 9.6.6: each UPDATE of a container and each instance raises its st', async (t) => {
      const ae = await system.ae(t);
      const to = await system.container(ae);
      await ae.device.must(2004, { op: 3, to, pc: { 'm2m:cnt': { lbl: ['x'] } } });
      assert.equal((await system.instance(ae.device, to, 'x')).st, 2);
      await ae.device.must(2004, { op: 3, to, pc: { 'm2m:cnt': { lbl: ['y'] } } });
      assert.equal((await system.retrieve(ae.device, to, 'm2m:cnt')).st, 3);
    });
  });

  describe('delete', () => {
    it('TS-0004 7.3.3.8, R13: with a resource all that is below it is gone at once, and its name is free', async (t) => {
      const ae = await system.ae(t);
      const outer = await system.container(ae);
      const inner = await system.container(ae, { rn: 'inner' }, outer);
      const { ri } = await system.instance(ae.device, inner, 'x', { rn: 'one' });
      const answer = await ae.device.must(2002, { op: 4, to: outer });
      assert.equal(answer.pc, undefined);
      for (const to of [outer, inner, `${inner}/la`, `${inner}/one`, String(ri)]) {
        await ae.device.must(4004, { op: 2, to });
      }
      const rn = outer.split('/').at(-1);
      await ae.device.must(2001, { op: 1, to: ae.path, ty: 3, pc: { 'm2m:cnt': { rn } } });
      await ae.device.must(4004, { op: 2, to: inner });
      assert.equal((await system.retrieve(ae.device, outer, 'm2m:cnt')).cni, 0);
    });

    it('TS-0004 7.5.2: rcn 1 of a DELETE shows what was there', async (t) => {
      const ae = await system.ae(t);
      const to = await system.container(ae, { lbl: ['x'] });
      const before = await system.retrieve(ae.device, to, 'm2m:cnt');
      assert.deepEqual(contentOf(await ae.device.must(2002, { op: 4, to, rcn: 1 }), 'm2m:cnt'), before);
    });

    it('TS-0004 7.3.3.8: a second DELETE is answered 4004', async (t) => {
      const ae = await system.ae(t);
      const to = await system.container(ae);
      await ae.device.must(2002, { op: 4, to });
      await ae.device.must(4004, { op: 4, to });
    });
  });
}
