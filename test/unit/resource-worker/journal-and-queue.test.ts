import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { FetchedBatch, LogConsumer } from '../../../services/ports/request-log.ts';
import {
  packEmissions,
  packKeys,
  TargetLog,
  unpackEmissions,
  unpackKeys,
} from '../../../services/resource-worker/partition/journal.ts';
import { PartitionQueue } from '../../../services/resource-worker/partition/queue.ts';

test('R25: what a journal row gives back is what was put in, byte for byte', () => {
  const emissions = [
    { log: TargetLog.outbound, partition: 3, frame: Buffer.from('first') },
    { log: TargetLog.requests, partition: 70_000, frame: Buffer.alloc(0) },
    { log: TargetLog.deadLetters, partition: 0, frame: Buffer.alloc(100_000, 7) },
  ];
  assert.deepEqual(unpackEmissions(packEmissions(emissions)), emissions);
  assert.deepEqual(unpackEmissions(packEmissions([])), []);
});

test('R17: keys are 16 bytes each, with the shard that decided', () => {
  const keys = [1, 2, 3].map((byte) => ({ key: Buffer.alloc(16, byte), shard: 4000 + byte, reply: byte }));
  const packed = packKeys(keys);
  assert.equal(packed.length, 54);
  assert.equal(packed.readUInt16BE(16), 4001);
  assert.deepEqual(
    unpackKeys(packed),
    keys.map(({ key }) => key),
  );
});

function aConsumer() {
  const calls: string[] = [];
  const consumer = {
    begin: (partition: number, offset: number) => void calls.push(`begin ${partition} ${offset}`),
    pause: (partition: number) => void calls.push(`pause ${partition}`),
    resume: (partition: number) => void calls.push(`resume ${partition}`),
  } as unknown as LogConsumer;
  return { calls, consumer };
}

function fetched(
  fetchedOffset: number,
  offsets: number[],
  nextOffset = (offsets.at(-1) ?? fetchedOffset) + 1,
): FetchedBatch {
  const records = offsets.map((offset) => ({ offset, appendedAt: offset, value: Buffer.alloc(0) }));
  return { partition: 2, fetchedOffset, nextOffset, records };
}

test('R4: a fetch is taken if it continues what is queued, gaps within it or before it included', () => {
  const { calls, consumer } = aConsumer();
  const queue = new PartitionQueue(consumer, 2, 100);
  queue.begin(10);
  assert.equal(queue.put(fetched(10, [10, 11])), 'queued');
  assert.equal(queue.put(fetched(12, [14, 17], 20)), 'queued');
  assert.equal(queue.put(fetched(20, [20])), 'queued');
  assert.deepEqual(
    queue.first(9).map(({ offset }) => offset),
    [10, 11, 14, 17, 20],
  );
  assert.equal(queue.end, 21);
  assert.deepEqual(calls, ['begin 2 10']);
});

test('R4: any other fetch makes the log begin again where the queue ends; the second one in a row is suspicious', () => {
  const { calls, consumer } = aConsumer();
  const queue = new PartitionQueue(consumer, 2, 100);
  queue.begin(10);
  assert.equal(queue.put(fetched(0, [10, 11])), 'elsewhere');
  assert.equal(queue.put(fetched(12, [12])), 'suspicious');
  assert.deepEqual(calls, ['begin 2 10', 'begin 2 10', 'begin 2 10']);
  assert.equal(queue.length, 0);
  assert.equal(queue.put(fetched(10, [10])), 'queued');
  assert.equal(queue.put(fetched(0, [0])), 'elsewhere', 'counted anew after one that fits');
});

test('R4: to begin anew drops what is queued', () => {
  const { consumer } = aConsumer();
  const queue = new PartitionQueue(consumer, 2, 100);
  queue.begin(10);
  queue.put(fetched(10, [10, 11]));
  queue.begin(10);
  assert.equal(queue.length, 0);
  assert.equal(queue.put(fetched(10, [10])), 'queued');
});

test('R7: a full queue pauses its partition once, and lets it go on at half', () => {
  const { calls, consumer } = aConsumer();
  const queue = new PartitionQueue(consumer, 2, 4);
  queue.begin(0);
  queue.put(fetched(0, [0, 1, 2, 3]));
  assert.deepEqual(calls, ['begin 2 0']);
  queue.put(fetched(4, [4]));
  queue.put(fetched(5, [5]));
  assert.deepEqual(calls, ['begin 2 0', 'pause 2']);
  queue.drop(4);
  assert.deepEqual(calls, ['begin 2 0', 'pause 2'], 'two of four are left');
  queue.drop(1);
  assert.deepEqual(calls, ['begin 2 0', 'pause 2', 'resume 2']);
  assert.equal(queue.first(1)[0]?.offset, 5);
});

test('R7: a paused partition that begins anew is not left paused', () => {
  const { calls, consumer } = aConsumer();
  const queue = new PartitionQueue(consumer, 2, 1);
  queue.begin(0);
  queue.put(fetched(0, [0, 1]));
  queue.begin(1);
  assert.deepEqual(calls, ['begin 2 0', 'pause 2', 'resume 2', 'begin 2 1']);
});
