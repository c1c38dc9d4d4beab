import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createHostedCses, filtersOf } from '../../../services/ingress/hosted-cses.ts';
import { createTopicReader } from '../../../services/ingress/topic-reader.ts';
import { aCse, anIngress, FakeMessage } from './fakes.ts';

const second = aCse({ number: 2, id: '/id-b', serviceProvider: '//b.example' });
const reader = createTopicReader(createHostedCses([aCse(), second]), '');

test('TS-0010 6.4.2: a request topic names originator, receiver and serialization; its answer swaps the literal only', () => {
  const reading = reader.read('/oneM2M/req/id-in:C77/id-in/json');
  assert.ok(reading.kind === 'request');
  assert.equal(reading.cse.number, 1);
  assert.equal(reading.originator, '/id-in/C77');
  assert.equal(reading.originatorLevel, 'id-in:C77');
  assert.equal(reading.replyTopic, '/oneM2M/resp/id-in:C77/id-in/json');
  assert.equal(reading.serialization, 'json');
  assert.equal(reading.refusal, undefined);
});

test('TS-0010 6.4.4: the level of a registration topic is a credential, not an identity', () => {
  const reading = reader.read('/oneM2M/reg_req/2-k1@as.example/id-b/xml');
  assert.ok(reading.kind === 'request');
  assert.equal(reading.registration, true);
  assert.equal(reading.originator, '');
  assert.equal(reading.cse.number, 2);
  assert.equal(reading.replyTopic, '/oneM2M/reg_resp/2-k1@as.example/id-b/xml');
});

test('binding §6: forms of one ID are one identity, also of the receiver', () => {
  for (const level of ['C77', 'id-in:C77']) {
    const reading = reader.read(`/oneM2M/req/${level}/:sp.example:id-in/json`);
    assert.ok(reading.kind === 'request');
    assert.equal(reading.originator, '/id-in/C77');
  }
});

test('an answer names the CSE first and then who answers', () => {
  const reading = reader.read('/oneM2M/resp/id-in/Sabc/json');
  assert.ok(reading.kind === 'response');
  assert.equal(reading.responder, '/Sabc');
});

const broken: [topic: string, outcome: string | number][] = [
  ['/oneM2M/req/C1/id-in/cbor', 4015],
  ['/oneM2M/req/C1/id-in/JSON', 4015],
  ['/oneM2M/reg_req/cred/id-in/foo', 4015],
  ['/oneM2M/req/C1/id-in', 4000],
  ['/oneM2M/req/C1/id-in/json/more', 4000],
  ['/oneM2M/req/C1', 'wrong levels'],
  ['/oneM2M/req//id-in/json', 'wrong levels'],
  ['/oneM2M/req/C1/elsewhere/json', 'unknown CSE'],
  ['/oneM2M/resp/id-in/C1', 'wrong levels'],
  ['/oneM2M/resp/id-in/C1/json/more', 'wrong levels'],
  ['/oneM2M/resp/elsewhere/C1/json', 'unknown CSE'],
  ['/oneM2M/resp/id-in/C1/cbor', 'unknown type of an answer'],
  ['/oneM2M/resp/id-in/id-in/probe', 'probe'],
  ['/oneM2M/resp/id-in/C1/probe', 'unknown type of an answer'],
  ['/oneM2M/probe/x', 'foreign topic'],
  ['oneM2M/req/C1/id-in/json', 'foreign topic'],
];

test('decisions "Broken topics": answered where originator and receiver can be read, else counted', () => {
  for (const [topic, outcome] of broken) {
    const reading = reader.read(topic);
    if (typeof outcome === 'string') assert.deepEqual(reading, { kind: 'ignored', reason: outcome }, topic);
    else assert.equal(reading.kind === 'request' && reading.refusal?.code, outcome, topic);
  }
});

