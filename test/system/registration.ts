/** AEs come, are who they say they are, and go (TS-0001 10.2.2.2, TS-0004 7.4.5, TS-0010 6.4, 7.4). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Answer } from './device.ts';
import { contentOf, type System } from './system.ts';

export function registrationTests(system: System): void {
  const ae = (attributes: object = {}) => ({ api: 'Ntest', rr: true, srv: ['3'], ...attributes });
  const registration = (attributes: object = {}) => ({
    op: 1,
    to: system.base,
    ty: 2,
    pc: { 'm2m:ae': ae(attributes) },
  });

  describe('registration', () => {
    for (const letter of ['C', 'S']) {
      it(`TS-0004 7.4.5.2: an AE keeps the AE-ID that it brings (${letter}-type)`, async (t) => {
        const stem = system.newName(letter);
        const { device, path, resource } = await system.ae(t, { stem });
        assert.equal(resource.aei, stem);
        assert.equal(resource.ri, stem);
        assert.equal(resource.ty, 2);
        const shown = await system.retrieve(device, path, 'm2m:ae');
        assert.deepEqual(shown, resource);
      });
    }

    it('TS-0004 7.3.2.1: the registration of an AE may leave fr out', async (t) => {
      const device = await system.device(t);
      const answer = await device.must(2001, { ...registration(), fr: undefined });
      assert.equal(contentOf(answer, 'm2m:ae').aei, device.level);
    });

    for (const [fr, letter] of [
      ['C', 'C'],
      ['S', 'S'],
      [undefined, '[CS]'],
    ] as const) {
      it(`TS-0010 7.4: on reg_req fr ${fr ?? 'absent'} gets an AE-ID of the CSE`, async (t) => {
        const device = await system.device(t, 'unused');
        const credential = system.newName('credential');
        await device.subscribe(`/oneM2M/reg_resp/${credential}/#`);
        const request = { ...registration(), fr, rqi: device.newRequestIdentifier(), rvi: '3' };
        const topic = `/oneM2M/reg_req/${credential}/${system.cse.level}/json`;
        const { topic: at, text } = await device.exchange(topic, JSON.stringify(request));
        assert.equal(at, `/oneM2M/reg_resp/${credential}/${system.cse.level}/json`);
        const answer = JSON.parse(text) as Answer;
        assert.equal(answer.rsc, 2001, text);
        const { aei, ri } = contentOf(answer, 'm2m:ae');
        assert.match(String(aei), new RegExp(`^${letter}.`));
        assert.equal(ri, aei);
        // From now on it speaks under its own name.
        const registered = await system.device(t, String(aei));
        await registered.must(2000, { op: 2, to: String(aei) });
      });
    }

    it('TS-0010 7.4: on reg_req an AE may bring its AE-ID', async (t) => {
      const device = await system.device(t, 'unused');
      const credential = system.newName('credential');
      await device.subscribe(`/oneM2M/reg_resp/${credential}/#`);
      const stem = system.newName('C');
      const request = { ...registration(), fr: stem, rqi: device.newRequestIdentifier(), rvi: '3' };
      const { text } = await device.exchange(
        `/oneM2M/reg_req/${credential}/${system.cse.level}/json`,
        JSON.stringify(request),
      );
      assert.equal(contentOf(JSON.parse(text) as Answer, 'm2m:ae').aei, stem);
    });

    it('TS-0010 7.2: reg_req takes nothing but registrations (4000)', async (t) => {
      const device = await system.device(t, 'unused');
      const credential = system.newName('credential');
      await device.subscribe(`/oneM2M/reg_resp/${credential}/#`);
      const request = { op: 2, to: system.base, fr: 'C', rqi: device.newRequestIdentifier(), rvi: '3' };
      const { text } = await device.exchange(
        `/oneM2M/reg_req/${credential}/${system.cse.level}/json`,
        JSON.stringify(request),
      );
      assert.equal((JSON.parse(text) as Answer).rsc, 4000);
    });

    it('decisions "Identity": fr and topic that differ are answered 4106', async (t) => {
      const { device, path } = await system.ae(t);
      const victim = await system.ae(t);
      await device.must(4106, { op: 2, to: path, fr: victim.stem });
      await device.must(4106, { op: 4, to: victim.path, fr: `/${system.cse.level}/${victim.stem}` });
      await victim.device.must(2000, { op: 2, to: victim.path });
    });

    it('decisions "Identity": stem, SP-relative and absolute form of fr are the same originator', async (t) => {
      const { device, path, stem } = await system.ae(t);
      const { level, serviceProvider } = system.cse;
      for (const fr of [stem, `/${level}/${stem}`, `${serviceProvider}/${level}/${stem}`]) {
        await device.must(2000, { op: 2, to: path, fr });
      }
    });

    it('TS-0010 6.4.2: the topic form of an SP-relative AE-ID is the same originator', async (t) => {
      const { path, stem } = await system.ae(t);
      const level = `${system.cse.level}:${stem}`;
      const device = await system.device(t, level);
      const answer = await device.must(2000, { op: 2, to: path, fr: `/${system.cse.level}/${stem}` });
      assert.equal(answer.fr, `/${system.cse.level}`);
    });

    it('decisions "Rights": nobody registers as the admin (4126)', async (t) => {
      const device = await system.admin(t);
      await device.must(4126, registration());
    });

    it('TS-0004 7.4.5.2: an AE-ID that is taken is answered 4117, a name that is taken 4105', async (t) => {
      const { device, resource } = await system.ae(t);
      await device.must(4117, registration({ rn: system.newName('other') }));
      const other = await system.device(t);
      await other.must(4105, registration({ rn: resource.rn }));
    });

    it('decisions "App-ID": begins with R or N, else 4000', async (t) => {
      const device = await system.device(t);
      await device.must(4000, registration({ api: 'Xtest' }));
      await device.must(2001, registration({ api: 'Rtest.example.company.product.app' }));
    });

    for (const missing of ['api', 'rr', 'srv']) {
      it(`TS-0004 7.4.5.1: ${missing} is mandatory (4000)`, async (t) => {
        const device = await system.device(t);
        await device.must(4000, registration({ [missing]: undefined }));
      });
    }

    it('TS-0004 7.4.5: an AE below an AE is answered 4108', async (t) => {
      const { path } = await system.ae(t);
      const child = await system.device(t);
      await child.must(4108, { ...registration(), to: path });
    });

    it('TS-0001 10.2.2.4: after the DELETE of an AE nothing of it is left, and its AE-ID is free', async (t) => {
      const ae = await system.ae(t);
      const container = await system.container(ae);
      await ae.device.must(2002, { op: 4, to: ae.path });
      await ae.device.must(4004, { op: 2, to: ae.path });
      await ae.device.must(4004, { op: 2, to: container });
      await ae.device.must(4004, { op: 2, to: ae.stem });
      const again = await ae.device.must(2001, registration({ rn: ae.resource.rn }));
      assert.equal(contentOf(again, 'm2m:ae').aei, ae.stem);
    });

    it('R8: an AE with a name of its own is found by its AE-ID as well', async (t) => {
      const { device, stem, path } = await system.ae(t, { attributes: { rn: system.newName('elsewhere') } });
      const byId = await system.retrieve(device, stem, 'm2m:ae');
      assert.deepEqual(byId, await system.retrieve(device, path, 'm2m:ae'));
    });

    it('TS-0004 7.4.3: the CSEBase shows what the CSE is', async (t) => {
      const { device } = await system.ae(t);
      const base = await system.retrieve(device, system.base, 'm2m:cb');
      assert.equal(base.ty, 5);
      assert.equal(base.csi, `/${system.cse.level}`);
      assert.equal(base.rn, system.base);
      assert.equal(base.cst, 1);
      assert.equal(base.pi, '');
      const types = base.srt as number[];
      for (const type of [1, 2, 3, 4, 5, 23]) assert.ok(types.includes(type), `srt lacks ${type}`);
      assert.ok((base.poa as string[]).length > 0);
      await device.must(4005, { op: 3, to: system.base, pc: { 'm2m:cb': { lbl: ['x'] } } });
      await device.must(4005, { op: 4, to: system.base });
    });
  });
}
