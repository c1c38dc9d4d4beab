import assert from 'node:assert/strict';
import { test } from 'node:test';
import { anIngress, FakeMessage } from './fakes.ts';

interface Case {
  what: string;
  topic: string;
  wire: object;
  /** Status of ingress's own answer, or the originator that the record carries. */
  outcome: number | string;
}

const read = { op: 2, to: 'cse-in/ae1' };
const register = { op: 1, to: 'cse-in', ty: 2, pc: { 'm2m:ae': { rn: 'ae1' } } };
const cases: Case[] = [
  { what: 'the stem on the topic and in fr', topic: 'req/C1/id-in', wire: { ...read, fr: 'C1' }, outcome: '/id-in/C1' },
  { what: 'SP-relative in fr', topic: 'req/C1/id-in', wire: { ...read, fr: '/id-in/C1' }, outcome: '/id-in/C1' },
  {
    what: 'absolute in fr',
    topic: 'req/C1/id-in',
    wire: { ...read, fr: '//sp.example/id-in/C1' },
    outcome: '/id-in/C1',
  },
  { what: 'SP-relative on the topic', topic: 'req/id-in:C1/id-in', wire: { ...read, fr: 'C1' }, outcome: '/id-in/C1' },
  { what: 'an S-type AE', topic: 'req/Sabc/id-in', wire: { ...read, fr: '/Sabc' }, outcome: '/Sabc' },
  { what: 'a CSE', topic: 'req/mn1/id-in', wire: { ...read, fr: '/mn1' }, outcome: '/mn1' },
  { what: 'another AE in fr', topic: 'req/C1/id-in', wire: { ...read, fr: 'C2' }, outcome: 4106 },
  { what: 'the admin in fr', topic: 'req/C1/id-in', wire: { ...read, fr: 'CAdmin' }, outcome: 4106 },
  { what: 'an AE of the same stem elsewhere', topic: 'req/C1/id-in', wire: { ...read, fr: '/mn1/C1' }, outcome: 4106 },
  {
    what: 'an AE of another provider',
    topic: 'req/C1/id-in',
    wire: { ...read, fr: '//x.example/id-in/C1' },
    outcome: 4106,
  },
  { what: 'no ID at all in fr', topic: 'req/C1/id-in', wire: { ...read, fr: 'C1 or 1=1' }, outcome: 4106 },
  { what: 'no fr', topic: 'req/C1/id-in', wire: read, outcome: 4000 },
  { what: 'no fr in the registration of a provisioned AE', topic: 'req/Sabc/id-in', wire: register, outcome: '/Sabc' },
  { what: 'no rqi', topic: 'req/C1/id-in', wire: { ...read, fr: 'C1', rqi: undefined }, outcome: 4000 },
  { what: 'registration without fr', topic: 'reg_req/cred/id-in', wire: register, outcome: '' },
  { what: 'registration with fr C', topic: 'reg_req/cred/id-in', wire: { ...register, fr: 'C' }, outcome: '' },
  { what: 'registration with fr S', topic: 'reg_req/cred/id-in', wire: { ...register, fr: 'S' }, outcome: '' },
  {
    what: 'registration with a C stem',
    topic: 'reg_req/cred/id-in',
    wire: { ...register, fr: 'C9' },
    outcome: '/id-in/C9',
  },
  { what: 'registration with an S stem', topic: 'reg_req/cred/id-in', wire: { ...register, fr: 'S9' }, outcome: '/S9' },
  { what: 'registration with a CSE-ID', topic: 'reg_req/cred/id-in', wire: { ...register, fr: '/mn1' }, outcome: 4000 },
  { what: 'a read on a registration topic', topic: 'reg_req/cred/id-in', wire: { ...read, fr: 'C1' }, outcome: 4000 },
  {
    what: 'a container on a registration topic',
    topic: 'reg_req/cred/id-in',
    wire: { ...register, ty: 3 },
    outcome: 4000,
  },
  {
    what: 'a remoteCSE on a registration topic',
    topic: 'reg_req/cred/id-in',
    wire: { ...register, ty: 16 },
    outcome: 5001,
  },
];

test('promise 4, decisions "Identity": the originator is who the topic says', async (context) => {
  for (const { what, topic, wire, outcome } of cases) {
    await context.test(what, async () => {
      const { receive, link, log } = await anIngress();
      await receive(new FakeMessage(`/oneM2M/${topic}/json`, { rqi: 'q', rvi: '3', ...wire }));
      if (typeof outcome === 'number') {
        assert.equal(link.published[0]?.payload.rsc, outcome);
        assert.equal(log.flights.length, 0);
      } else {
        assert.equal(link.published.length, 0);
        assert.equal(log.records()[0]?.head.originator, outcome);
      }
    });
  }
});

test('the record carries what the worker must know, and nothing is rewritten', async () => {
  const { receive, log } = await anIngress();
  await receive(
    new FakeMessage('/oneM2M/reg_req/2-k1:x/id-in/xml', `<${JSON.stringify({ ...register, fr: 'C9', rqi: 'q' })}>`),
  );
  const { head, payload } = log.records()[0]!;
  assert.equal(head.v, 1);
  assert.equal(head.kind, 'request');
  assert.equal(head.cse, 1);
  assert.equal(head.credential, '2-k1/x');
  assert.equal(head.topicLevel, '2-k1:x');
  assert.deepEqual(head.reply, { broker: 'default', topic: '/oneM2M/reg_resp/2-k1:x/id-in/xml', serialization: 'xml' });
  assert.match(String(head.key), /^[A-Za-z0-9_-]{21}[AQgw]$/);
  assert.match(String(head.traceparent), /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  assert.equal(payload.requestIdentifier, 'q');
});
