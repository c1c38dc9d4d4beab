/** Two service providers in one deployment share nothing (R32); and what an operator sets for one holds there only. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { listOf, type System, timestamp } from './system.ts';

export function providerTests(system: System): void {
  describe('many CSEs', () => {
    it('R32: the same AE-ID, names and rqi at two CSEs are different things', async (t) => {
      const stem = system.newName('C');
      const attributes = { rn: system.newName('same') };
      const { second } = system.target;
      const here = await system.ae(t, { stem, attributes });
      const there = await system.ae(t, { stem, attributes, cse: second });
      assert.equal(here.resource.ri, there.resource.ri);
      for (const { device, path } of [here, there]) {
        const pc = { 'm2m:cnt': { rn: 'box', lbl: [device.cse] } };
        await device.must(2001, { op: 1, to: path, ty: 3, rqi: 'the-same', pc });
      }
      for (const { device, path } of [here, there]) {
        const { lbl } = await system.retrieve(device, `${path}/box`, 'm2m:cnt');
        assert.deepEqual(lbl, [device.cse]);
      }
      await here.device.must(2002, { op: 4, to: here.path });
      await there.device.must(2000, { op: 2, to: `${there.path}/box` });
    });

    it('R32: each CSE is itself: CSEBase, provider, discovery', async (t) => {
      const { second } = system.target;
      const here = await system.ae(t);
      const there = await system.ae(t, { cse: second });
      const label = system.newName('label');
      await system.container(here, { lbl: [label] });
      const box = await system.container(there, { lbl: [label] });
      assert.equal((await system.retrieve(there.device, second.name, 'm2m:cb')).csi, `/${second.level}`);
      const found = await there.device.must(2000, { op: 2, to: there.path, fc: { fu: 1, lbl: [label] } });
      assert.deepEqual(listOf(found, 'm2m:uril'), [box]);
      await there.device.must(4004, { op: 2, to: here.path });
      await there.device.must(4004, { op: 2, to: system.base });
      const absolute = `${second.serviceProvider}/${second.level}/${box}`;
      assert.deepEqual((await system.retrieve(there.device, absolute, 'm2m:cnt')).lbl, [label]);
    });

    it('R32: the admin of one CSE is nobody at the other', async (t) => {
      const { second, admin } = system.target;
      const there = await system.ae(t, { cse: second });
      const device = await system.device(t, admin, { cse: second.level });
      await device.must(4103, { op: 2, to: there.path });
      await device.must(4103, { op: 4, to: there.path });
    });

    it('R32: who is subscribed at one is not told of the other', async (t) => {
      const { second } = system.target;
      const stem = system.newName('C');
      const here = await system.ae(t, { stem });
      const there = await system.ae(t, { stem, cse: second });
      for (const ae of [here, there]) {
        const box = await system.container(ae, { rn: 'box' });
        await system.subscription(ae, box, { nu: [stem], enc: { net: [3] } });
      }
      for (const ae of [here, there]) await system.instance(ae.device, `${ae.path}/box`, ae.device.cse);
      for (const { device } of [here, there]) {
        const [notice] = await device.noticed(1);
        assert.equal(notice?.nev?.rep?.['m2m:cin']?.con, device.cse);
        assert.match(String(notice?.sur), new RegExp(`^/${device.cse}/`));
      }
    });

    it('decisions "Wire": registration refused by pattern is answered 4126', async (t) => {
      const { second } = system.target;
      const pc = { 'm2m:ae': { api: 'Ntest', rr: true, srv: ['3'] } };
      const refused = await system.device(t, system.newName('Sother'), { cse: second.level });
      await refused.must(4126, { op: 1, to: second.name, ty: 2, pc });
      await system.ae(t, { stem: system.newName('Sallowed'), cse: second });
    });

    it('decisions "Rights": with the setting, who is not registered is turned away', async (t) => {
      const { second } = system.target;
      const there = await system.ae(t, { cse: second });
      const acpi = [await system.policy(there, [{ acor: ['all'], acop: 63 }])];
      const to = await system.container(there, { acpi });
      const passerby = await system.device(t, system.newName('C'), { cse: second.level });
      await passerby.must(4103, { op: 2, to });
    });

    it('R17: with a window of 0 the same request twice is done twice', async (t) => {
      const there = await system.ae(t, { cse: system.target.second });
      const to = await system.container(there);
      const create = { op: 1, to, ty: 4, rqi: 'again', pc: { 'm2m:cin': { con: 'x' } } };
      await there.device.must(2001, create);
      await there.device.must(2001, create);
      assert.equal((await system.retrieve(there.device, to, 'm2m:cnt')).cni, 2);
    });

    it('decisions "Wire": with the setting, unknown parameters are ignored', async (t) => {
      const there = await system.ae(t, { cse: system.target.second });
      await there.device.must(2000, { op: 2, to: there.path, unheard: 1, rqet: timestamp(60_000) });
    });
  });
}
