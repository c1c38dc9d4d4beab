import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answered, createReadiness } from '../../../services/platform/readiness.ts';

test('a check that hangs does not hold within the time limit, is asked once, and holds again when it answers', async () => {
  let asked = 0;
  const answer = Promise.withResolvers<void>();
  const store = () => {
    asked++;
    return answered(answer.promise);
  };
  const readiness = createReadiness({ store, other: () => true }, 20);
  const [first, second] = await Promise.all([readiness.check(), readiness.check()]);
  assert.deepEqual(first, { store: false, other: true });
  assert.deepEqual(second, first);
  assert.deepEqual(await readiness.check(), first);
  assert.equal(asked, 1, 'questions do not pile up at a server that hangs');
  answer.resolve();
  assert.deepEqual(await readiness.check(), { store: true, other: true });
});

test('a check that throws or rejects does not hold, and is asked again', async () => {
  let away = true;
  const readiness = createReadiness({
    throws: () => {
      if (away) throw new Error('away');
      return true;
    },
    rejects: () => (away ? Promise.reject(new Error('away')) : Promise.resolve(true)),
  });
  assert.deepEqual(await readiness.check(), { throws: false, rejects: false });
  away = false;
  assert.deepEqual(await readiness.check(), { throws: true, rejects: true });
});
