/** Subscriptions: what is told, to whom, and who must agree before (TS-0004 7.4.8, 7.5.1.2; TS-0001 9.6.8). */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type AnswerRule, type Notice, until } from './device.ts';
import type { Ae, Resource, System } from './system.ts';

export function subscriptionTests(system: System): void {
  /** A container with a subscription; the subscriber is an AE of its own unless the owner is. */
  async function watched(t: TestContext, attributes: Resource, options: { own?: boolean } = {}) {
    const owner = await system.ae(t);
    const subscriber = options.own === true ? owner : await system.ae(t);
    const container = await system.container(owner, { lbl: ['before'], mni: 5 });
    const subscription = await system.subscription(owner, container, { nu: [subscriber.stem], ...attributes });
    return { owner, subscriber, container, subscription };
  }
  const eventOf = ({ nev }: Notice) => ({ net: nev?.net, rep: nev?.rep });
  const update = (to: string, lbl: string) => ({ op: 3, to, pc: { 'm2m:cnt': { lbl: [lbl] } } });

  describe('subscriptions: events', () => {
    it('TS-0001 9.6.8: net 1 tells of the UPDATE of the parent; it is the default', async (t) => {
      for (const enc of [{ net: [1] }, undefined]) {
        const { owner, subscriber, container, subscription } = await watched(t, { enc });
        await system.instance(owner.device, container, 'not an update');
        await owner.device.must(2004, update(container, 'after'));
        const [notice = {}] = await subscriber.device.noticed(1);
        const shown = await system.retrieve(owner.device, container, 'm2m:cnt');
        assert.deepEqual(eventOf(notice), { net: 1, rep: { 'm2m:cnt': shown } });
        assert.equal(notice.sur, `/${system.cse.level}/${String(subscription.ri)}`);
      }
    });

    it('TS-0001 9.6.8: net 2 tells of the DELETE of the parent', async (t) => {
      const { owner, subscriber, container } = await watched(t, { enc: { net: [2] } });
      const shown = await system.retrieve(owner.device, container, 'm2m:cnt');
      await owner.device.must(2002, { op: 4, to: container });
      const [notice = {}] = await subscriber.device.noticed(1);
      assert.deepEqual(eventOf(notice), { net: 2, rep: { 'm2m:cnt': shown } });
    });

    it('TS-0001 9.6.8: net 3 and 4 tell of children that come and go', async (t) => {
      const { owner, subscriber, container } = await watched(t, { enc: { net: [3, 4] } });
      const instance = await system.instance(owner.device, container, 'x');
      await owner.device.must(2002, { op: 4, to: String(instance.ri) });
      const notices = await subscriber.device.noticed(2);
      assert.deepEqual(notices.map(eventOf), [
        { net: 3, rep: { 'm2m:cin': instance } },
        { net: 4, rep: { 'm2m:cin': instance } },
      ]);
    });

    it('TS-0001 9.6.8: chty bounds which children, atr which attributes', async (t) => {
      const { owner, subscriber, container } = await watched(t, { enc: { net: [3], chty: [3] } });
      await system.subscription(owner, container, { nu: [subscriber.stem], enc: { net: [1], atr: ['mni'] } });
      await system.instance(owner.device, container, 'x');
      await owner.device.must(2004, update(container, 'other'));
      await system.container(owner, { rn: 'child' }, container);
      await owner.device.must(2004, { op: 3, to: container, pc: { 'm2m:cnt': { mni: 9 } } });
      const notices = await subscriber.device.noticed(2);
      assert.deepEqual(notices.map(({ nev }) => [nev?.net, Object.keys(nev?.rep ?? {})]).toSorted(), [
        [1, ['m2m:cnt']],
        [3, ['m2m:cnt']],
      ]);
      assert.equal(notices.find(({ nev }) => nev?.net === 3)?.nev?.rep?.['m2m:cnt']?.rn, 'child');
    });

    it('TS-0001 9.6.6: what mni evicts is no deletion that is told', async (t) => {
      const { owner, subscriber, container } = await watched(t, { enc: { net: [3, 4] } });
      for (let index = 0; index < 8; index++) await system.instance(owner.device, container, index);
      const notices = await subscriber.device.noticed(8);
      assert.deepEqual(
        notices.map(({ nev }) => nev?.net),
        Array.from({ length: 8 }, () => 3),
      );
    });

    it('TS-0001 9.6.8: nct 2 shows what was modified, nct 3 the ID', async (t) => {
      const { owner, subscriber, container } = await watched(t, { enc: { net: [1] }, nct: 2 });
      await owner.device.must(2004, update(container, 'after'));
      const [notice = {}] = await subscriber.device.noticed(1);
      const { 'm2m:cnt': shown = {} } = notice.nev?.rep ?? {};
      assert.deepEqual(shown.lbl, ['after']);
      assert.equal(shown.mni, undefined);
      const other = await watched(t, { enc: { net: [3] }, nct: 3 });
      const { ri } = await system.instance(other.owner.device, other.container, 'x');
      const [third = {}] = await other.subscriber.device.noticed(1);
      assert.deepEqual(third.nev?.rep, { 'm2m:uri': `/${system.cse.level}/${String(ri)}` });
    });

    it('TS-0001 9.6.8: nct that does not go with net is answered 4000, as are om with net, and net that is none', async (t) => {
      const ae = await system.ae(t);
      const create = (sub: object) => ({ op: 1, to: ae.path, ty: 23, pc: { 'm2m:sub': { nu: [ae.stem], ...sub } } });
      await ae.device.must(4000, create({ enc: { net: [3] }, nct: 2 }));
      await ae.device.must(4000, create({ enc: { net: [1] }, nct: 9 }));
      await ae.device.must(4000, create({ enc: { net: [99] } }));
      await ae.device.must(4000, create({ enc: { net: [3], chty: [4] } }));
      await ae.device.must(4000, create({ nu: [] }));
      await ae.device.must(4000, create({ nu: undefined }));
      await ae.device.must(4000, create({ exc: 0 }));
    });

    it('R22: subscriptions of the CSEBase hear of first-level children in all shards', async (t) => {
      const admin = await system.admin(t);
      const watcher = await system.ae(t);
      const name = system.newName('sub');
      const sub = { rn: name, nu: [watcher.stem], enc: { net: [3, 4], chty: [3] } };
      await admin.must(2001, { op: 1, to: system.base, ty: 23, pc: { 'm2m:sub': sub } });
      const names = [1, 2, 3, 4, 5].map(() => system.newName('top'));
      for (const rn of names) await admin.must(2001, { op: 1, to: system.base, ty: 3, pc: { 'm2m:cnt': { rn } } });
      for (const rn of names) await admin.must(2002, { op: 4, to: `${system.base}/${rn}` });
      await until('all were told', () => {
        const told = watcher.device.notices().map(({ nev }) => `${nev?.net} ${String(nev?.rep?.['m2m:cnt']?.rn)}`);
        return names.every((rn) => told.includes(`3 ${rn}`) && told.includes(`4 ${rn}`));
      });
      await admin.must(2002, { op: 4, to: `${system.base}/${name}` });
    });

    it('TS-0004 7.4.8.4: a changed subscription tells what it is asked for from then on', async (t) => {
      const { owner, subscriber, container, subscription } = await watched(t, { enc: { net: [3] } });
      const to = `${container}/${String(subscription.rn)}`;
      await owner.device.must(2004, { op: 3, to, pc: { 'm2m:sub': { enc: { net: [1] } } } });
      await system.instance(owner.device, container, 'x');
      await owner.device.must(2004, update(container, 'after'));
      const notices = await subscriber.device.noticed(1);
      assert.deepEqual(
        notices.map(({ nev }) => nev?.net),
        [1],
      );
    });
  });

  describe('subscriptions: verification', { concurrency: 4 }, () => {
    const create = (ae: Ae, to: string, nu: string[]) =>
      ae.device.request({ op: 1, to, ty: 23, pc: { 'm2m:sub': { rn: system.newName('sub'), nu } } });

    async function pair(t: TestContext, rule: AnswerRule) {
      const owner = await system.ae(t);
      const other = await system.ae(t);
      other.device.answerRule = rule;
      return { owner, other, container: await system.container(owner) };
    }

    it('TS-0004 7.5.1.2.3, R19: a target that is not the originator is asked before the subscription stands', async (t) => {
      const { owner, other, container } = await pair(t, () => 2000);
      assert.equal((await create(owner, container, [other.stem])).rsc, 2001);
      const [question] = other.device.questions;
      const notice = question?.pc?.['m2m:sgn'] as Notice;
      assert.equal(notice.vrq, true);
      assert.equal(notice.cr, owner.stem);
      assert.match(String(notice.sur), new RegExp(`^/${system.cse.level}/`));
      assert.equal(question?.fr, `/${system.cse.level}`);
    });

    it('TS-0004 7.5.1.2.3: an originator that names itself is not asked', async (t) => {
      const { owner, container } = await pair(t, () => 2000);
      assert.equal((await create(owner, container, [owner.stem])).rsc, 2001);
      assert.deepEqual(owner.device.questions, []);
    });

    it('TS-0004 7.5.1.2.3: a target that refuses is answered 5204, and nothing is created', async (t) => {
      const { owner, other, container } = await pair(t, () => 4101);
      assert.equal((await create(owner, container, [other.stem])).rsc, 5204);
      const references = await system.retrieve(owner.device, container, 'm2m:rrl', { rcn: 6 });
      assert.deepEqual(references.rrf, []);
    });

    it('R19: a target that does not answer is waited for, and then answered 5204; others are served meanwhile', async (t) => {
      const { owner, other, container } = await pair(t, () => undefined);
      const waiting = create(owner, container, [other.stem]);
      await until('the target is asked', () => other.device.questions.length > 0);
      await system.instance(owner.device, container, 'meanwhile');
      assert.equal((await waiting).rsc, 5204);
    });

    it('R19: only the answer of who was asked counts', async (t) => {
      const { owner, other, container } = await pair(t, () => undefined);
      const waiting = create(owner, container, [other.stem]);
      const question = await until('the target is asked', () => other.device.questions[0]);
      const attacker = await system.ae(t);
      const answer = JSON.stringify({ rsc: 2000, rqi: question.rqi, rvi: '3' });
      await attacker.device.publish(`/oneM2M/resp/${system.cse.level}/${attacker.stem}/json`, answer);
      assert.equal((await waiting).rsc, 5204);
    });

    it('TS-0004 7.5.1.2.3: one of two targets that refuses is enough', async (t) => {
      const { owner, other, container } = await pair(t, () => 2000);
      const refusing = await system.ae(t);
      refusing.device.answerRule = () => 5205;
      assert.equal((await create(owner, container, [other.stem, refusing.stem])).rsc, 5204);
    });

    it('TS-0004 7.4.8.2: targets that cannot be reached are answered 5204, others that cannot be by their code', async (t) => {
      const { owner, container } = await pair(t, () => 2000);
      const unreachable = await system.ae(t, { attributes: { rr: false } });
      assert.equal((await create(owner, container, ['Cnobody'])).rsc, 5204);
      assert.equal((await create(owner, container, [unreachable.stem])).rsc, 5204);
      assert.equal((await create(owner, container, ['https://127.0.0.1/x'])).rsc, 5001);
      assert.equal((await create(owner, container, ['no address'])).rsc, 4000);
    });

    it('TS-0004 7.4.8.2: rights to CREATE alone do not let subscribe (4103), nor is an instance subscribed to (5203)', async (t) => {
      const { owner, other, container } = await pair(t, () => 2000);
      const acpi = [await system.policy(owner, [{ acor: [other.stem], acop: 1 }])];
      await owner.device.must(2004, { op: 3, to: container, pc: { 'm2m:cnt': { acpi } } });
      assert.equal((await create(other, container, [other.stem])).rsc, 4103);
      const { ri } = await system.instance(owner.device, container, 'x');
      assert.equal((await create(owner, String(ri), [owner.stem])).rsc, 5203);
    });

    it('TS-0004 7.4.8.4: new targets of an UPDATE are asked as well', async (t) => {
      const { owner, other, container } = await pair(t, () => 4101);
      const { rn } = await system.subscription(owner, container, { nu: [owner.stem], enc: { net: [3] } });
      const to = `${container}/${String(rn)}`;
      const pc = { 'm2m:sub': { nu: [owner.stem, other.stem] } };
      await owner.device.must(5204, { op: 3, to, pc });
      other.device.answerRule = () => 2000;
      await owner.device.must(2004, { op: 3, to, pc });
      await system.instance(owner.device, container, 'x');
      await Promise.all([owner.device.noticed(1), other.device.noticed(1)]);
    });
  });
}