test('decisions "Broken topics": 4015 and wrong levels are answered as JSON, on the same topic with resp, with the rqi', async () => {
  const { receive, link, log } = await anIngress();
  const message = new FakeMessage('/oneM2M/req/C1/id-in/foo', { op: 2, to: 'cse-in', fr: 'C1', rqi: 'q', rvi: '2a' });
  const short = new FakeMessage('/oneM2M/req/C1/id-in', '<{"op":2,"rqi":"x"}>');
  await receive(message, short);
  const [unknown, levels] = link.published;
  assert.equal(unknown?.topic, '/oneM2M/resp/C1/id-in/foo');
  assert.equal(unknown?.payload.rsc, 4015);
  assert.equal(unknown?.payload.rqi, 'q');
  assert.equal(unknown?.payload.rvi, '2a');
  assert.equal(unknown?.payload.fr, '/id-in');
  assert.equal(levels?.topic, '/oneM2M/resp/C1/id-in');
  assert.equal(levels?.payload.rsc, 4000);
  assert.equal(levels?.payload.rqi, 'x');
  assert.deepEqual([message.acknowledged, short.acknowledged, log.flights.length], [1, 1, 0]);
});

test('decisions "Broken topics": a payload that is not of the type of the level is answered 4000, in that type', async () => {
  const { receive, link } = await anIngress();
  await receive(new FakeMessage('/oneM2M/req/C1/id-in/xml', { op: 2, rqi: 'q' }));
  assert.equal(link.published[0]?.topic, '/oneM2M/resp/C1/id-in/xml');
  assert.equal(link.published[0]?.payload.rsc, 4000);
  assert.ok(link.published[0]?.text.startsWith('<'));
});

test('what nobody can be told is counted and acknowledged; so are retained messages', async () => {
  const { receive, link, dropped } = await anIngress();
  const messages = [
    new FakeMessage('/oneM2M/req/C1', '{}'),
    new FakeMessage('/oneM2M/req/C1/elsewhere/json', '{}'),
    new FakeMessage('/oneM2M/req/C1/id-in/json', '{}', { retained: true }),
  ];
  await receive(...messages);
  assert.deepEqual(
    messages.map(({ acknowledged }) => acknowledged),
    [1, 1, 1],
  );
  assert.equal(link.published.length, 0);
  assert.deepEqual(await dropped(), { 'wrong levels': 1, 'unknown CSE': 1, retained: 1 });
});

test('R32: filters of each CSE; one that appears at run time is listened for, and two of one level are refused', async () => {
  assert.deepEqual(filtersOf(aCse(), ''), [
    '/oneM2M/req/+/id-in/#',
    '/oneM2M/reg_req/+/id-in/#',
    '/oneM2M/resp/id-in/#',
  ]);
  assert.throws(() => createHostedCses([aCse(), aCse({ number: 2 })]), /Two CSEs claim/);
  const { ingress, link, cses, clock, receive, log } = await anIngress();
  assert.equal(link.filters.length, 3);
  cses.push(second);
  await clock.advance(5000);
  assert.deepEqual(link.filters.slice(3), filtersOf(second, ''));
  await receive(new FakeMessage('/oneM2M/req/C1/id-b/json', { op: 2, to: 'x', fr: 'C1', rqi: 'q' }));
  assert.equal(log.records()[0]?.head.cse, 2);
  assert.equal(log.records()[0]?.head.originator, '/id-b/C1');
  assert.ok(Object.values(ingress.checks).every((check) => check()));
});

test('binding 6.6: levels in front of the standard topics', () => {
  const prefixed = createTopicReader(createHostedCses([aCse()]), 'abc/def');
  const reading = prefixed.read('abc/def/oneM2M/req/C1/id-in/json');
  assert.ok(reading.kind === 'request');
  assert.equal(reading.replyTopic, 'abc/def/oneM2M/resp/C1/id-in/json');
  assert.equal(prefixed.read('/oneM2M/req/C1/id-in/json').kind, 'ignored');
});
