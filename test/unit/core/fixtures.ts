import assert from 'node:assert/strict';
import type { CseDescription } from '../../../services/core/cse.ts';
import type { StoredResource } from '../../../services/core/resource.ts';
import { CseError } from '../../../services/core/status-codes.ts';

export const cse: CseDescription = {
  number: 1,
  id: '/id-in',
  name: 'cse-in',
  serviceProvider: '//sp.example',
  baseId: 'rbase',
  registrationPatterns: ['*'],
  demandRegistration: false,
  ignoreUnknownParameters: false,
  maximumLifetime: 1e12,
  duplicateWindow: 120_000,
  credentialsPerDevice: false,
  pointsOfAccess: ['mqtt://127.0.0.1:1883'],
  notificationHosts: [],
};

export function aResource(changes: Partial<StoredResource> = {}): StoredResource {
  return {
    shard: 1,
    cse: 1,
    id: 'r1',
    parentId: 'C1',
    name: 'cnt1',
    type: 3,
    ancestors: 'C1',
    path: 'ae1/cnt1',
    version: 1,
    sequence: 0,
    expiresAt: null,
    size: 0,
    creator: '/id-in/C1',
    attributes: {},
    ...changes,
  };
}

/** What a call refuses with: its status code, 0 if it refuses nothing. Any other error fails the test. */
export function codeOf(call: () => unknown): number {
  try {
    call();
    return 0;
  } catch (error) {
    assert.ok(error instanceof CseError, `${String(error)}`);
    assert.ok(error.message.length > 10, 'a refusal says why');
    return error.code;
  }
}
