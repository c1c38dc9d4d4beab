import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DuplicateWindow } from '../../../services/resource-worker/cache/duplicate-window.ts';
import { GenerationalMap } from '../../../services/resource-worker/cache/generational-map.ts';

test('a generational map keeps at least its capacity of the latest, and at most twice as many', () => {
  const map = new GenerationalMap<number>(10);
  for (let key = 0; key < 1000; key++) {
    map.set(String(key), key);
    assert.ok(map.size <= 20);
    for (let latest = Math.max(0, key - 9); latest <= key; latest++) assert.equal(map.get(String(latest)), latest);
  }
});

test('what is read stays, what is not goes, and a deletion reaches both generations', () => {
  const map = new GenerationalMap<number>(4);
  map.set('kept', 1);
  map.set('left', 2);
  for (let key = 0; key < 40; key++) {
    map.set(String(key), key);
    assert.equal(map.get('kept'), 1);
  }
  assert.equal(map.get('left'), undefined);
  map.delete('kept');
  assert.equal(map.get('kept'), undefined);
  map.clear();
  assert.equal(map.size, 0);
});

test('a value of null is a value: it says that nothing is there', () => {
  const map = new GenerationalMap<number | null>(2);
  map.set('a', null);
  map.set('b', 1);
  map.set('c', 1);
  assert.equal(map.get('a'), null);
});

/** Keys whose first words fall into few slots. */
function key(number: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeInt32LE(number % 7, 0);
  bytes.writeInt32LE(number, 12);
  return bytes;
}

test('R17: the window grows beyond its first table and forgets nobody', () => {
  const window = new DuplicateWindow(120_000, 10_000);
  for (let number = 0; number < 3000; number++)
    window.remember(key(number), { version: number + 1, reply: number, at: 5_000_000 });
  assert.equal(window.size, 3000);
  for (let number = 0; number < 3000; number++) {
    assert.deepEqual(window.find(key(number), 0), { version: number + 1, reply: number, at: 5_000_000 });
  }
  assert.equal(window.find(key(3000), 0), undefined);
});

test('R17: whatever is within the window is found, and the window turns over', () => {
  const length = 1000;
  const window = new DuplicateWindow(length, 10_000);
  for (let at = 10_000; at < 20_000; at += 10) {
    window.remember(key(at), { version: at, reply: -1, at });
    assert.ok(window.find(key(Math.max(10_000, at - length)), at - length), `at ${at}`);
    assert.ok(window.size <= 202 + 2, `${window.size} keys of 100 a window`);
  }
  assert.equal(window.find(key(10_000), 0), undefined);
});

test('R17: an answer before the window of its CSE is none', () => {
  const window = new DuplicateWindow(120_000, 10_000);
  window.remember(key(1), { version: 3, reply: 0, at: 1000 });
  assert.equal(window.find(key(1), 1001), undefined);
  assert.equal(window.find(key(1), 1000)?.version, 3);
});

test('R16: the later answer to a key counts', () => {
  const window = new DuplicateWindow(1000, 10_000);
  window.remember(key(1), { version: 3, reply: 0, at: 5000 });
  window.remember(key(1), { version: 9, reply: 4, at: 5500 });
  assert.deepEqual(window.find(key(1), 0), { version: 9, reply: 4, at: 5500 });
  assert.equal(window.size, 1);
});
