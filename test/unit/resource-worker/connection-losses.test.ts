import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionLosses } from '../../../services/resource-worker/partition/connection-losses.ts';

test('R12: three connection losses on one batch halve it, and on one record alone make it poison', () => {
  const losses = new ConnectionLosses();
  assert.deepEqual(
    [1, 2, 3].map(() => losses.limitAfter(100, 5)),
    [5, 5, 3],
  );
  assert.equal(losses.isPoison(100), false);
  assert.deepEqual(
    [1, 2, 3].map(() => losses.limitAfter(100, 1)),
    [1, 1, 1],
  );
  assert.equal(losses.isPoison(100), true);
  assert.equal(losses.isPoison(101), false);
});

test('R12: losses on different batches are outages, which wait', () => {
  const losses = new ConnectionLosses();
  assert.deepEqual(
    [100, 101, 102, 103].map((offset) => losses.limitAfter(offset, 5)),
    [5, 5, 5, 5],
  );
});
