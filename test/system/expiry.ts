/** What has a time is gone after it, whether or not somebody removed it (TS-0001 9.6.1.3; TS-0004 7.4.7; R21). */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from './device.ts';
import { contentOf, type System, timestamp } from './system.ts';

/** Life of what expires in these tests, ms: longer than what must happen before. */
const life = 2500;

export function expiryTests(system: System): void {
  describe('expiry', { concurrency: 4 }, () => {
    it('R21: a container is gone after its et, with all that is below it, and its name is free', async (t) => {
      const ae = await system.ae(t);
      const to = await system.container(ae, { et: timestamp(life) });
      const { ri } = await system.instance(ae.device, to, 'x');
      await ae.device.must(2000, { op: 2, to });
      await until('it is gone', async () => (await ae.device.request({ op: 2, to })).rsc === 4004);
      for (const address of [`${to}/la`, String(ri)]) await ae.device.must(4004, { op: 2, to: address });
      // Taken until the timer has seen it.
      const again = { op: 1, to: ae.path, ty: 3, pc: { 'm2m:cnt': { rn: to.split('/').at(-1) } } };
      await until('its name is free', async () => {
        const { rsc } = await ae.device.request(again);
        assert.ok(rsc === 2001 || rsc === 4105, `answered ${rsc}`);
        return rsc === 2001;
      });
    });

    it('R21: the expiry of a container is told to its subscribers as a deletion', async (t) => {
      const ae = await system.ae(t);
      const to = await system.container(ae, { et: timestamp(life) });
      await system.subscription(ae, to, { nu: [ae.stem], enc: { net: [2] } });
      await system.subscription(ae, ae.path, { nu: [ae.stem], enc: { net: [4] } });
      const notices = await ae.device.noticed(2);
      const told = notices.map(({ nev }) => `${nev?.net} ${String(nev?.rep?.['m2m:cnt']?.rn)}`).toSorted();
      const name = to.split('/').at(-1);
      assert.deepEqual(told, [`2 ${name}`, `4 ${name}`]);
    });

    it('R21: an instance with an et of its own is no longer counted, and la is the one before', async (t) => {
      const ae = await system.ae(t);
      const to = await system.container(ae);
      const stays = await system.instance(ae.device, to, 'stays');
      await system.instance(ae.device, to, 'goes', { et: timestamp(life) });
      assert.equal((await system.retrieve(ae.device, `${to}/la`, 'm2m:cin')).con, 'goes');
      await until('it is not counted', async () => (await system.retrieve(ae.device, to, 'm2m:cnt')).cni === 1);
      assert.deepEqual(await system.retrieve(ae.device, `${to}/la`, 'm2m:cin'), stays);
      assert.equal((await system.retrieve(ae.device, to, 'm2m:cnt')).cbs, 5);
    });

    it('TS-0004 7.4.7.2: mia bounds the life of each instance', async (t) => {
      const ae = await system.ae(t);
      const to = await system.container(ae, { mia: 2 });
      const first = await system.instance(ae.device, to, 'first');
      assert.ok(String(first.et) <= timestamp(2500), `et is ${String(first.et)}`);
      await pause(1000); // So that it does not age with the first.
      await system.instance(ae.device, to, 'second');
      await until('the first is gone', async () => (await system.retrieve(ae.device, to, 'm2m:cnt')).cni === 1);
      await until('the second is gone', async () => (await system.retrieve(ae.device, to, 'm2m:cnt')).cni === 0);
      await ae.device.must(4004, { op: 2, to: `${to}/la` });
      await ae.device.must(4004, { op: 2, to: String(first.ri) });
    });

    it('R15: la and ol skip what has expired', async (t) => {
      const ae = await system.ae(t);
      const to = await system.container(ae);
      await system.instance(ae.device, to, 'early', { et: timestamp(life) });
      const stays = await system.instance(ae.device, to, 'stays');
      await system.instance(ae.device, to, 'late', { et: timestamp(life) });
      await until('the late is gone', async () => {
        return (await system.retrieve(ae.device, `${to}/la`, 'm2m:cin')).ri === stays.ri;
      });
      await until('the early is gone', async () => {
        return (await system.retrieve(ae.device, `${to}/ol`, 'm2m:cin')).ri === stays.ri;
      });
    });

    it('R21: an AE is gone after its et and can come again', async (t) => {
      const { device, path } = await system.ae(t, { attributes: { et: timestamp(life) } });
      await until('it is gone', async () => (await device.request({ op: 2, to: path })).rsc === 4004);
      const pc = { 'm2m:ae': { api: 'Ntest', rr: true, srv: ['3'] } };
      await until('its AE-ID is free', async () => {
        const { rsc } = await device.request({ op: 1, to: system.base, ty: 2, pc });
        assert.ok(rsc === 2001 || rsc === 4117, `answered ${rsc}`);
        return rsc === 2001;
      });
    });

    it('R21: a subscription ends with its et, and su is told', async (t) => {
      const ae = await system.ae(t);
      const to = await system.container(ae);
      const { ri } = await system.subscription(ae, to, {
        nu: [ae.stem],
        su: ae.stem,
        et: timestamp(life),
        enc: { net: [3] },
      });
      const [end] = await ae.device.noticed(1);
      assert.deepEqual(end, { sud: true, sur: `/${system.cse.level}/${String(ri)}` });
      await system.instance(ae.device, to, 'nobody is told');
      await ae.device.must(4004, { op: 2, to: String(ri) });
      assert.equal(ae.device.notices().length, 1);
    });

    it('TS-0004 7.3.3.5: no child lives longer than its parent; a life in the past is answered 4000', async (t) => {
      const ae = await system.ae(t);
      const et = timestamp(3_600_000);
      const to = await system.container(ae, { et });
      const child = { op: 1, to, ty: 3, pc: { 'm2m:cnt': { et: timestamp(7_200_000) } } };
      const parent = await system.retrieve(ae.device, to, 'm2m:cnt');
      assert.equal(contentOf(await ae.device.must(2001, child), 'm2m:cnt').et, parent.et);
      await ae.device.must(4000, { op: 1, to, ty: 3, pc: { 'm2m:cnt': { et: timestamp(-1000) } } });
      await ae.device.must(4000, { op: 1, to, ty: 3, pc: { 'm2m:cnt': { et: 'soon' } } });
    });

    it('R21: an UPDATE of et holds: what was prolonged stays', async (t) => {
      const ae = await system.ae(t);
      const to = await system.container(ae, { et: timestamp(life) });
      const witness = await system.container(ae, { et: timestamp(life + 500) });
      await ae.device.must(2004, { op: 3, to, pc: { 'm2m:cnt': { et: timestamp(3_600_000) } } });
      await until('another is gone', async () => (await ae.device.request({ op: 2, to: witness })).rsc === 4004);
      await ae.device.must(2000, { op: 2, to });
    });
  });
}
