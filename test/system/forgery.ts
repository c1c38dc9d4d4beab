/**
 * Promise 4 behind a broker that lets everybody publish and read everywhere: who speaks is the topic, and whatever claims
 * something else changes nothing. (Who publishes on the topic of another and says so is beyond a CSE: that is the broker's,
 * and the tests of broker access.)
 */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type Answer, type Device, until } from './device.ts';
import type { Ae, System } from './system.ts';

export function forgeryTests(system: System): void {
  interface Scene {
    victim: Ae;
    attacker: Ae;
    /** Of the victim; holds one instance. */
    container: string;
    /** Fails if anything of the victim's has changed. */
    unharmed(): Promise<void>;
  }

  async function scene(t: TestContext): Promise<Scene> {
    const victim = await system.ae(t);
    const attacker = await system.ae(t);
    const container = await system.container(victim, { lbl: ['mine'] });
    await system.instance(victim.device, container, 'mine');
    const looks = () =>
      Promise.all([
        system.retrieve(victim.device, container, 'm2m:cnt'),
        system.retrieve(victim.device, `${container}/la`, 'm2m:cin'),
        system.retrieve(victim.device, victim.path, 'm2m:ae'),
        references(victim.device, victim.path),
        references(victim.device, container),
      ]);
    const before = await looks();
    return {
      victim,
      attacker,
      container,
      async unharmed() {
        assert.deepEqual(await looks(), before);
      },
    };
  }

  async function references(device: Device, to: string): Promise<unknown> {
    return (await system.retrieve(device, to, 'm2m:rrl', { rcn: 6 })).rrf;
  }

  /** Everything that changes something of the victim's, and a reading. */
  const attacks = ({ victim, container }: Scene): object[] => [
    { op: 1, to: container, ty: 4, pc: { 'm2m:cin': { con: 'forged' } } },
    { op: 1, to: victim.path, ty: 3, pc: { 'm2m:cnt': { rn: 'forged' } } },
    { op: 1, to: container, ty: 23, pc: { 'm2m:sub': { nu: [victim.stem] } } },
    { op: 3, to: container, pc: { 'm2m:cnt': { lbl: ['forged'] } } },
    { op: 4, to: container },
    { op: 4, to: victim.path },
    { op: 2, to: `${container}/la` },
  ];

  /** Publishes a whole primitive anywhere; gives the first answer that `at` then hears. */
  async function say(from: Device, topic: string, primitive: object, at = from): Promise<Answer> {
    const before = at.messages.length;
    const whole = { rqi: from.newRequestIdentifier(), rvi: '3', ...primitive };
    await from.publish(topic, JSON.stringify(whole));
    const isAnswer = ({ text }: { text: string }) => text.includes(whole.rqi) && text.includes('"rsc"');
    const { text } = await at.arrived(`an answer to ${whole.rqi} on ${topic}`, isAnswer, before);
    return JSON.parse(text) as Answer;
  }

  describe('promise 4, behind a broker that allows everything', () => {
    const forms: [what: string, (victim: string) => string][] = [
      ['its stem', (victim) => victim],
      ['SP-relative', (victim) => `/${system.cse.level}/${victim}`],
      ['absolute', (victim) => `${system.cse.serviceProvider}/${system.cse.level}/${victim}`],
      ['of another CSE', () => `/${system.target.second.level}/Cother`],
      ['of another provider', (victim) => `//elsewhere.example/${system.cse.level}/${victim}`],
      ['the CSE itself', () => `/${system.cse.level}`],
      ['the admin', () => system.target.admin],
    ];
    for (const [what, form] of forms) {
      it(`fr of somebody else on one’s own topic (${what}) is answered 4106, and nothing is stored`, async (t) => {
        const at = await scene(t);
        const fr = form(at.victim.stem);
        for (const attack of attacks(at)) {
          const { rsc, pc } = await at.attacker.device.must(4106, { ...attack, fr });
          assert.equal(rsc, 4106);
          assert.ok(!JSON.stringify(pc ?? {}).includes('mine'), 'the refusal shows nothing');
        }
        await at.unharmed();
      });
    }

    const misspelt: [what: string, (victim: string) => unknown][] = [
      ['in the form of a topic', (victim) => `${system.cse.level}:${victim}`],
      ['with a space', (victim) => `${victim} `],
      ['with a slash behind', (victim) => `${victim}/`],
      ['as a path', (victim) => `/${system.cse.level}/../${system.cse.level}/${victim}`],
      ['empty', () => ''],
      ['in a list', (victim) => [victim]],
      ['as null', () => null],
    ];
    for (const [what, form] of misspelt) {
      it(`fr of somebody else that is misspelt (${what}) is refused, and nothing is stored`, async (t) => {
        const at = await scene(t);
        for (const attack of attacks(at)) {
          const { rsc } = await at.attacker.device.request({ ...attack, fr: form(at.victim.stem) });
          assert.ok([4000, 4103, 4106].includes(rsc), `${rsc} for ${JSON.stringify(attack)}`);
        }
        await at.unharmed();
      });
    }

    it('fr twice, the second of somebody else, is answered 4000', async (t) => {
      const at = await scene(t);
      const { device, stem } = at.attacker;
      const rqi = device.newRequestIdentifier();
      const text = `{"op":4,"to":"${at.container}","fr":"${stem}","rqi":"${rqi}","rvi":"3","fr":"${at.victim.stem}"}`;
      const { text: answer } = await device.exchange(`/oneM2M/req/${stem}/${system.cse.level}/json`, text);
      assert.equal((JSON.parse(answer) as Answer).rsc, 4000);
      await at.unharmed();
    });

    it('without fr one is who the topic says, and has no more rights', async (t) => {
      const at = await scene(t);
      for (const attack of attacks(at)) {
        const { rsc } = await at.attacker.device.request({ ...attack, fr: undefined });
        assert.ok([4000, 4103].includes(rsc), `${rsc}`);
      }
      await at.unharmed();
    });

    for (const form of ['stem', 'CSE and stem'] as const) {
      it(`one’s own fr on the topic of another (${form}) is answered 4106 there, and nothing is stored`, async (t) => {
        const at = await scene(t);
        const { device, stem } = at.attacker;
        const { level } = system.cse;
        const as = form === 'stem' ? at.victim.stem : `${level}:${at.victim.stem}`;
        await device.subscribe(`/oneM2M/resp/${as}/#`);
        for (const attack of attacks(at)) {
          const { rsc } = await say(device, `/oneM2M/req/${as}/${level}/json`, { ...attack, fr: stem });
          assert.equal(rsc, 4106);
        }
        // Also where the attacker would be allowed to.
        const own = await system.container(at.attacker);
        const create = { op: 1, to: own, ty: 4, fr: stem, pc: { 'm2m:cin': { con: 'x' } } };
        assert.equal((await say(device, `/oneM2M/req/${as}/${level}/json`, create)).rsc, 4106);
        assert.equal((await system.retrieve(device, own, 'm2m:cnt')).cni, 0);
        await at.unharmed();
      });
    }

    it('a request in the name of the CSE has no rights', async (t) => {
      const at = await scene(t);
      const { device } = at.attacker;
      const { level } = system.cse;
      await device.subscribe(`/oneM2M/resp/${level}/#`);
      for (const attack of attacks(at)) {
        const { rsc } = await say(device, `/oneM2M/req/${level}/${level}/json`, { ...attack, fr: `/${level}` });
        assert.ok([4000, 4103, 4106].includes(rsc), `${rsc} for ${JSON.stringify(attack)}`);
      }
      await at.unharmed();
    });

    it('a request on the topic of one CSE for a resource of another reaches nothing there', async (t) => {
      const at = await scene(t);
      const { second } = system.target;
      const { level, serviceProvider } = system.cse;
      const elsewhere = await system.ae(t, { stem: at.victim.stem, cse: second });
      const prefixes = ['', `/${level}/`, `${serviceProvider}/${level}/`];
      for (const attack of attacks(at) as { to: string }[]) {
        for (const prefix of prefixes) {
          const { rsc } = await elsewhere.device.request({ ...attack, to: `${prefix}${attack.to}` });
          assert.ok(rsc >= 4000, `${rsc} for ${prefix}${attack.to}`);
        }
      }
      await at.unharmed();
    });

    it('a request on a topic of responses is none, and a response on a topic of requests is answered 4000', async (t) => {
      const at = await scene(t);
      const { device, stem } = at.attacker;
      const { level } = system.cse;
      for (const attack of attacks(at)) {
        for (const as of [at.victim.stem, stem]) {
          const whole = { ...attack, fr: as, rqi: device.newRequestIdentifier(), rvi: '3' };
          await device.publish(`/oneM2M/resp/${level}/${as}/json`, JSON.stringify(whole));
        }
      }
      const answer = { rsc: 2000, rqi: device.newRequestIdentifier(), rvi: '3' };
      const { text } = await device.exchange(`/oneM2M/req/${stem}/${level}/json`, JSON.stringify(answer));
      assert.equal((JSON.parse(text) as Answer).rsc, 4000);
      await at.unharmed();
    });
  });

  describe('promise 4: registration', () => {
    const registration = { op: 1, ty: 2, pc: { 'm2m:ae': { api: 'Nforged', rr: true, srv: ['3'] } } };

    async function register(t: TestContext, fr: string | undefined, attributes: object = {}): Promise<Answer> {
      const device = await system.device(t, 'unused');
      const credential = system.newName('credential');
      await device.subscribe(`/oneM2M/reg_resp/${credential}/#`);
      const pc = { 'm2m:ae': { ...registration.pc['m2m:ae'], ...attributes } };
      return say(device, `/oneM2M/reg_req/${credential}/${system.cse.level}/json`, {
        ...registration,
        to: system.base,
        pc,
        fr,
      });
    }

    it('under the AE-ID of another, in any form, is refused, and the other keeps it', async (t) => {
      const at = await scene(t);
      const { stem } = at.victim;
      const { level, serviceProvider } = system.cse;
      assert.equal((await register(t, stem)).rsc, 4117);
      for (const fr of [`/${level}/${stem}`, `${serviceProvider}/${level}/${stem}`, `/${level}`]) {
        const { rsc } = await register(t, fr);
        assert.ok([4000, 4106, 4117, 4126].includes(rsc), `${rsc} for ${fr}`);
      }
      await at.attacker.device.must(4106, { ...registration, to: system.base, fr: stem });
      await at.unharmed();
      // Its notifications still go to the other.
      await system.subscription(at.victim, at.container, { nu: [stem], enc: { net: [3] } });
      await system.instance(at.victim.device, at.container, 'still mine');
      await at.victim.device.noticed(1);
    });

    it('as the admin, or with an AE-ID in the content, is refused', async (t) => {
      const at = await scene(t);
      const { level } = system.cse;
      for (const fr of [system.target.admin, `/${level}/${system.target.admin}`]) {
        const { rsc } = await register(t, fr);
        assert.ok([4000, 4126].includes(rsc), `${rsc} for ${fr}`);
      }
      assert.equal((await register(t, 'C', { aei: at.victim.stem })).rsc, 4000);
      assert.equal((await register(t, 'C', { ri: at.victim.stem })).rsc, 4000);
      await at.unharmed();
    });
  });

  describe('promise 4: answers', () => {
    it('to a notification, by somebody else, counts for nothing: it is sent until the target answers (R23)', async (t) => {
      const at = await scene(t);
      const { device, stem } = at.attacker;
      const { level } = system.cse;
      let mute = true;
      at.victim.device.answerRule = () => (mute ? undefined : 2000);
      await system.subscription(at.victim, at.container, { nu: [at.victim.stem], enc: { net: [3] } });
      await system.instance(at.victim.device, at.container, 'told');
      const question = await until('the notification', () => at.victim.device.questions[0]);
      // By name, by the name of the victim in the content, as the CSE, by an unknown one; success and failure.
      for (const rsc of [2000, 4004, 5103]) {
        const answer = JSON.stringify({ rsc, rqi: question.rqi, rvi: '3', fr: at.victim.stem });
        for (const as of [stem, level, 'Cnobody', `${level}:${stem}`]) {
          await device.publish(`/oneM2M/resp/${level}/${as}/json`, answer);
        }
        await device.publish(`/oneM2M/resp/${at.victim.stem}/${level}/json`, answer);
      }
      const before = at.victim.device.questions.length;
      await until('it is sent again', () =>
        at.victim.device.questions.slice(before).some(({ rqi }) => rqi === question.rqi),
      );
      mute = false;
      const after = at.victim.device.questions.length;
      await until('and again', () => at.victim.device.questions.length > after);
      assert.equal(at.victim.device.notices().length, 1);
    });

    it('to a verification, by the subscriber itself, does not make a subscription stand (R19)', async (t) => {
      const at = await scene(t);
      const { device, stem } = at.attacker;
      const { level } = system.cse;
      const own = await system.container(at.attacker);
      at.victim.device.answerRule = () => undefined;
      // It reads what it is not meant to, and does not answer in the name of the victim, which a broker would have to prevent.
      device.answerRule = () => undefined;
      await device.subscribe(`/oneM2M/req/${level}/${at.victim.stem}/#`);
      const nu = [at.victim.stem];
      const waiting = device.request({ op: 1, to: own, ty: 23, pc: { 'm2m:sub': { rn: 'forced', nu } } });
      const question = await until('the target is asked', () => at.victim.device.questions[0]);
      const answer = JSON.stringify({ rsc: 2000, rqi: question.rqi, rvi: '3', fr: `/${level}/${at.victim.stem}` });
      for (const as of [stem, level, `${level}:${stem}`]) {
        await device.publish(`/oneM2M/resp/${level}/${as}/json`, answer);
      }
      assert.equal((await waiting).rsc, 5204);
      await device.must(4004, { op: 2, to: `${own}/forced` });
    });
  });
}
