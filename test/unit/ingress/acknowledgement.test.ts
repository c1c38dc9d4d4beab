import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DecodedPrimitive, unreadable } from '../../../services/codecs/ingress-batch.ts';
import type { OutgoingRecord } from '../../../services/ingress/outgoing-record.ts';
import { AppendRefused } from '../../../services/ports/request-log.ts';
import { aCodec, aCreate, aCse, anIngress, FakeMessage, fakeDecode, settle } from './fakes.ts';

const identifiers = (records: { payload: Record<string, unknown> }[]) =>
  records.map(({ payload }) => payload.requestIdentifier);

test('R28: a message is acknowledged after all replicas have its record, not before', async () => {
  const { receive, log, acknowledgeAppends } = await anIngress();
  const message = aCreate();
  await receive(message);
  assert.equal(log.flights.length, 1);
  assert.equal(message.acknowledged, 0);
  await acknowledgeAppends();
  assert.equal(message.acknowledged, 1);
});

test('R28: the order of arrival is restored, whichever codec thread is ready first', async () => {
  const out: ((results: DecodedPrimitive[]) => void)[] = [];
  const batches: { payload: Uint8Array; serialization: string }[][] = [];
  const codec = aCodec({
    decode: (batch) => {
      batches.push([...batch]);
      return new Promise((resolve) => out.push(resolve));
    },
  });
  const { receive, log } = await anIngress({ parts: { codec }, settings: { codecThreads: 3, decodeBatch: 2 } });
  await receive(...['a', 'b', 'c', 'd', 'e'].map((rqi) => aCreate({ rqi })));
  assert.equal(batches.length, 3);
  for (const index of [2, 1, 0]) {
    assert.equal(log.flights.length, 0);
    out[index]?.(batches[index]!.map(({ payload, serialization }) => fakeDecode(payload, serialization)));
    await settle();
  }
  assert.deepEqual(identifiers(log.records()), ['a', 'b', 'c', 'd', 'e']);
});

test('what arrives while a batch is out becomes the next batch', async () => {
  const sizes: number[] = [];
  const held: (() => void)[] = [];
  const codec = aCodec({
    decode: async (batch) => {
      sizes.push(batch.length);
      await new Promise<void>((resolve) => held.push(resolve));
      return batch.map(({ payload, serialization }) => fakeDecode(payload, serialization));
    },
  });
  const { receive } = await anIngress({ parts: { codec } });
  await receive(aCreate());
  await receive(aCreate(), aCreate());
  await receive(aCreate());
  held[0]?.();
  await settle();
  assert.deepEqual(sizes, [1, 3]);
});

test('R28: what the codecs give up is answered 4000 and acknowledged; a broken codec is a defect that ends the process', async () => {
  const failures: Error[] = [];
  const codec = aCodec({
    decode: async (batch) => {
      if (batch.some(({ payload }) => Buffer.from(payload).includes('defect'))) throw new Error('defect');
      return batch.map(({ payload }) =>
        Buffer.from(payload).includes('killer') ? unreadable : fakeDecode(payload, 'json'),
      );
    },
  });
  const { receive, log, link } = await anIngress({ parts: { codec, failed: (reason) => void failures.push(reason) } });
  const killer = aCreate({ rqi: 'killer' });
  await receive(aCreate({ rqi: 'a' }), killer, aCreate({ rqi: 'c' }));
  assert.deepEqual(identifiers(log.records()), ['a', 'c']);
  assert.equal(link.published[0]?.payload.rsc, 4000);
  assert.equal(killer.acknowledged, 1);
  const stuck = aCreate({ rqi: 'defect' });
  await receive(stuck);
  assert.equal(failures.length, 1);
  assert.equal(stuck.acknowledged, 0);
});

test('hand-ins to the log are bounded, and keep their order', async () => {
  const { receive, log, acknowledgeAppends } = await anIngress({ settings: { inFlightLimit: 2 } });
  await receive(...['a', 'b', 'c', 'd', 'e'].map((rqi) => aCreate({ rqi })));
  assert.deepEqual(identifiers(log.records()), ['a', 'b']);
  await acknowledgeAppends();
  assert.deepEqual(identifiers(log.records()), ['a', 'b', 'c', 'd']);
  await acknowledgeAppends();
  assert.deepEqual(identifiers(log.records()), ['a', 'b', 'c', 'd', 'e']);
});

