/** Notifications on their way: order, repeats, ends, other addresses (TS-0004 7.5.1.2; R23, R25–R27; TS-0010 6.6). */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type Notice, until } from './device.ts';
import type { AeOptions, Resource, System } from './system.ts';

export function deliveryTests(system: System): void {
  async function watched(t: TestContext, attributes: Resource = {}, subscriberOptions: AeOptions = {}) {
    const owner = await system.ae(t);
    const subscriber = await system.ae(t, subscriberOptions);
    const container = await system.container(owner);
    const nu = [subscriber.stem];
    const subscription = await system.subscription(owner, container, {
      nu,
      enc: { net: [3], chty: [4] },
      ...attributes,
    });
    const create = (con: unknown) => system.instance(owner.device, container, con);
    return { owner, subscriber, container, subscription, create };
  }
  const contentsOf = (notices: Notice[]) => notices.map(({ nev }) => nev?.rep?.['m2m:cin']?.con);
  const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

  describe('deliveries', { concurrency: 4 }, () => {
    it('promise 3: first deliveries come in the order of the changes', async (t) => {
      const { subscriber, create } = await watched(t);
      await Promise.all(numbers(200).map(create));
      const notices = await subscriber.device.noticed(200);
      const tags = notices.map(({ nev }) => nev?.rep?.['m2m:cin']?.st);
      assert.deepEqual(
        tags,
        numbers(200).map((index) => index + 1),
      );
      assert.equal(new Set(contentsOf(notices)).size, 200);
    });

    it('TS-0004 7.5.1.1: a notification is a NOTIFY of the CSE, with what a request has', async (t) => {
      const { subscriber, create } = await watched(t);
      await create('x');
      await subscriber.device.noticed(1);
      const question = subscriber.device.questions.at(-1);
      assert.equal(question?.op, 5);
      assert.equal(question?.fr, `/${system.cse.level}`);
      assert.equal(question?.to, `/${system.cse.level}/${subscriber.stem}`);
      assert.equal(question?.topic, `/oneM2M/req/${system.cse.level}/${subscriber.stem}/json`);
      assert.equal(question?.rvi, '3');
    });

    it('R23: who was away gets everything in order when it is back, and nothing is lost', async (t) => {
      const { owner, subscriber, container, create } = await watched(t);
      const witness = await system.ae(t);
      await system.subscription(owner, container, { nu: [witness.stem], enc: { net: [3], chty: [4] } });
      await create('seen');
      await subscriber.device.noticed(1);
      await subscriber.device.leave();
      for (const index of numbers(10)) await create(index);
      // What is still on its way to the broker when the session resumes may overtake there what the broker has kept.
      await witness.device.noticed(11);
      await subscriber.device.comeBack();
      assert.deepEqual(contentsOf(await subscriber.device.noticed(11)), ['seen', ...numbers(10)]);
    });

    it('R23: what is not answered, or not passed on (5103), is repeated with the same rqi until it is', async (t) => {
      const { subscriber, create } = await watched(t);
      const { device } = subscriber;
      let refused = 0;
      device.answerRule = (question) => {
        if (!isEvent(question.pc) || refused >= 2) return 2000;
        return refused++ === 0 ? undefined : 5103;
      };
      await create('x');
      await until('the third delivery', () => device.questions.filter(({ pc }) => isEvent(pc)).length >= 3);
      const identifiers = device.questions.filter(({ pc }) => isEvent(pc)).map(({ rqi }) => rqi);
      assert.equal(new Set(identifiers).size, 1);
      device.answerRule = () => 2000;
      await create('y');
      assert.deepEqual(contentsOf(await device.noticed(2)), ['x', 'y']);
    });

    it('R27: any other answer of an AE is the end of it, but does not count for exc', async (t) => {
      const { owner, subscriber, subscription, create } = await watched(t, { exc: 2 });
      subscriber.device.answerRule = ({ pc }) => (isEvent(pc) ? 4000 : 2000);
      for (const index of numbers(3)) await create(index);
      assert.deepEqual(contentsOf(await subscriber.device.noticed(3)), numbers(3));
      subscriber.device.answerRule = () => 2000;
      await create('arrives');
      const left = async () => (await system.retrieve(owner.device, String(subscription.ri), 'm2m:sub')).exc === 1;
      await until('one is counted', left);
    });

    it('R23: a target that never answers does not hold up another', async (t) => {
      const { owner, subscriber, container } = await watched(t);
      const silent = await system.ae(t);
      await system.subscription(owner, container, { nu: [silent.stem, subscriber.stem], enc: { net: [3], chty: [4] } });
      silent.device.answerRule = () => undefined;
      for (const index of numbers(40)) await system.instance(owner.device, container, index);
      // Of both subscriptions.
      await subscriber.device.noticed(80);
    });

    it('decisions "exc": after so many that arrived the subscription is gone, and su is told', async (t) => {
      const witness = await system.ae(t);
      const exc = 3;
      const { owner, subscriber, subscription, container, create } = await watched(t, { exc, su: witness.stem });
      const to = `${container}/${String(subscription.rn)}`;
      for (const index of numbers(exc)) await create(index);
      await subscriber.device.noticed(exc);
      await until('it is gone', async () => (await owner.device.request({ op: 2, to })).rsc === 4004);
      await create('nobody is told');
      const [end] = await witness.device.noticed(1);
      assert.deepEqual(end, { sud: true, sur: `/${system.cse.level}/${String(subscription.ri)}` });
      await owner.device.must(2000, { op: 2, to: container });
      assert.deepEqual(contentsOf(subscriber.device.notices()), numbers(exc));
    });

    it('TS-0004 7.5.1.2.4: su is told when a subscription is deleted, and when its parent is', async (t) => {
      for (const removeParent of [false, true]) {
        const witness = await system.ae(t);
        const { owner, subscription, container } = await watched(t, { su: witness.stem });
        await owner.device.must(2002, { op: 4, to: removeParent ? container : String(subscription.ri) });
        const [end] = await witness.device.noticed(1);
        assert.deepEqual(end, { sud: true, sur: `/${system.cse.level}/${String(subscription.ri)}` });
      }
    });

    it('R27: a mqtt URL of the own broker is published to its topic, and needs no answer', async (t) => {
      const owner = await system.ae(t);
      const container = await system.container(owner);
      const topic = `plain/${system.newName('topic')}`;
      const listener = await system.device(t);
      await listener.subscribe(topic);
      const base = await system.retrieve(owner.device, system.base, 'm2m:cb');
      const [poa] = base.poa as string[];
      await system.subscription(owner, container, { nu: [`${poa}/${topic}`], enc: { net: [3], chty: [4] } });
      for (const index of numbers(50)) await system.instance(owner.device, container, index);
      assert.deepEqual(contentsOf(await listener.noticed(50)), numbers(50));
    });

    it('R27: URLs that would reach where they must not are answered 4000', async (t) => {
      const owner = await system.ae(t);
      const container = await system.container(owner);
      const base = await system.retrieve(owner.device, system.base, 'm2m:cb');
      const [poa] = base.poa as string[];
      const wrong = [
        `${poa}/a/+/b`,
        `${poa}/a/%23`,
        `${poa}/$SYS/x`,
        `${poa}/oneM2M/req/Cvictim/${system.cse.level}/json`,
        `${poa}`,
        'mqtt://198.51.100.7:1883/topic',
        'mqtt://user:password@127.0.0.1:1883/topic',
      ];
      for (const nu of wrong) {
        const pc = { 'm2m:sub': { nu: [nu], enc: { net: [3], chty: [4] } } };
        const { rsc } = await owner.device.request({ op: 1, to: container, ty: 23, pc });
        assert.equal(rsc, 4000, nu);
      }
    });

    it('TS-0010 6.4.2: an AE is notified at the topic level that it registered with', async (t) => {
      const stem = system.newName('C');
      const level = `${system.cse.level}:${stem}`;
      const device = await system.device(t, level);
      const fr = `/${system.cse.level}/${stem}`;
      const ae = { rn: stem, api: 'Ntest', rr: true, srv: ['3'] };
      await device.must(2001, { op: 1, to: system.base, fr, ty: 2, pc: { 'm2m:ae': ae } });
      const owner = await system.ae(t);
      const container = await system.container(owner);
      await system.subscription(owner, container, { nu: [fr], enc: { net: [3], chty: [4] } });
      await system.instance(owner.device, container, 'x');
      await device.noticed(1);
      assert.equal(device.questions.at(-1)?.topic, `/oneM2M/req/${system.cse.level}/${level}/json`);
    });

    it('R23, R24: a subscriber that is deleted is told no more a second later; the others are', async (t) => {
      const { owner, subscriber, container, create } = await watched(t);
      const other = await system.ae(t);
      const enc = { net: [3], chty: [4] };
      await system.subscription(owner, container, { nu: [other.stem], enc });
      await create(0);
      await Promise.all([subscriber.device.noticed(1), other.device.noticed(1)]);
      await subscriber.device.must(2002, { op: 4, to: subscriber.path });
      let created = 0;
      const isTold = async () => {
        await create(++created);
        await other.device.noticed(created + 1);
        return contentsOf(subscriber.device.notices()).includes(created);
      };
      await until('it is told no more', async () => !(await isTold()), 3000);
      assert.deepEqual(contentsOf(other.device.notices()), numbers(created + 1));
    });

    it('R23: a target that came with an UPDATE is told from then on', async (t) => {
      const { owner, subscriber, subscription, create } = await watched(t);
      const other = await system.ae(t);
      await create('first');
      const pc = { 'm2m:sub': { nu: [other.stem] } };
      await owner.device.must(2004, { op: 3, to: String(subscription.ri), pc });
      await create('second');
      assert.deepEqual(contentsOf(await other.device.noticed(1)), ['second']);
      assert.deepEqual(contentsOf(await subscriber.device.noticed(1)), ['first']);
    });
  });
}

function isEvent(pc: Record<string, unknown> | undefined): boolean {
  return (pc?.['m2m:sgn'] as Notice | undefined)?.nev !== undefined;
}
