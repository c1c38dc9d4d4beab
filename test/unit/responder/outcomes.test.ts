import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AppendRefused } from '../../../services/ports/request-log.ts';
import { aHead, aResponder, FakeBroker, settle } from './fakes.ts';

const foreign = 'mqtt://other.example:1883';
const toUrl = aHead({
  kind: 'request',
  broker: foreign,
  topic: 'alerts/site4',
  requestIdentifier: 'n1',
  report: { shard: 5, when: 'always' },
});
const toAe = aHead({ kind: 'request', requestIdentifier: 'n2', report: { shard: 6, when: 'failure' } });
const reportOf = (rqi: string, shard: number, delivered: boolean, reason?: string) => ({
  v: 1,
  kind: 'report',
  cse: 1,
  shard,
  requestIdentifier: rqi,
  delivered,
  ...(reason === undefined ? {} : { reason }),
});

test('R26: the offset waits for the report to be in the log', async () => {
  const { fetch, brokers, requests, outbound } = await aResponder();
  const broker = new FakeBroker();
  brokers.set(foreign, broker);
  requests.automatic = false;
  await fetch(0, toUrl);
  assert.equal(broker.out[0]?.topic, 'alerts/site4');
  assert.equal(broker.out[0]?.timeLimit, 5000);
  broker.out[0]?.acknowledge();
  await settle();
  assert.deepEqual(requests.heads(), [reportOf('n1', 5, true)]);
  assert.equal(requests.appended[0]?.partition, 5 % requests.partitions);
  assert.deepEqual(outbound.committed, []);
  requests.pending[0]?.resolve();
  await settle();
  assert.deepEqual(outbound.committed, [[0, 1]]);
});

test('R26: an AE that answers itself is reported only when it cannot be reached', async () => {
  const { fetch, broker, requests, outbound } = await aResponder();
  await fetch(0, toAe, { ...toAe, requestIdentifier: 'n3' });
  broker.out[0]?.acknowledge();
  broker.out[1]?.fail('no such topic');
  await settle();
  assert.deepEqual(requests.heads(), [reportOf('n3', 6, false, 'no such topic')]);
  assert.deepEqual(outbound.committed.at(-1), [0, 2]);
});

test('R26, R27: a foreign broker that is not allowed, or not reached in time, counts as done and is reported', async () => {
  const { fetch, brokers, requests, outbound, clock } = await aResponder();
  await fetch(0, toUrl);
  assert.deepEqual(requests.heads(), [reportOf('n1', 5, false, 'host not allowed')]);
  const silent = new FakeBroker();
  silent.open = () => new Promise(() => {});
  brokers.set('mqtt://silent.example', silent);
  await fetch(0, { ...toUrl, broker: 'mqtt://silent.example', requestIdentifier: 'n4' });
  assert.equal(outbound.committed.at(-1)?.[1], 1);
  await clock.advance(5000);
  assert.deepEqual(requests.heads().at(-1), reportOf('n4', 5, false, 'the broker was not reached in time'));
  assert.deepEqual(outbound.committed.at(-1), [0, 2]);
});

test('R27: topics are checked again before sending', async () => {
  const { fetch, brokers, broker, requests, deadLetters } = await aResponder();
  brokers.set(foreign, new FakeBroker());
  for (const topic of ['a/+/b', 'a/#', '$SYS/x', 'a/$b', 'x/oneM2M/y', '']) await fetch(0, { ...toUrl, topic });
  assert.equal(brokers.get(foreign)?.out.length, 0);
  assert.deepEqual(
    requests.heads().map(({ delivered }) => delivered),
    Array(6).fill(false),
  );
  // A topic of the binding has the level oneM2M, of course.
  await fetch(0, toAe);
  assert.equal(broker.out.length, 1);
  assert.equal(deadLetters.appended.length, 0);
});

test('an expired notification is reported failed, an answer is never too late (R25)', async () => {
  const { fetch, broker, requests, outbound, clock } = await aResponder();
  await fetch(0, { ...toAe, expires: clock.time }, aHead({ expires: clock.time - 1 }), {
    ...toAe,
    expires: clock.time + 1,
  });
  assert.deepEqual(requests.heads(), [reportOf('n2', 6, false, 'expired before it could be published')]);
  assert.equal(broker.out.length, 2);
  assert.deepEqual(outbound.committed.at(-1), [0, 1]);
});

test('an unreadable record goes to the dead letters, whole, and the prefix advances when they have it', async () => {
  const { fetch, deadLetters, outbound, clock } = await aResponder();
  deadLetters.automatic = false;
  const bytes = Buffer.from('{"v":9,"kind":"response"}\nx');
  await fetch(0, bytes);
  assert.deepEqual(outbound.committed, []);
  deadLetters.pending[0]?.resolve();
  await settle();
  assert.deepEqual(outbound.committed, [[0, 1]]);
  const value = deadLetters.appended[0]!.value;
  assert.deepEqual(deadLetters.heads()[0], {
    v: 1,
    kind: 'dead-letter',
    cse: 0,
    step: 'responder/read',
    reason: 'a record of version 9',
    from: { log: 'outbound', partition: 0, offset: 0 },
    at: clock.time,
  });
  assert.deepEqual(value.subarray(value.indexOf('\n') + 1), bytes);
});

test('an answer that cannot be published or encoded goes to the dead letters', async () => {
  const codec = { encode: async () => [{ problem: 'no JSON' }] };
  const { fetch, broker, deadLetters, outbound } = await aResponder({ parts: { codec } });
  await fetch(0, aHead(), aHead({ requestIdentifier: 'q2', serialization: 'xml' }));
  broker.out[0]?.fail('refused by policy');
  await settle();
  assert.deepEqual(
    deadLetters
      .heads()
      .map(({ requestIdentifier, step, reason }) => [requestIdentifier, step, reason])
      .sort(),
    [
      ['q1', 'responder/publish', 'refused by policy'],
      ['q2', 'responder/encode', 'not encoded: no JSON'],
    ],
  );
  assert.deepEqual(outbound.committed.at(-1), [0, 2]);
});

test('a dead letter that is too large is kept without its payload', async () => {
  const { fetch, deadLetters, outbound } = await aResponder();
  deadLetters.automatic = false;
  await fetch(0, Buffer.from('rubbish'));
  deadLetters.pending[0]?.reject(new AppendRefused('too large'));
  await settle();
  const value = deadLetters.appended[1]!.value;
  assert.equal(value.indexOf('\n'), value.length - 1);
  deadLetters.pending[1]?.resolve();
  await settle();
  assert.deepEqual(outbound.committed, [[0, 1]]);
});

test('a report whose log is closed under it leaves the offset where it is', async () => {
  const { fetch, broker, requests, outbound } = await aResponder();
  requests.automatic = false;
  await fetch(0, toAe);
  broker.out[0]?.fail('gone');
  await settle();
  requests.pending[0]?.reject(new Error('closed'));
  await settle();
  assert.deepEqual(outbound.committed, []);
});
