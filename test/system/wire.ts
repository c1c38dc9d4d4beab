/** What is broken on the wire is answered where that can be, and harms nobody (TS-0010 6.4; TS-0004 7.3.2.1; decisions "Wire"). */
import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type Answer, until } from './device.ts';
import { type System, timestamp } from './system.ts';

export function wireTests(system: System): void {
  async function speaker(t: TestContext) {
    const { device, path, stem } = await system.ae(t);
    const topic = `/oneM2M/req/${stem}/${system.cse.level}`;
    const retrieval = (rqi: string) => JSON.stringify({ op: 2, to: path, fr: stem, rqi, rvi: '3' });
    /** Publishes and gives the first answer, with its topic. */
    const say = async (at: string, payload: string | Buffer): Promise<Answer & { at: string }> => {
      const message = await device.exchange(at, payload);
      return { ...(JSON.parse(message.text) as Answer), at: message.topic };
    };
    return { device, path, stem, topic, retrieval, say };
  }

  describe('the wire', () => {
    it('TS-0010 6.4.4: the answer comes on the topic of the request with resp for req', async (t) => {
      const { topic, retrieval, say } = await speaker(t);
      const { rsc, at } = await say(`${topic}/json`, retrieval('w1'));
      assert.equal(rsc, 2000);
      assert.equal(at, `${topic.replace('/req/', '/resp/')}/json`);
    });

    for (const type of ['cbor', 'text', 'JSON']) {
      it(`decisions "Broken topics": type level ${type} is answered 4015, as JSON, on the same topic with resp`, async (t) => {
        const { topic, retrieval, say } = await speaker(t);
        const { rsc, rqi, at } = await say(`${topic}/${type}`, retrieval('w2'));
        assert.deepEqual({ rsc, rqi }, { rsc: 4015, rqi: 'w2' });
        assert.equal(at, `${topic.replace('/req/', '/resp/')}/${type}`);
      });
    }

    it('decisions "Broken topics": too many or too few levels are answered where somebody can be', async (t) => {
      const { topic, retrieval, say } = await speaker(t);
      assert.equal((await say(`${topic}/json/more`, retrieval('w3'))).rsc, 4000);
      assert.equal((await say(topic, retrieval('w4'))).rsc, 4000);
    });

    it('decisions "Broken topics": a payload that is not of the type of the level is answered 4000', async (t) => {
      const { topic, retrieval, say, device } = await speaker(t);
      const xml = '<m2m:rqp xmlns:m2m="http://www.onem2m.org/xml/protocols"><op>2</op></m2m:rqp>';
      assert.equal((await say(`${topic}/json`, xml)).rsc, 4000);
      const { text } = await device.exchange(`${topic}/xml`, retrieval('w5'));
      assert.match(text, /<rsc>4000<\/rsc>/);
    });

    const deep = `${'['.repeat(40)}${']'.repeat(40)}`;
    const broken: [string, string | Buffer][] = [
      ['nothing', ''],
      ['no JSON', '{"op":2,'],
      ['no object', '[1,2]'],
      ['no operation', '{"to":"cse-in","rqi":"b"}'],
      ['an operation that is none', '{"op":9,"to":"cse-in","rqi":"b"}'],
      ['no address', '{"op":2,"rqi":"b"}'],
      ['no rqi', '{"op":2,"to":"cse-in"}'],
      ['a parameter of the wrong kind', '{"op":"two","to":"cse-in","rqi":"b"}'],
      ['a parameter twice', '{"op":2,"op":4,"to":"cse-in","rqi":"b"}'],
      ['bytes that are no UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])],
      ['nesting without end', `{"op":1,"to":"cse-in","rqi":"b","ty":3,"pc":{"m2m:cnt":{"lbl":${deep}}}}`],
    ];
    for (const [what, payload] of broken) {
      it(`decisions "Wire": ${what} is answered 4000, and the next request 2000`, async (t) => {
        const { topic, retrieval, say } = await speaker(t);
        const { rsc, pc } = await say(`${topic}/json`, payload);
        assert.equal(rsc, 4000, JSON.stringify(pc));
        assert.deepEqual(Object.keys(pc ?? {}), ['m2m:dbg']);
        assert.equal((await say(`${topic}/json`, retrieval('w6'))).rsc, 2000);
      });
    }

    it('TS-0004 7.3.2.1: parameters that are not supported are answered 5001', async (t) => {
      const { device, path } = await speaker(t);
      await device.must(5001, { op: 2, to: path, unheard: 1 });
      await device.must(5001, { op: 2, to: path, oet: timestamp(60_000) });
    });

    it('decisions "Behaviour": modes that are not built answer 5001 or 5206, never silence', async (t) => {
      const { device, path } = await speaker(t);
      await device.must(5206, { op: 2, to: path, rt: { rtv: 1 } });
      await device.must(5001, { op: 2, to: path, rt: { rtv: 2 } });
      await device.must(2000, { op: 2, to: path, rt: { rtv: 3 } });
    });

    it('TS-0004 6.3.4.2.6: rt 5 is done and not answered', async (t) => {
      const { device, path } = await speaker(t);
      const pc = { 'm2m:cnt': { rn: 'silent' } };
      const whole = { op: 1, to: path, fr: device.level, rqi: 'quiet', rvi: '3', ty: 3, rt: { rtv: 5 }, pc };
      await device.publish(`/oneM2M/req/${device.level}/${device.cse}/json`, JSON.stringify(whole));
      // Promise 5 gives order within one ingress connection, and a cluster has several: ask until it is there.
      await until('it is done', async () => (await device.request({ op: 2, to: `${path}/silent` })).rsc === 2000);
      // The create and the retrieval are answered in the order of their commits, so a late answer to the first would be here.
      assert.ok(!device.answers.some(({ rqi }) => rqi === 'quiet'));
    });

    it('TS-0004 7.3.2.1: a request that is too late is answered 4008, one in time is done', async (t) => {
      const { device, path } = await speaker(t);
      const create = (rqet: string) => ({ op: 1, to: path, ty: 3, rqet, pc: { 'm2m:cnt': { rn: 'late' } } });
      await device.must(4008, create(timestamp(-1000)));
      await device.must(4004, { op: 2, to: `${path}/late` });
      await device.must(4000, create('tomorrow'));
      await device.must(2001, create(timestamp(60_000)));
      await device.must(2000, { op: 2, to: path, rqet: '30000' });
    });

    it('decisions "Size": a large content is kept, one beyond the limit harms nobody', async (t) => {
      const { device, path } = await speaker(t);
      await device.must(2001, { op: 1, to: path, ty: 3, rcn: 0, pc: { 'm2m:cnt': { rn: 'large' } } });
      const con = 'x'.repeat(200_000);
      await device.must(2001, { op: 1, to: `${path}/large`, ty: 4, rcn: 0, pc: { 'm2m:cin': { con } } });
      const shown = await system.retrieve(device, `${path}/large/la`, 'm2m:cin');
      assert.equal(shown.con, con);
    });

    it("promise 4: what is published as an answer of another is nobody's answer", async (t) => {
      const { device, say, topic, retrieval } = await speaker(t);
      for (const payload of ['{"rsc":2000,"rqi":"n000.r.1.1.12345678"}', '{"rsc":2000}', 'nonsense', '']) {
        await device.publish(`/oneM2M/resp/${system.cse.level}/Cother/json`, payload);
      }
      assert.equal((await say(`${topic}/json`, retrieval('w7'))).rsc, 2000);
    });

    it('decisions "Broken topics": topics that nobody can be answered on harm nobody', async (t) => {
      const { device, say, topic, retrieval } = await speaker(t);
      const { level } = system.cse;
      for (const at of [`/oneM2M/req//${level}/json`, `/oneM2M/req/C/${level}/json`, `/oneM2M/req/a b/${level}/json`]) {
        await device.publish(at, retrieval('w8'));
      }
      assert.equal((await say(`${topic}/json`, retrieval('w9'))).rsc, 2000);
    });
  });
}