test('R18: what was not sent when its connection went is dropped, unacknowledged; what was sent goes its way', async () => {
  const { receive, log, acknowledgeAppends, dropped } = await anIngress({ settings: { inFlightLimit: 1 } });
  const [sent, unsent, newer] = [aCreate({ rqi: 'a' }), aCreate({ rqi: 'b' }), aCreate({ rqi: 'c' })];
  await receive(sent, unsent, newer);
  sent.gone = true;
  unsent.gone = true;
  await acknowledgeAppends();
  assert.deepEqual(identifiers(log.records()), ['a', 'c']);
  assert.equal(sent.acknowledged, 1);
  assert.equal(unsent.acknowledged, 0);
  assert.deepEqual(await dropped(), { 'abandoned connection': 1 });
});

test('R17: an attempt that is repeated after half the window says since when', async () => {
  const { receive, log, clock } = await anIngress({ cses: [aCse({ duplicateWindow: 1000 })] });
  await receive(aCreate());
  const record = log.flights[0]?.records[0] as OutgoingRecord;
  // As a log calls it: not as a method.
  const { renewed } = record;
  const since = clock.time;
  assert.equal(renewed(), record.value);
  await clock.advance(500);
  assert.equal(renewed(), record.value);
  await clock.advance(1);
  const late = JSON.parse(renewed().toString('utf8').split('\n')[0] ?? '');
  const first = JSON.parse(record.value.toString('utf8').split('\n')[0] ?? '');
  assert.deepEqual(late, { ...first, since });
});

test('a record too large for the log is answered 4000, acknowledged and does not touch its neighbours', async () => {
  const { receive, log, link, acknowledgeAppends } = await anIngress({ settings: { recordBytes: 1000 } });
  const large = new FakeMessage('/oneM2M/req/C1/id-in/json', {
    op: 1,
    to: 'cse-in/ae1',
    fr: 'C1',
    rqi: `q${'x'.repeat(900)}`,
  });
  const small = aCreate({ rqi: 'a' });
  await receive(large, small);
  assert.equal(link.published[0]?.payload.rsc, 4000);
  assert.equal(large.acknowledged, 1);
  assert.deepEqual(identifiers(log.records()), ['a']);
  await acknowledgeAppends();
  assert.equal(small.acknowledged, 1);
});

test('a record that the log refuses is found among its neighbours', async () => {
  const { receive, log, link } = await anIngress();
  const [good, bad] = [aCreate({ rqi: 'a' }), aCreate({ rqi: 'b' })];
  await receive(good, bad);
  log.flights[0]?.reject(new AppendRefused('too large'));
  await settle();
  assert.equal(log.flights.length, 3);
  log.flights[1]?.resolve();
  log.flights[2]?.reject(new AppendRefused('too large'));
  await settle();
  assert.equal(good.acknowledged, 1);
  assert.equal(bad.acknowledged, 1);
  assert.deepEqual(
    link.published.map(({ payload }) => [payload.rqi, payload.rsc]),
    [['b', 4000]],
  );
});

test('an answer of ingress is with its broker before the request is acknowledged', async () => {
  const { receive, link } = await anIngress();
  link.automatic = false;
  const message = aCreate({ fr: 'C2' });
  await receive(message);
  assert.equal(message.acknowledged, 0);
  link.published[0]?.acknowledge();
  await settle();
  assert.equal(message.acknowledged, 1);
});

test('TS-0004 6.3.4.2.6: who wants no response gets none, but an acknowledgement', async () => {
  const { receive, link } = await anIngress();
  const message = aCreate({ fr: 'C2', rt: 5 });
  await receive(message);
  assert.equal(link.published.length, 0);
  assert.equal(message.acknowledged, 1);
});

test('draining unsubscribes, finishes what came, and then closes', async () => {
  const { ingress, receive, link, log, acknowledgeAppends } = await anIngress();
  const message = aCreate();
  await receive(message);
  const drained = ingress.drain();
  await settle();
  assert.deepEqual(link.events, ['drain']);
  assert.equal(ingress.checks.taking?.(), false);
  await acknowledgeAppends();
  await drained;
  assert.equal(message.acknowledged, 1);
  assert.deepEqual(link.events, ['drain', 'close']);
  assert.equal(log.closed, true);
});

test('each arrow has its failpoint', async () => {
  const { receive, passed, acknowledgeAppends } = await anIngress();
  await receive(aCreate());
  assert.deepEqual(passed, ['recv', 'parsed', 'produced-sent']);
  await acknowledgeAppends();
  assert.deepEqual(passed, ['recv', 'parsed', 'produced-sent', 'produced-acked', 'puback-written']);
});
