import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { MemoryRequestLog } from '../../../services/adapters/memory/request-log.ts';
import { reportContract } from '../../parts/contract-report.ts';
import { Collector } from './collector.ts';
import { record, requestLogContract, texts } from './suite.ts';

requestLogContract({
  name: 'memory',
  open: async ({ partitions, recordBytes }) =>
    new MemoryRequestLog({ name: 'memory', partitions, recordBytes, keep: true }),
  fetchRound: 20,
});

/** Lets everything run that is due without waiting. */
const settle = async () => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
};

describe('RequestLog: memory, as the embedded process uses it (R33)', () => {
  reportContract('request-log', 'memory');
  it('numbers records from where the consumer begins, also those that came before', async () => {
    const log = new MemoryRequestLog({ name: 'requests', partitions: 2 });
    const producer = await log.producer();
    await producer.append([record(0, 'early')]);
    const collector = new Collector();
    const consumer = await log.consumer({ group: 'g' });
    await consumer.start(collector.beginAt(consumer, (partition) => 1000 * (partition + 1)));
    await producer.append([record(0, 'late'), record(1, 'other')]);
    await collector.until('all', () => collector.count() === 3);
    assert.deepEqual(
      collector.recordsOf(0).map(({ offset, value }) => [offset, value.toString()]),
      [
        [1000, 'early'],
        [1001, 'late'],
      ],
    );
    assert.equal(collector.recordsOf(1)[0]?.offset, 2000);
    assert.deepEqual(await consumer.bounds(0), { start: 1000, end: 1002 });
    await log.close();
  });

  it('acknowledges a device when the consumer is done with all records of its append', async () => {
    const log = new MemoryRequestLog({ name: 'requests', partitions: 2 });
    const producer = await log.producer({ acknowledge: 'done' });
    const collector = new Collector();
    const consumer = await log.consumer({ group: 'g' });
    await consumer.start(collector.beginAt(consumer));
    const acknowledged: string[] = [];
    void producer.append([record(0, 'a')]).then(() => acknowledged.push('a'));
    void producer.append([record(0, 'b'), record(1, 'c')]).then(() => acknowledged.push('bc'));
    await collector.until('all', () => collector.count() === 3);
    await settle();
    assert.deepEqual(acknowledged, []);
    assert.deepEqual(producer.pending(), { records: 3, bytes: 3 });
    consumer.done(0, 1);
    await settle();
    assert.deepEqual(acknowledged, ['a']);
    consumer.done(0, 2);
    await settle();
    assert.deepEqual(acknowledged, ['a']);
    consumer.done(1, 1);
    await settle();
    assert.deepEqual(acknowledged, ['a', 'bc']);
    assert.deepEqual(producer.pending(), { records: 0, bytes: 0 });
    assert.deepEqual(await consumer.bounds(0), { start: 2, end: 2 });
    await log.close();
  });

  it('makes devices wait in turn while it is full, and never the CSE itself (R5)', async () => {
    const log = new MemoryRequestLog({ name: 'requests', partitions: 1, bound: 2 });
    const devices = await log.producer({ acknowledge: 'append', bounded: true });
    const internal = await log.producer();
    const collector = new Collector();
    const consumer = await log.consumer({ group: 'g' });
    await consumer.start(collector.beginAt(consumer));
    const acknowledged: string[] = [];
    for (const text of texts(0, 4)) void devices.append([record(0, text)]).then(() => acknowledged.push(text));
    await settle();
    assert.deepEqual(acknowledged, ['r0', 'r1']);
    await internal.append([record(0, 'internal')]);
    await settle();
    assert.deepEqual(collector.textsOf(0), ['r0', 'r1', 'internal']);
    consumer.done(0, 2);
    await settle();
    assert.deepEqual(acknowledged, ['r0', 'r1', 'r2']);
    consumer.done(0, 4);
    await settle();
    assert.deepEqual(acknowledged, ['r0', 'r1', 'r2', 'r3']);
    assert.deepEqual(collector.textsOf(0), ['r0', 'r1', 'internal', 'r2', 'r3']);
    await log.close();
  });

  it('delivers once a turn what was appended in it, without copying', async () => {
    const soon: (() => void)[] = [];
    const log = new MemoryRequestLog({
      name: 'requests',
      partitions: 2,
      batchRecords: 3,
      clock: { now: () => 5, soon: (callback) => void soon.push(callback) },
    });
    const turn = () => {
      for (const callback of soon.splice(0)) callback();
    };
    const producer = await log.producer();
    const collector = new Collector();
    const consumer = await log.consumer({ group: 'g' });
    await consumer.start(collector.beginAt(consumer));
    turn();
    turn();
    const appends = texts(0, 4).map((text) => record(0, text));
    for (const append of appends) await producer.append([append]);
    await producer.append([record(1, 'x')]);
    assert.equal(collector.batches.length, 0);
    turn();
    assert.deepEqual(
      collector.batches.map(({ partition, records }) => [partition, records.length]),
      [
        [0, 3],
        [1, 1],
      ],
    );
    assert.equal(collector.recordsOf(0)[0]?.value, appends[0]?.value);
    turn();
    assert.deepEqual(collector.textsOf(0), texts(0, 4));
    assert.ok(collector.recordsOf(0).every(({ appendedAt }) => appendedAt === 5));
    turn();
    turn();
    assert.equal(soon.length, 0);
    await log.close();
  });

  it('rejects what is not acknowledged when it is closed', async () => {
    const log = new MemoryRequestLog({ name: 'requests', partitions: 1 });
    const producer = await log.producer({ acknowledge: 'done' });
    const append = producer.append([record(0, 'a')]);
    const rejected = assert.rejects(append, /closed/);
    await log.close();
    await rejected;
  });
});
