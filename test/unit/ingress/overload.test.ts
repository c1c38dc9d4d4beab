import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeOwnRequestIdentifier } from '../../../services/contracts/request-identifiers.ts';
import { partitionOfShard } from '../../../services/core/sharding.ts';
import { aCreate, anIngress, FakeMessage, settle } from './fakes.ts';

const settings = { overloadAge: 5000, inFlightLimit: 1 };
const ownIdentifier = encodeOwnRequestIdentifier({
  kind: 'notification',
  shard: 99,
  subscription: 'r000-1-2-3-4',
  target: 0,
  number: 7,
  random: '0123456789abc',
});

test('R29: with the log away, what was never handed to a send is answered 5000 and acknowledged', async () => {
  const { receive, link, clock, log } = await anIngress({ settings });
  const [sent, waiting] = [aCreate({ rqi: 'a' }), aCreate({ rqi: 'b' })];
  await receive(sent, waiting);
  await clock.advance(5000);
  assert.equal(link.published.length, 0);
  await clock.advance(1500);
  assert.deepEqual(
    link.published.map(({ payload, topic }) => [payload.rqi, payload.rsc, topic]),
    [['b', 5000, '/oneM2M/resp/C1/id-in/json']],
  );
  assert.match(JSON.stringify(link.published[0]?.payload.pc), /same rqi/);
  assert.equal(waiting.acknowledged, 1);
  assert.equal(sent.acknowledged, 0);
  assert.equal(log.flights.length, 1);
});

test('R29: new requests are turned away at once while it lasts, and taken when it is over', async () => {
  const { receive, link, clock, log, acknowledgeAppends } = await anIngress({
    settings: { ...settings, inFlightLimit: 10 },
  });
  await receive(aCreate({ rqi: 'a' }));
  await clock.advance(6000);
  await receive(aCreate({ rqi: 'b' }));
  assert.equal(link.published[0]?.payload.rqi, 'b');
  await acknowledgeAppends();
  await receive(aCreate({ rqi: 'c' }));
  assert.deepEqual(
    log.records().map(({ payload }) => payload.requestIdentifier),
    ['a', 'c'],
  );
});

test('R29: what is marked DUP may have been sent by somebody before: it waits', async () => {
  const { receive, link, clock, log, acknowledgeAppends } = await anIngress({ settings });
  const duplicate = aCreate({ rqi: 'b' }, { duplicate: true });
  await receive(aCreate({ rqi: 'a' }), duplicate);
  await clock.advance(20_000);
  assert.equal(link.published.length, 0);
  assert.equal(duplicate.acknowledged, 0);
  await acknowledgeAppends();
  assert.equal(log.records().at(-1)?.payload.requestIdentifier, 'b');
});

test('R29: an answer of a device is never turned away', async () => {
  const { receive, link, clock, log, acknowledgeAppends } = await anIngress({ settings });
  const answer = new FakeMessage('/oneM2M/resp/id-in/C1/json', { rsc: 2000, rqi: ownIdentifier });
  await receive(aCreate());
  await receive(answer);
  await clock.advance(20_000);
  assert.equal(link.published.length, 0);
  await acknowledgeAppends();
  assert.equal(log.records().at(-1)?.head.kind, 'response');
});

test('R29: an expired request goes through the log like any other', async () => {
  const { receive, link, log } = await anIngress();
  await receive(aCreate({ rqet: '20000101T000000' }));
  assert.equal(link.published.length, 0);
  assert.equal(log.records().length, 1);
});

test('R19: an answer goes to the shard that its identifier names, with the responder of its topic', async () => {
  const { receive, log, acknowledgeAppends } = await anIngress();
  const answer = new FakeMessage('/oneM2M/resp/id-in/C1/json', { rsc: 2000, rqi: ownIdentifier, fr: 'C2' });
  await receive(answer);
  const { head, partition, payload } = log.records()[0]!;
  assert.equal(head.kind, 'response');
  assert.equal(head.shard, 99);
  assert.equal(head.responder, '/id-in/C1');
  assert.equal(partition, partitionOfShard(99, log.partitions));
  assert.equal(payload.responseStatusCode, 2000);
  await acknowledgeAppends();
  assert.equal(answer.acknowledged, 1);
});

test('binding 12: answers to nothing, and what is no answer, are counted and acknowledged', async () => {
  const { receive, log, link, dropped } = await anIngress();
  const messages = [
    new FakeMessage('/oneM2M/resp/id-in/C1/json', { rsc: 2000, rqi: 'invented' }),
    new FakeMessage('/oneM2M/resp/id-in/C1/json', { op: 2, to: 'cse-in', fr: 'C1', rqi: 'q' }),
    new FakeMessage('/oneM2M/resp/id-in/C1/json', 'rubbish'),
  ];
  await receive(...messages);
  assert.equal(log.flights.length + link.published.length, 0);
  assert.deepEqual(
    messages.map(({ acknowledged }) => acknowledged),
    [1, 1, 1],
  );
  assert.deepEqual(await dropped(), { 'answer to nothing': 1, 'no response on a response topic': 2 });
});

test('a response on a request topic is answered 4000', async () => {
  const { receive, link } = await anIngress();
  await receive(new FakeMessage('/oneM2M/req/C1/id-in/json', { rsc: 2000, rqi: 'q' }));
  await settle();
  assert.equal(link.published[0]?.payload.rsc, 4000);
});
