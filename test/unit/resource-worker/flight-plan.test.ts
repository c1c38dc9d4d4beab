import assert from 'node:assert/strict';
import { test } from 'node:test';
import { partsToHoldBack } from '../../../services/resource-worker/partition/flight-plan.ts';
import { aPart } from './partition-commits.ts';

test('R12: a part that relies on a row which another part of the flight changes is held back', () => {
  const policy = { cse: 1, shard: 7, id: 'policy' };
  const changing = aPart(1, { changes: [{ kind: 'update', resource: policy as never }] });
  const relying = aPart(2, { relied: [{ ...policy, version: 3 }] });
  const other = aPart(3, { relied: [{ cse: 1, shard: 7, id: 'another', version: 3 }] });
  assert.deepEqual([...partsToHoldBack([changing, relying, other])], [relying]);
});

test('R12: of two parts that rely on what the other changes, one flies', () => {
  const part = (partition: number, relied: string, changed: string) =>
    aPart(partition, {
      relied: [{ cse: 1, shard: 7, id: relied, version: 3 }],
      changes: [{ kind: 'update', resource: { cse: 1, shard: 7, id: changed } as never }],
    });
  assert.equal(partsToHoldBack([part(1, 'a', 'b'), part(2, 'b', 'a')]).size, 1);
});

test('R22: a registration is held back while a subscription of the CSEBase changes', () => {
  const subscribing = aPart(1, { changes: [{ kind: 'baseSubscriptions', action: 'change', cse: 1 }] });
  const registering = aPart(2, {
    reliedBaseSubscriptions: [{ cse: 1, version: 1 }],
    changes: [{ kind: 'baseSubscriptions', action: 'rely', cse: 1 }],
  });
  assert.deepEqual([...partsToHoldBack([subscribing, registering])], [registering]);
  assert.equal(partsToHoldBack([registering, aPart(3)]).size, 0);
});
