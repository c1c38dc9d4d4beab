/** Who may do what (TS-0001 9.6.1.3.2, 9.6.2; TS-0003 7.1; TS-0004 7.3.3.15; decisions "Rights at first start"). */
import { describe, it, type TestContext } from 'node:test';
import { until } from './device.ts';
import type { Ae, System } from './system.ts';

const all = 63;

export function accessTests(system: System): void {
  /** A container whose policy holds these rules beside all rights of its AE; and a guest. */
  async function guarded(t: TestContext, rules: (guest: Ae) => object[]) {
    const owner = await system.ae(t);
    const guest = await system.ae(t);
    const policy = await system.policy(owner, rules(guest));
    const container = await system.container(owner, { acpi: [policy] });
    const { ri } = await system.instance(owner.device, container, 'x');
    return { owner, guest, policy, container, instance: String(ri) };
  }
  const retrieve = (to: string) => ({ op: 2, to });
  const create = (to: string) => ({ op: 1, to, ty: 4, pc: { 'm2m:cin': { con: 'x' } } });
  const update = (to: string) => ({ op: 3, to, pc: { 'm2m:cnt': { lbl: ['x'] } } });

  describe('access', () => {
    it('TS-0001 9.6.1.3.2: without acpi only the creator, and the admin', async (t) => {
      const owner = await system.ae(t);
      const guest = await system.ae(t);
      const container = await system.container(owner);
      const requests = [retrieve(container), create(container), update(container), { op: 4, to: container }];
      for (const request of requests) await guest.device.must(4103, request);
      const admin = await system.admin(t);
      await admin.must(2000, retrieve(container));
      await admin.must(2001, create(container));
      await admin.must(2004, update(container));
      await admin.must(2002, { op: 4, to: container });
    });

    for (const [name, acop, expected] of [
      ['create', 1, [2001, 4103, 4103, 4103]],
      ['retrieve', 2, [4103, 2000, 4103, 4103]],
      ['update', 4, [4103, 4103, 2004, 4103]],
      ['delete', 8, [4103, 4103, 4103, 2002]],
      ['all', all, [2001, 2000, 2004, 2002]],
    ] as const) {
      it(`TS-0001 9.6.2.4: acop ${acop} grants ${name}`, async (t) => {
        const { guest, container } = await guarded(t, ({ stem }) => [{ acor: [stem], acop }]);
        const requests = [create(container), retrieve(container), update(container), { op: 4, to: container }];
        for (const [index, request] of requests.entries()) await guest.device.must(expected[index] ?? 0, request);
      });
    }

    it('TS-0001 9.6.2.1: an instance is guarded by the policies of its container', async (t) => {
      const { guest, instance, container } = await guarded(t, ({ stem }) => [{ acor: [stem], acop: 2 }]);
      await guest.device.must(2000, retrieve(instance));
      await guest.device.must(2000, retrieve(`${container}/la`));
      await guest.device.must(4103, { op: 4, to: instance });
    });

    for (const form of ['stem', 'SP-relative', 'absolute', 'wildcard', 'all'] as const) {
      it(`TS-0001 9.6.2.1: acor names originators: ${form}`, async (t) => {
        const { level, serviceProvider } = system.cse;
        const { guest, container } = await guarded(t, ({ stem }) => {
          const forms = {
            stem,
            'SP-relative': `/${level}/${stem}`,
            absolute: `${serviceProvider}/${level}/${stem}`,
            wildcard: `${stem.slice(0, -1)}*`,
            all: 'all',
          };
          return [{ acor: [forms[form]], acop: 2 }];
        });
        await guest.device.must(2000, retrieve(container));
        const stranger = await system.ae(t, { stem: system.newName('Sother') });
        await stranger.device.must(form === 'all' ? 2000 : 4103, retrieve(container));
      });
    }

    it('TS-0001 9.6.2.5: acod bounds what may be created', async (t) => {
      const { guest, container } = await guarded(t, ({ stem }) => [{ acor: [stem], acop: 1, acod: [{ chty: [3] }] }]);
      await guest.device.must(4103, create(container));
      await guest.device.must(2001, { op: 1, to: container, ty: 3, pc: { 'm2m:cnt': {} } });
    });

    it('TS-0001 9.6.2.2: actw bounds when', async (t) => {
      const hour = new Date().getUTCHours();
      const away = (hour + 12) % 24;
      const { guest, owner, policy, container } = await guarded(t, ({ stem }) => [
        { acor: [stem], acop: 2, acco: [{ actw: [`* * ${away} * * * *`] }] },
      ]);
      await guest.device.must(4103, retrieve(container));
      // Around a full hour neither is wrong.
      const now = `* * ${hour},${(hour + 1) % 24} * * * *`;
      const acr = [
        { acor: [owner.stem], acop: all },
        { acor: [guest.stem], acop: 2, acco: [{ actw: [now] }] },
      ];
      await owner.device.must(2004, { op: 3, to: policy, pc: { 'm2m:acp': { pv: { acr } } } });
      await until(
        'the changed policy holds',
        async () => (await guest.device.request(retrieve(container))).rsc === 2000,
      );
    });

    it('TS-0001 9.6.2.2: acip matches nobody whose address is not known', async (t) => {
      const { guest, container } = await guarded(t, ({ stem }) => [
        { acor: [stem], acop: 2, acco: [{ acip: { ipv4: ['127.0.0.1'] } }] },
      ]);
      await guest.device.must(4103, retrieve(container));
    });

    it('R24: a policy that grants no more does so for writes at once, and for reads within moments', async (t) => {
      const { guest, owner, policy, container } = await guarded(t, ({ stem }) => [{ acor: [stem], acop: all }]);
      await guest.device.must(2001, create(container));
      await guest.device.must(2000, retrieve(container));
      const pv = { acr: [{ acor: [owner.stem], acop: all }] };
      await owner.device.must(2004, { op: 3, to: policy, pc: { 'm2m:acp': { pv } } });
      await guest.device.must(4103, create(container));
      await until(
        'reads are refused',
        async () => (await guest.device.request(retrieve(container))).rsc === 4103,
        3000,
      );
    });

    it('R24: the same for a policy that lives in another shard', async (t) => {
      const owner = await system.ae(t);
      const guest = await system.ae(t);
      // Policies below the CSEBase are shards of their own.
      const rn = system.newName('acp');
      const own = { acor: [owner.stem], acop: all };
      const pv = { acr: [own, { acor: [guest.stem], acop: all }] };
      const acp = { rn, pv, pvs: { acr: [own] } };
      await owner.device.must(2001, { op: 1, to: system.base, ty: 1, pc: { 'm2m:acp': acp } });
      const to = `${system.base}/${rn}`;
      const container = await system.container(owner, { acpi: [to] });
      await guest.device.must(2001, create(container));
      await guest.device.must(2000, retrieve(container));
      await owner.device.must(2004, { op: 3, to, pc: { 'm2m:acp': { pv: { acr: [own] } } } });
      await guest.device.must(4103, create(container));
      await until(
        'reads are refused',
        async () => (await guest.device.request(retrieve(container))).rsc === 4103,
        3000,
      );
      await owner.device.must(2002, { op: 4, to });
      // A policy that is gone grants nothing, also to its maker.
      await owner.device.must(4103, create(container));
      await (await system.admin(t)).must(2002, { op: 4, to: container });
    });

    it('TS-0001 9.6.2: a policy is guarded by its own pvs', async (t) => {
      const { guest, owner, policy } = await guarded(t, ({ stem }) => [{ acor: [stem], acop: all }]);
      await guest.device.must(4103, retrieve(policy));
      await guest.device.must(4103, { op: 4, to: policy });
      await owner.device.must(2000, retrieve(policy));
    });

    it('TS-0004 7.4.2: a policy has rules in pvs (4000)', async (t) => {
      const { device, path } = await system.ae(t);
      for (const acp of [{ pv: {} }, { pv: {}, pvs: {} }, { pv: {}, pvs: { acr: [] } }, { pvs: { acr: [] } }]) {
        await device.must(4000, { op: 1, to: path, ty: 1, pc: { 'm2m:acp': acp } });
      }
      const acr = [{ acor: [device.level], acop: 64 }];
      await device.must(4000, { op: 1, to: path, ty: 1, pc: { 'm2m:acp': { pv: {}, pvs: { acr } } } });
    });

    it('TS-0004 7.3.3.4: acpi is changed alone, and by who may change the linked policies', async (t) => {
      const { guest, owner, container } = await guarded(t, ({ stem }) => [{ acor: [stem], acop: all }]);
      const other = await system.policy(owner, []);
      await owner.device.must(4000, { op: 3, to: container, pc: { 'm2m:cnt': { acpi: [other], lbl: ['x'] } } });
      await guest.device.must(4103, { op: 3, to: container, pc: { 'm2m:cnt': { acpi: [other] } } });
      await owner.device.must(2004, { op: 3, to: container, pc: { 'm2m:cnt': { acpi: [other] } } });
      await guest.device.must(4103, create(container));
    });

    it('decisions "Rights": a registered AE retrieves the CSEBase and creates policy and container below it', async (t) => {
      const { device } = await system.ae(t);
      await device.must(2000, retrieve(system.base));
      const rn = system.newName('top');
      await device.must(2001, { op: 1, to: system.base, ty: 3, pc: { 'm2m:cnt': { rn } } });
      await device.must(2001, create(`${system.base}/${rn}`));
      const stranger = await system.ae(t);
      await stranger.device.must(4103, retrieve(`${system.base}/${rn}`));
      await device.must(2002, { op: 4, to: `${system.base}/${rn}` });
    });

    it('decisions "Rights": who is not registered is judged by policies alone', async (t) => {
      const { owner, container } = await guarded(t, () => [{ acor: ['all'], acop: 2 }]);
      const passerby = await system.device(t);
      await passerby.must(2000, retrieve(container));
      await passerby.must(4103, create(container));
      await passerby.must(4103, retrieve(owner.path));
    });

    it('TS-0004 7.3.3: 4005 and 4004 come before 4103', async (t) => {
      const { guest, container, instance } = await guarded(t, () => []);
      await guest.device.must(4004, retrieve(`${container}/nothing`));
      await guest.device.must(4005, { op: 3, to: instance, pc: { 'm2m:cin': { lbl: ['x'] } } });
    });
  });
}
