import assert from 'node:assert/strict';
import { test } from 'node:test';
import { aHead, aResponder, settle } from './fakes.ts';

const answers = (...names: string[]) =>
  names.map((name) => aHead({ requestIdentifier: name, topic: `/oneM2M/resp/${name}/id-in/json` }));

test('R26: the contiguous prefix that the broker acknowledged is committed, per partition', async () => {
  const { fetch, broker, outbound } = await aResponder();
  await fetch(0, ...answers('a', 'b', 'c'));
  await fetch(1, ...answers('d'));
  assert.equal(broker.out.length, 4);
  broker.out[1]?.acknowledge();
  await settle();
  assert.deepEqual(outbound.committed, []);
  broker.out[3]?.acknowledge();
  await settle();
  assert.deepEqual(outbound.committed, [[1, 1]]);
  broker.out[0]?.acknowledge();
  await settle();
  assert.deepEqual(outbound.committed.at(-1), [0, 2]);
  broker.out[2]?.acknowledge();
  await settle();
  assert.deepEqual(outbound.committed.at(-1), [0, 3]);
});

test('R26: publishes in flight are bounded, and the order of a partition is kept', async () => {
  const { fetch, broker } = await aResponder({ settings: { publishesInFlight: 2 } });
  await fetch(0, ...answers('a', 'b', 'c', 'd'));
  assert.equal(broker.out.length, 2);
  broker.out[0]?.acknowledge();
  await settle();
  assert.equal(broker.out.length, 3);
  broker.out[1]?.acknowledge();
  broker.out[2]?.acknowledge();
  await settle();
  assert.deepEqual(
    broker.topics(),
    ['a', 'b', 'c', 'd'].map((name) => `/oneM2M/resp/${name}/id-in/json`),
  );
});

test('JSON is published as it stands in the record, XML is encoded, in the order of the log', async () => {
  const { fetch, broker } = await aResponder();
  const [first, second, third] = answers('a', 'b', 'c');
  await fetch(0, first!, { ...second!, serialization: 'xml' }, third!);
  assert.deepEqual(
    broker.out.map(({ payload }) => payload),
    ['{"rqi":"a"}', '<{"rqi":"b"}>', '{"rqi":"c"}'],
  );
});

test('records fetched twice are published once, and gaps of offsets count as done (R4)', async () => {
  const { fetch, broker, outbound } = await aResponder();
  await fetch(0, ...answers('a'));
  const again = { partition: 0, fetchedOffset: 0, nextOffset: 5, records: [] };
  outbound.handlers.batch(again);
  await settle();
  assert.deepEqual(outbound.committed, []);
  broker.out[0]?.acknowledge();
  await settle();
  outbound.handlers.batch({ ...again, fetchedOffset: 5, nextOffset: 9 });
  await settle();
  assert.deepEqual(outbound.committed.at(-1), [0, 9]);
  assert.equal(broker.out.length, 1);
});

test('a full queue pauses its partition and resumes it when there is room', async () => {
  const { fetch, broker, outbound } = await aResponder({
    settings: { publishesInFlight: 1, queuedPerPartition: 3, encodeBatch: 1 },
  });
  await fetch(0, ...answers('a', 'b', 'c', 'd', 'e', 'f'));
  assert.ok(outbound.paused.has(0));
  for (let i = 0; i < 5; i++) {
    broker.out[i]?.acknowledge();
    await settle();
  }
  assert.ok(!outbound.paused.has(0));
});

test('what is acknowledged after a partition was revoked is not committed', async () => {
  const { fetch, broker, outbound } = await aResponder();
  await fetch(0, ...answers('a'));
  outbound.handlers.revoked([0]);
  broker.out[0]?.acknowledge();
  await settle();
  assert.deepEqual(outbound.committed, []);
  outbound.handlers.assigned([0]);
  outbound.handlers.batch({ partition: 0, fetchedOffset: 0, nextOffset: 0, records: [] });
  await settle();
  assert.equal(broker.out.length, 1);
});

test('draining finishes what is out, commits it, and leaves the rest to others', async () => {
  const { responder, fetch, broker, outbound } = await aResponder({ settings: { publishesInFlight: 1 } });
  await fetch(0, ...answers('a', 'b'));
  const drained = responder.drain();
  assert.equal(responder.checks.taking?.(), false);
  await settle();
  assert.equal(outbound.stopped, false);
  broker.out[0]?.acknowledge();
  await drained;
  assert.deepEqual(outbound.committed, [[0, 1]]);
  assert.equal(broker.out.length, 1);
  assert.equal(outbound.stopped, true);
  assert.equal(broker.closed, 1);
});

test('each arrow has its failpoint', async () => {
  const { fetch, broker, passed } = await aResponder();
  await fetch(0, ...answers('a'));
  assert.deepEqual(passed, ['outbound-fetched', 'published']);
  broker.out[0]?.acknowledge();
  await settle();
  assert.deepEqual(passed, ['outbound-fetched', 'published', 'pubacked', 'offset-committed']);
});
