/** The same request again changes nothing and gets the first answer (R16, R17; promise 2). */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type Answer, type Device, until } from './device.ts';
import { contentOf, type Resource, type System } from './system.ts';

export function duplicateTests(system: System): void {
  /** Publishes a request `times` times at once and gives all its answers. */
  async function repeat(device: Device, primitive: object, times = 5): Promise<Answer[]> {
    const rqi = device.newRequestIdentifier();
    const payload = JSON.stringify({ fr: device.level, rqi, rvi: '3', ...primitive });
    const topic = `/oneM2M/req/${device.level}/${device.cse}/json`;
    await Promise.all(Array.from({ length: times }, () => device.publish(topic, payload)));
    return until(`${times} answers to ${rqi}`, () => {
      const answers = device.answers.filter((answer) => answer.rqi === rqi);
      return answers.length >= times ? answers : undefined;
    });
  }
  const allAlike = (answers: readonly Answer[]) => {
    for (const answer of answers) assert.deepEqual(answer, answers[0]);
    return answers[0] as Answer;
  };
  const container = async (t: TestContext) => {
    const ae = await system.ae(t);
    return { ...ae, to: await system.container(ae) };
  };

  describe('duplicates', () => {
    it('R16: a CREATE that comes five times makes one instance and is answered five times alike', async (t) => {
      const { device, to } = await container(t);
      const first = allAlike(await repeat(device, { op: 1, to, ty: 4, pc: { 'm2m:cin': { con: 'x' } } }));
      assert.equal(first.rsc, 2001);
      const { cni, st } = await system.retrieve(device, to, 'm2m:cnt');
      assert.deepEqual({ cni, st }, { cni: 1, st: 1 });
      // Also long after it was committed.
      const instance = contentOf(first, 'm2m:cin');
      assert.equal((await system.retrieve(device, `${to}/la`, 'm2m:cin')).ri, instance.ri);
    });

    it('R16: a CREATE that comes again between others gets its first answer', async (t) => {
      const { device, to } = await container(t);
      const rqi = 'between';
      const creation = { op: 1, to, ty: 4, rqi, pc: { 'm2m:cin': { con: 'first' } } };
      const first = await device.must(2001, creation);
      for (let index = 0; index < 50; index++) await system.instance(device, to, index);
      assert.deepEqual(await device.must(2001, creation), first);
      assert.equal((await system.retrieve(device, to, 'm2m:cnt')).cni, 51);
    });

    it('R16: an UPDATE or DELETE that comes again changes nothing', async (t) => {
      const { device, path, to } = await container(t);
      const updated = allAlike(await repeat(device, { op: 3, to, pc: { 'm2m:cnt': { lbl: ['x'] } } }));
      assert.equal(contentOf(updated, 'm2m:cnt').st, 1);
      assert.equal((await system.retrieve(device, to, 'm2m:cnt')).st, 1);
      assert.equal(allAlike(await repeat(device, { op: 4, to })).rsc, 2002);
      await device.must(2001, { op: 1, to: path, ty: 3, pc: { 'm2m:cnt': { rn: to.split('/').at(-1) } } });
    });

    it('R16: an answer that was an error is the answer again', async (t) => {
      const { device, path } = await container(t);
      const missing = { op: 3, to: `${path}/later`, rqi: 'early', pc: { 'm2m:cnt': { lbl: ['x'] } } };
      const first = await device.must(4004, missing);
      await device.must(2001, { op: 1, to: path, ty: 3, pc: { 'm2m:cnt': { rn: 'later' } } });
      assert.deepEqual(await device.must(4004, missing), first);
    });

    it('R16: the same rqi with another content is another request', async (t) => {
      const { device, to } = await container(t);
      const create = (con: string) => ({ op: 1, to, ty: 4, rqi: 'same', pc: { 'm2m:cin': { con } } });
      await device.must(2001, create('one'));
      await device.must(2001, create('two'));
      assert.equal((await system.retrieve(device, to, 'm2m:cnt')).cni, 2);
    });

    it('R16: timestamps do not make it another one, nor does another form of fr', async (t) => {
      const { device, to } = await container(t);
      const create = (more: object) => ({ op: 1, to, ty: 4, rqi: 'once', pc: { 'm2m:cin': { con: 'x' } }, ...more });
      const first = await device.must(2001, create({ ot: '20260110T080000' }));
      await device.must(2001, create({ ot: '20260110T080005', rqet: '60000' }));
      const again = await device.must(2001, create({ fr: `/${system.cse.level}/${device.level}` }));
      assert.equal(contentOf(again, 'm2m:cin').ri, contentOf(first, 'm2m:cin').ri);
      assert.equal((await system.retrieve(device, to, 'm2m:cnt')).cni, 1);
    });

    it('R16: the same rqi of another originator is another request', async (t) => {
      const owner = await container(t);
      const guest = await system.ae(t);
      const acpi = [await system.policy(owner, [{ acor: [guest.stem], acop: 1 }])];
      await owner.device.must(2004, { op: 3, to: owner.to, pc: { 'm2m:cnt': { acpi } } });
      const create = { op: 1, to: owner.to, ty: 4, rqi: 'shared', pc: { 'm2m:cin': { con: 'x' } } };
      await owner.device.must(2001, create);
      await guest.device.must(2001, create);
      assert.equal((await system.retrieve(owner.device, owner.to, 'm2m:cnt')).cni, 2);
    });

    it('R16: reads are executed anew', async (t) => {
      const { device, to } = await container(t);
      const read = { op: 2, to, rqi: 'read' };
      await device.must(2000, read);
      await system.instance(device, to, 'x');
      assert.equal(contentOf(await device.must(2000, read), 'm2m:cnt').cni, 1);
    });

    it('R16: a registration with an AE-ID that comes again gets its first answer, not 4117', async (t) => {
      const device = await system.device(t);
      const pc = { 'm2m:ae': { api: 'Ntest', rr: true, srv: ['3'] } };
      const first = allAlike(await repeat(device, { op: 1, to: system.base, ty: 2, pc }));
      assert.equal(first.rsc, 2001);
      assert.equal(contentOf(first, 'm2m:ae').aei, device.level);
    });

    it('R16: while the first waits, a repeat gets silence, and the same rqi with another content 4000', async (t) => {
      const owner = await system.ae(t);
      const to = await system.container(owner);
      const other = await system.ae(t);
      const { device } = owner;
      let answers = 0;
      other.device.answerRule = () => (answers++ === 0 ? undefined : 2000);
      const rqi = device.newRequestIdentifier();
      const create = (rn: string) => ({ op: 1, to, ty: 23, rqi, pc: { 'm2m:sub': { rn, nu: [other.stem] } } });
      const whole = JSON.stringify({ fr: device.level, rvi: '3', ...create('mine') });
      const topic = `/oneM2M/req/${device.level}/${device.cse}/json`;
      await device.publish(topic, whole);
      const question = await until('the target is asked', () => other.device.questions[0]);
      await device.publish(topic, whole);
      assert.equal((await device.request(create('another'))).rsc, 4000);
      const answer = JSON.stringify({ rsc: 2000, rqi: question.rqi, rvi: '3' });
      await other.device.publish(question.topic.replace('/req/', '/resp/'), answer);
      const created = await until('the answer', () =>
        device.answers.find((each) => each.rqi === rqi && each.rsc !== 4000),
      );
      assert.equal(created.rsc, 2001);
      const references = await system.retrieve(device, to, 'm2m:rrl', { rcn: 6 });
      assert.deepEqual(
        (references.rrf as Resource[]).map(({ nm }) => nm),
        ['mine'],
      );
      assert.equal(other.device.questions.length, 1);
    });

    it('promise 3: what a repeated CREATE brought about is told once', async (t) => {
      const { device, to, stem } = await container(t);
      await system.subscription({ device, stem, path: '', resource: {} }, to, { nu: [stem], enc: { net: [3] } });
      await repeat(device, { op: 1, to, ty: 4, pc: { 'm2m:cin': { con: 'once' } } });
      await system.instance(device, to, 'then');
      const notices = await device.noticed(2);
      assert.deepEqual(
        notices.map(({ nev }) => nev?.rep?.['m2m:cin']?.con),
        ['once', 'then'],
      );
    });
  });
}
