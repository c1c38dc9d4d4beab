import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OldestUnprocessed } from '../../../../services/adapters/metered/oldest-unprocessed.ts';

function fetched(from: number, count: number, appendedAt: (offset: number) => number, partition = 1) {
  const records = Array.from({ length: count }, (_, index) => ({
    offset: from + index,
    appendedAt: appendedAt(from + index),
    value: Buffer.alloc(0),
  }));
  return { partition, fetchedOffset: from, nextOffset: from + count, records };
}

function assigned(): OldestUnprocessed {
  const oldest = new OldestUnprocessed();
  oldest.assigned(1);
  return oldest;
}

test('the age is that of the oldest fetched record that is not done', () => {
  const oldest = assigned();
  oldest.begun(1, 0);
  assert.equal(oldest.age(1, 10_000), 0);
  oldest.fetched(fetched(0, 300, (offset) => 1000 + offset));
  assert.equal(oldest.age(1, 10_000), 9000);
  oldest.done(1, 150);
  assert.equal(oldest.age(1, 10_000), 8900, 'exact to a hundred records');
  oldest.done(1, 300);
  assert.equal(oldest.age(1, 10_000), 0);
});

test('records that nobody fetches show a growing age', () => {
  const oldest = assigned();
  oldest.begun(1, 40);
  oldest.logEnds(1, 40, 5000);
  assert.equal(oldest.age(1, 6000), 0);
  oldest.logEnds(1, 45, 7000);
  oldest.logEnds(1, 60, 12_000);
  assert.equal(oldest.age(1, 20_000), 13_000, 'since they were seen first');
  oldest.fetched(fetched(40, 20, () => 6500));
  assert.equal(oldest.age(1, 20_000), 13_500, 'once fetched, by their append time');
  oldest.done(1, 60);
  oldest.logEnds(1, 60, 22_000);
  assert.equal(oldest.age(1, 23_000), 0);
});

test('a partition that cannot be taken over shows a growing age as soon as something comes', () => {
  const oldest = assigned();
  oldest.logEnds(1, 100, 1000);
  assert.equal(oldest.age(1, 2000), 0, 'nobody knows whether the hundred are done');
  oldest.logEnds(1, 101, 6000);
  assert.equal(oldest.age(1, 9000), 3000);
});

test('what began anew is counted from where it began, and a partition that went away is not counted', () => {
  const oldest = assigned();
  oldest.begun(1, 0);
  oldest.fetched(fetched(0, 10, () => 1000));
  oldest.begun(1, 4);
  assert.equal(oldest.age(1, 3000), 0);
  oldest.fetched(fetched(4, 6, () => 2000));
  assert.equal(oldest.age(1, 3000), 1000);
  oldest.done(1, 10);
  oldest.done(1, 7);
  oldest.logEnds(1, 10, 4000);
  assert.equal(oldest.age(1, 5000), 0, 'a late word about an earlier offset takes nothing back');
  oldest.revoked(1);
  assert.deepEqual(oldest.partitions, []);
  assert.equal(oldest.age(1, 9000), 0);
});
