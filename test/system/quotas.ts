/** Quotas of a CSE (issue 4 §2): who has used one up is refused, everything else and everybody else goes on (R32). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { type Device, until } from './device.ts';
import { smallQuotas } from './settings.ts';
import type { Ae, System } from './system.ts';

/** ms after which every worker knows what the others have committed; see `settings.ts`. */
const known = 600;
const registration = { 'm2m:ae': { api: 'Ntest', rr: true, srv: ['3'] } };

export function quotaTests(system: System): void {
  // One provider, whose content the tests fill step by step.
  describe('quotas', { concurrency: 1 }, () => {
    let leaving: Ae;
    let staying: Ae;
    let container: string;

    const register = (device: Device) => ({
      op: 1,
      to: system.target.small.name,
      ty: 2,
      pc: registration,
      fr: device.level,
    });
    const create = (con: string) => ({ op: 1, to: container, ty: 4, rcn: 0, pc: { 'm2m:cin': { con } } });

    it('an AE beyond the quota is not registered (5207); when another has left, it is', async (t) => {
      const cse = system.target.small;
      leaving = await system.ae(t, { cse });
      staying = await system.ae(t, { cse });
      await pause(known);
      const device = await system.device(t, system.newName('C'), { cse: cse.level });
      const refused = await device.must(5207, register(device));
      assert.match(
        String(refused.pc?.['m2m:dbg']),
        new RegExp(`at most ${smallQuotas.applicationEntities} registered AEs`),
      );
      await leaving.device.must(2002, { op: 4, to: leaving.path });
      await pause(known);
      await device.must(2001, register(device));
      await device.must(2002, { op: 4, to: `${cse.name}/${device.level}` });
    });

    it('resources: the one that is too many is refused and not stored; what is deleted makes room', async (t) => {
      const device = await again(t, staying);
      await pause(known);
      container = await system.container({ ...staying, device });
      const room = smallQuotas.resources - 2;
      for (let n = 0; n < room; n++) await device.must(2001, create(`n${n}`));
      await device.must(5207, create('too many'));
      assert.equal((await system.retrieve(device, container, 'm2m:cnt')).cni, room);
      assert.equal((await system.retrieve(device, `${container}/la`, 'm2m:cin')).con, `n${room - 1}`);
      await device.must(2002, { op: 4, to: `${container}/ol` });
      await device.must(2001, create('fits again'));
      await device.must(5207, create('too many'));
    });

    it('R16: what was created before is answered again, also when the quota is used up', async (t) => {
      const device = await again(t, staying);
      await device.must(2002, { op: 4, to: `${container}/ol` });
      const last = { ...create('last'), rqi: system.newName('rqi') };
      const first = await device.must(2001, last);
      await device.must(5207, create('too many'));
      assert.deepEqual(await device.must(2001, last), first);
    });

    it('R32: nobody else feels it', async (t) => {
      const small = await again(t, staying);
      const elsewhere = [await system.ae(t), await system.ae(t, { cse: system.target.second })];
      for (const ae of elsewhere) {
        const box = await system.container(ae);
        const refused = Array.from({ length: 10 }, () => small.must(5207, create('too many')));
        for (let n = 0; n < 10; n++) await system.instance(ae.device, box, `n${n}`);
        await Promise.all(refused);
        assert.equal((await system.retrieve(ae.device, box, 'm2m:cnt')).cni, 10);
      }
    });

    it('bytes: an update that grows beyond the quota is refused, a smaller one is done; the end frees all', async (t) => {
      const device = await again(t, staying);
      const update = (lbl: string[]) => ({ op: 3, to: container, pc: { 'm2m:cnt': { lbl } } });
      await device.must(2004, update(['short']));
      const much = Array.from({ length: 50 }, (_, n) => `${n}`.padEnd(smallQuotas.bytes / 50, 'x'));
      const refused = await device.must(5207, update(much));
      assert.match(String(refused.pc?.['m2m:dbg']), /bytes/);
      assert.deepEqual((await system.retrieve(device, container, 'm2m:cnt')).lbl, ['short']);
      await device.must(2002, { op: 4, to: container });
      // What was below the container goes with the sweep (R13).
      await pause(known);
      container = await system.container({ ...staying, device });
      for (let n = 0; n < smallQuotas.resources - 2; n++) await device.must(2001, create(`n${n}`));
    });

    it('requests a second, of all originators together: the ones too many are answered 5000, and taken later', async (t) => {
      const { level, name } = system.target.small;
      const senders = await Promise.all([1, 2].map(() => system.device(t, system.newName('C'), { cse: level })));
      const others = await system.ae(t);
      const answers = () => senders.flatMap((sender) => sender.answers);
      let sent = 0;
      while (!answers().some(({ rsc }) => rsc === 5000) && sent < 20_000) {
        const asked = senders.flatMap((sender) =>
          Array.from({ length: smallQuotas.requestsPerSecond }, () => {
            const request = { op: 2, to: name, fr: sender.level, rqi: `quota-${++sent}`, rvi: '3' };
            return sender.publish(`/oneM2M/req/${sender.level}/${level}/json`, JSON.stringify(request));
          }),
        );
        await Promise.all(asked);
        await others.device.must(2000, { op: 2, to: others.path });
      }
      const refused = await until('one is refused', () => answers().find(({ rsc }) => rsc === 5000));
      assert.match(String(refused.pc?.['m2m:dbg']), /originators of this CSE/);
      await until('all are answered', () => new Set(answers().map(({ rqi }) => rqi)).size === sent);
      const [sender] = senders;
      await until('later it is taken', async () => (await sender?.request({ op: 2, to: name }))?.rsc === 2000);
    });

    /** The AE of an earlier test, whose device ended with that. */
    function again(t: Parameters<System['device']>[0], ae: Ae): Promise<Device> {
      return system.device(t, ae.stem, { cse: system.target.small.level });
    }
  });
}
