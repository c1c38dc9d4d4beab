import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkSessionExpiry, SessionOutlivesWindow } from '../../../services/ingress/config.ts';
import { aCse } from './fakes.ts';

test('R18: a session expiry of half the duplicate window or more is refused', () => {
  const cses = [aCse({ duplicateWindow: 300_000 }), aCse({ id: '/id-b', duplicateWindow: 120_000 })];
  assert.doesNotThrow(() => checkSessionExpiry(59_999, cses));
  assert.throws(
    () => checkSessionExpiry(60_000, cses),
    (error: Error) => {
      assert.ok(error instanceof SessionOutlivesWindow);
      assert.match(error.message, /\/id-b \(120000 ms\)/);
      return true;
    },
  );
  assert.doesNotThrow(() => checkSessionExpiry(60_000, [aCse({ duplicateWindow: 0 })]));
});
