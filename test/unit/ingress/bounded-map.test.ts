import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BoundedMap } from '../../../services/ingress/bounded-map.ts';

test('keeps the newest and forgets in the order of setting; setting again renews the value, not the place', () => {
  const map = new BoundedMap<string, number>(3);
  for (const [key, value] of [
    ['a', 1],
    ['b', 2],
    ['a', 3],
    ['c', 4],
    ['d', 5],
  ] as const)
    map.set(key, value);
  assert.deepEqual(
    ['a', 'b', 'c', 'd'].map((key) => map.get(key)),
    [undefined, 2, 4, 5],
  );
  for (let n = 0; n < 1000; n++) map.set(`n${n}`, n);
  assert.equal(map.size, 3);
  assert.deepEqual(
    ['n996', 'n997', 'n998', 'n999'].map((key) => map.get(key)),
    [undefined, 997, 998, 999],
  );
});
