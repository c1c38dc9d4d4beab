import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { batchOverhead, EntryQueue, recordOverhead } from '../../../../services/adapters/kafka/entry-queue.ts';

function queueOf(limits: Partial<ConstructorParameters<typeof EntryQueue>[0]>): EntryQueue {
  return new EntryQueue({ requestBytes: 1e9, batchBytes: 1e9, requestRecords: 1e9, ...limits });
}

/** One append a record, settled outcomes by its text. */
function fill(queue: EntryQueue, records: [number, string][], outcomes: string[] = []): void {
  for (const [partition, text] of records) {
    queue.add([{ partition, value: Buffer.from(text) }], {
      unacknowledged: 1,
      settled: false,
      resolve: () => outcomes.push(`${text} stored`),
      reject: () => outcomes.push(`${text} refused`),
    });
  }
}

const taken = (queue: EntryQueue) => queue.take().map(({ value }) => value.toString());

describe('what waits to be sent to Kafka', () => {
  it('goes as far as a request holds, and nothing overtakes', () => {
    const queue = queueOf({ requestBytes: 2 * (recordOverhead + 2) });
    fill(queue, [
      [0, 'aa'],
      [1, 'bb'],
      [0, 'cccc'],
      [1, 'd'],
    ]);
    assert.deepEqual(taken(queue), ['aa', 'bb']);
    assert.deepEqual(taken(queue), ['cccc']);
    assert.deepEqual(taken(queue), ['d']);
    assert.deepEqual(taken(queue), []);
  });

  it('goes as far as a record batch of one partition holds', () => {
    const queue = queueOf({ batchBytes: batchOverhead + 2 * (recordOverhead + 1) });
    fill(queue, [
      [0, 'a'],
      [1, 'b'],
      [0, 'c'],
      [1, 'd'],
      [0, 'e'],
      [2, 'f'],
    ]);
    assert.deepEqual(taken(queue), ['a', 'b', 'c', 'd']);
    assert.deepEqual(taken(queue), ['e', 'f']);
  });

  it('goes alone if it is larger than a request', () => {
    const queue = queueOf({ requestBytes: 10, requestRecords: 2 });
    fill(queue, [
      [0, 'x'.repeat(100)],
      [0, 'b'],
    ]);
    assert.equal(taken(queue)[0]?.length, 100);
    assert.deepEqual(taken(queue), ['b']);
  });

  it('is counted until it is acknowledged or refused', () => {
    const queue = queueOf({});
    const outcomes: string[] = [];
    fill(
      queue,
      [
        [0, 'aa'],
        [0, 'b'],
        [0, 'c'],
      ],
      outcomes,
    );
    const [first, ...rest] = queue.take();
    assert.ok(first);
    assert.deepEqual([queue.records, queue.bytes], [3, 4]);
    queue.acknowledge([first]);
    assert.deepEqual([queue.records, queue.bytes], [2, 2]);
    queue.refuse(rest, new Error('no'));
    assert.deepEqual([queue.records, queue.bytes], [0, 0]);
    assert.deepEqual(outcomes, ['aa stored', 'b refused', 'c refused']);
  });

  it('takes new bytes for what goes out again (R17)', () => {
    const queue = queueOf({});
    const append = { unacknowledged: 2, settled: false, resolve: () => {}, reject: () => {} };
    let calls = 0;
    const renewed = () => Buffer.from(`again ${++calls}`);
    queue.add([{ partition: 0, value: Buffer.from('a'), renewed }], append);
    queue.add([{ partition: 0, value: Buffer.from('b') }], append);
    const flight = queue.take();
    const sent = () => {
      queue.attempt(flight);
      return flight.map(({ value }) => value.toString());
    };
    assert.deepEqual(sent(), ['a', 'b']);
    assert.deepEqual(sent(), ['again 1', 'b']);
    assert.equal(queue.bytes, 8);
    assert.deepEqual(sent(), ['again 2', 'b']);
    queue.acknowledge(flight);
    assert.deepEqual([queue.records, queue.bytes], [0, 0]);
  });

  it('settles an append of several records once, with the last of them or the first refused', () => {
    const queue = queueOf({ requestRecords: 1 });
    const outcomes: string[] = [];
    const append = (name: string, count: number) =>
      queue.add(
        Array.from({ length: count }, () => ({ partition: 0, value: Buffer.from('x') })),
        {
          unacknowledged: count,
          settled: false,
          resolve: () => outcomes.push(`${name} stored`),
          reject: () => outcomes.push(`${name} refused`),
        },
      );
    append('two', 2);
    append('three', 3);
    queue.acknowledge(queue.take());
    assert.deepEqual(outcomes, []);
    queue.acknowledge(queue.take());
    queue.acknowledge(queue.take());
    queue.refuse(queue.take(), new Error('no'));
    queue.acknowledge(queue.take());
    assert.deepEqual(outcomes, ['two stored', 'three refused']);
  });
});
