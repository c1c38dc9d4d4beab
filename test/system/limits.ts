/** Limits of one originator and of one request (issue 4 §2): refused by the standard's code, nothing lost, nobody else concerned. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Limits } from '../../services/core/limits.ts';
import { until } from './device.ts';
import { contentOf, type System } from './system.ts';

/** Sent at a time. Whatever the machine does in a second, some of it is more than an originator may. */
const atOnce = 500;
const mostSent = 30_000;

export function limitTests(system: System): void {
  describe('limits', () => {
    it('an originator that sends too much is answered 5000, and later takes effect once; others are served', async (t) => {
      const noisy = await system.ae(t);
      const neighbour = await system.ae(t);
      const to = await system.container(noisy);
      const create = (rqi: string) => ({ op: 1, to, ty: 4, rcn: 0, rqi, pc: { 'm2m:cin': { con: rqi } } });
      const refused = () => noisy.device.answers.filter(({ rsc }) => rsc === 5000);
      const topic = `/oneM2M/req/${noisy.stem}/${system.cse.level}/json`;
      let sent = 0;
      while (refused().length === 0 && sent < mostSent) {
        const batch = Array.from({ length: atOnce }, () => {
          const payload = JSON.stringify({ fr: noisy.stem, rvi: '3', ...create(`noise-${sent++}`) });
          return noisy.device.publish(topic, payload);
        });
        await Promise.all(batch);
        await neighbour.device.must(2000, { op: 2, to: neighbour.path });
      }
      const answered = () =>
        new Set(noisy.device.answers.map(({ rqi }) => rqi).filter((rqi) => rqi.startsWith('noise-')));
      await until('every request is answered', () => answered().size === sent);
      assert.ok(refused().length > 0, `${sent} requests were let in`);
      assert.match(String(refused()[0]?.pc?.['m2m:dbg']), /more requests.*than it may.*same rqi/);
      for (const rqi of new Set(refused().map((each) => each.rqi))) {
        await until('it is let in', async () => (await noisy.device.request(create(rqi))).rsc === 2001);
      }
      // It may still be over its rate.
      const shown = await until('the container is shown', async () => {
        const answer = await noisy.device.request({ op: 2, to });
        return answer.rsc === 5000 ? undefined : answer;
      });
      assert.equal(contentOf(shown, 'm2m:cnt').cni, sent);
    });

    it('a list that is too long is answered 4000, in an attribute and in criteria, and nothing is stored', async (t) => {
      const { device, path } = await system.ae(t);
      const labels = (count: number) => Array.from({ length: count }, (_, n) => `l${n}`);
      const create = (count: number) => ({
        op: 1,
        to: path,
        ty: 3,
        pc: { 'm2m:cnt': { rn: `with${count}`, lbl: labels(count) } },
      });
      await device.must(4000, create(Limits.listMembers + 1));
      await device.must(4004, { op: 2, to: `${path}/with${Limits.listMembers + 1}` });
      await device.must(2001, create(Limits.listMembers));
      await device.must(4000, { op: 2, to: path, fc: { fu: 1, lbl: labels(Limits.conditionValues + 1) } });
    });

    it('R12: a level beyond all numbers of the store stops nobody: it is as deep as the deepest', async (t) => {
      const { device, path } = await system.ae(t);
      const fc = { fu: 1, lvl: Number.MAX_SAFE_INTEGER };
      await device.must(2000, { op: 2, to: path, fc });
      await device.must(2000, { op: 2, to: path });
    });

    it('a payload of too many members is answered 4000', async (t) => {
      const { device, path } = await system.ae(t);
      const con = Object.fromEntries(Array.from({ length: Limits.payloadMembers }, (_, n) => [`m${n}`, 1]));
      await device.must(4000, { op: 1, to: path, ty: 4, pc: { 'm2m:cin': { con } } });
    });
  });
}
