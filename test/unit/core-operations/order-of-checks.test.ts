/** Order and codes of refusals (TS-0004 7.2.2.2, TS-0004 7.3.3, TS-0004 7.3.2.1; TS-0004 7.3.2.1). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Asked, debugOf, type InputChanges, start, World } from './world.ts';

const alice = '/id-in/CAlice';
const bob = '/id-in/CBob';
const admin = '/id-in/CAdmin';

function world(): World {
  const world = new World();
  world.register('CAlice', { rn: 'ae1' });
  world.create('cse-in/ae1', 3, 'm2m:cnt', { rn: 'cnt1' }, alice);
  world.create('cse-in/ae1/cnt1', 4, 'm2m:cin', { rn: 'cin1', con: 'x' }, alice);
  world.create('cse-in/ae1', 3, 'm2m:cnt', { rn: 'empty' }, alice);
  world.create('cse-in/ae1', 3, 'm2m:cnt', { rn: 'hidden', disr: true }, alice);
  world.create('cse-in/ae1/hidden', 4, 'm2m:cin', { rn: 'cin1', con: 'x' }, alice);
  return world;
}

const cin = { content: { 'm2m:cin': { con: '1' } }, resourceType: 4 };
const refusals: [string, number, Asked, string, InputChanges?][] = [
  ['4004 for an absent target, also to those without rights', 4004, { operation: 2, to: 'cse-in/nothing' }, bob],
  ['4004 for an unstructured ID', 4004, { operation: 2, to: 'r000-0-0-0-0' }, bob],
  ['4004 for an AE-ID that nobody has', 4004, { operation: 2, to: 'CNobody' }, bob],
  ['4004 for another CSE: no route', 4004, { operation: 2, to: '/mn1/base' }, bob],
  ['4000 for a malformed address', 4000, { operation: 2, to: 'cse-in/' }, bob],
  ['4103 for a target without rights', 4103, { operation: 2, to: 'cse-in/ae1' }, bob],
  ['4005 before 4103: UPDATE of an instance', 4005, { operation: 3, to: 'cse-in/ae1/cnt1/cin1' }, bob],
  ['4005 for UPDATE of the CSEBase', 4005, { operation: 3, to: 'cse-in' }, admin],
  ['4005 for DELETE of the CSEBase', 4005, { operation: 4, to: '/id-in' }, admin],
  ['4005 before 4004: CREATE below la', 4005, { operation: 1, to: 'cse-in/nothing/la', ...cin }, alice],
  ['4005 for UPDATE of ol', 4005, { operation: 3, to: 'cse-in/ae1/cnt1/ol' }, alice],
  ['4005 with disr: an instance', 4005, { operation: 2, to: 'cse-in/ae1/hidden/cin1' }, alice],
  ['4005 with disr: la', 4005, { operation: 4, to: 'cse-in/ae1/hidden/la' }, alice],
  ['4004 for la without an instance', 4004, { operation: 2, to: 'cse-in/ae1/empty/la' }, alice],
  ['4004 for la of what is no container', 4004, { operation: 2, to: 'cse-in/ae1/la' }, alice],
  ['4000 for CREATE without ty', 4000, { operation: 1, to: 'cse-in/ae1', content: {} }, alice],
  ['4000 for CREATE of a type that nobody knows', 4000, { operation: 1, to: 'cse-in/ae1', resourceType: 999 }, alice],
  ['5001 for a type that is not built', 5001, { operation: 1, to: 'cse-in/ae1', resourceType: 9 }, alice],
  ['4108 for an AE below an AE', 4108, { operation: 1, to: 'cse-in/ae1', resourceType: 2 }, alice],
  ['4103 before 4108', 4103, { operation: 1, to: 'cse-in/ae1/cnt1/cin1', resourceType: 3 }, bob],
  ['4108 below an instance', 4108, { operation: 1, to: 'cse-in/ae1/cnt1/cin1', resourceType: 3 }, alice],
  [
    '5203 for a subscription below an instance',
    5203,
    { operation: 1, to: 'cse-in/ae1/cnt1/cin1', resourceType: 23 },
    alice,
  ],
  ['4108 for a CSEBase', 4108, { operation: 1, to: 'cse-in', resourceType: 5 }, admin],
  [
    '4000 for CREATE with fc',
    4000,
    { operation: 1, to: 'cse-in/ae1/cnt1', ...cin, filterCriteria: { ty: [3] } },
    alice,
  ],
  ['4000 for CREATE without content', 4000, { operation: 1, to: 'cse-in/ae1/cnt1', resourceType: 4 }, alice],
  [
    '4000 for content of another type',
    4000,
    { operation: 1, to: 'cse-in/ae1/cnt1', resourceType: 4, content: { 'm2m:cnt': {} } },
    alice,
  ],
  ['4000 for CREATE with rcn 4', 4000, { operation: 1, to: 'cse-in/ae1/cnt1', ...cin, resultContent: 4 }, alice],
  ['4000 for RETRIEVE with rcn 7', 4000, { operation: 2, to: 'cse-in/ae1', resultContent: 7 }, alice],
  [
    '4105 for a name that is taken',
    4105,
    { operation: 1, to: 'cse-in/ae1', resourceType: 3, content: { 'm2m:cnt': { rn: 'cnt1' } } },
    alice,
  ],
  [
    '4105 for a reserved name',
    4105,
    { operation: 1, to: 'cse-in/ae1', resourceType: 3, content: { 'm2m:cnt': { rn: 'fopt' } } },
    alice,
  ],
  ['4001 for a release that is not spoken', 4001, { operation: 2, to: 'cse-in/ae1', releaseVersion: '9' }, alice],
  ['5001 for an unknown parameter', 5001, { operation: 2, to: 'cse-in/ae1', unknownParameters: ['xyz'] }, alice],
  ['5001 for tokens', 5001, { operation: 2, to: 'cse-in/ae1', tokens: ['t'] }, alice],
  ['5206 for non-blocking synchronous', 5206, { operation: 2, to: 'cse-in/ae1', responseType: { value: 1 } }, alice],
  ['5001 for non-blocking asynchronous', 5001, { operation: 2, to: 'cse-in/ae1', responseType: { value: 2 } }, alice],
  [
    '4008 for a request that has expired',
    4008,
    { operation: 2, to: 'cse-in/nothing', requestExpirationTimestamp: '20250301T101459' },
    bob,
  ],
  [
    '4008 for a relative rqet, counted from reception',
    4008,
    { operation: 2, to: 'cse-in/ae1', requestExpirationTimestamp: '4000' },
    alice,
    { receivedAt: start - 5000 },
  ],
  ['4000 for a malformed rqet', 4000, { operation: 2, to: 'cse-in/ae1', requestExpirationTimestamp: 'soon' }, alice],
  [
    '4008 for a result that would be too late',
    4008,
    { operation: 2, to: 'cse-in/ae1', resultExpirationTimestamp: '20250301T101459' },
    alice,
  ],
  [
    '5001 for an execution time in the future',
    5001,
    { operation: 2, to: 'cse-in/ae1', operationExecutionTime: '60000' },
    alice,
  ],
  ['4000 without an originator', 4000, { operation: 2, to: 'cse-in' }, ''],
  ['5001 for NOTIFY to an AE', 5001, { operation: 5, to: 'cse-in/ae1', content: { 'm2m:sgn': {} } }, alice],
  ['4000 for NOTIFY with unknown content', 4000, { operation: 5, to: 'cse-in', content: { 'm2m:cnt': {} } }, admin],
  ['4005 for NOTIFY to a container', 4005, { operation: 5, to: 'cse-in/ae1/cnt1', content: { 'm2m:sgn': {} } }, alice],
  [
    '4000 for a discovery that is an UPDATE',
    4000,
    { operation: 3, to: 'cse-in/ae1', content: { 'm2m:ae': {} }, filterCriteria: { fu: 1 } },
    alice,
  ],
];

for (const [what, code, asked, originator, changes] of refusals) {
  test(what, () => {
    const known = world();
    const before = structuredClone([...known.rows]);
    const { response, changes: changed } = known.ask(asked, originator, changes);
    assert.equal(response.responseStatusCode, code, debugOf(response));
    assert.deepEqual(changed, []);
    assert.deepEqual([...known.rows], before);
  });
}

test('an error says what, to whom and from whom (TS-0004 6.4.2; decisions "Wire")', () => {
  const { response } = world().ask({ operation: 2, to: 'cse-in/nothing', requestIdentifier: 'q77' }, bob);
  assert.deepEqual(response, {
    responseStatusCode: 4004,
    requestIdentifier: 'q77',
    originator: '/id-in',
    originatingTimestamp: '20250301T101500,000',
    to: 'CBob',
    content: { 'm2m:dbg': 'There is no such resource.' },
    releaseVersion: '3',
  });
});

test('execution in the past, flexible and no response are executed as they come (TS-0004 6.3.4, TS-0004 6.3.3)', () => {
  const known = world();
  for (const more of [
    { operationExecutionTime: '20250301T101459' },
    { responseType: { value: 4 } },
    { responseType: { value: 5 } },
  ]) {
    assert.equal(known.retrieve('cse-in/ae1', alice, more).responseStatusCode, 2000);
  }
});

test('rset is echoed; a release 1 originator gets no rvi (TS-0004 7.3.2.1, TS-0004 6.4.2)', () => {
  const { releaseVersion, resultExpirationTimestamp } = world().ask(
    { operation: 2, to: 'cse-in/ae1', releaseVersion: undefined as never, resultExpirationTimestamp: '60000' },
    alice,
  ).response;
  assert.equal(releaseVersion, undefined);
  assert.equal(resultExpirationTimestamp, '60000');
});

test('ignoreUnknownParameters ignores what is unknown (decisions "Wire")', () => {
  const known = new World({ ignoreUnknownParameters: true });
  known.register('CAlice', { rn: 'ae1' });
  assert.equal(known.retrieve('cse-in/ae1', alice, { unknownParameters: ['xyz'] }).responseStatusCode, 2000);
});

test('NOTIFY to the CSEBase is taken in from who has the right (TS-0004 7.3.3)', () => {
  const known = world();
  const asked: Asked = { operation: 5, to: 'cse-in', content: { 'm2m:sgn': { sur: 'x' } } };
  assert.equal(known.ask(asked, admin).response.responseStatusCode, 2000);
  assert.equal(known.ask(asked, alice).response.responseStatusCode, 4103);
});

test('demandRegistration turns away who is not registered before policies are asked (decisions "Rights")', () => {
  const known = new World({ demandRegistration: true });
  known.register('CAlice', { rn: 'ae1' });
  assert.equal(known.retrieve('cse-in', alice).responseStatusCode, 2000);
  assert.equal(known.retrieve('cse-in', bob).responseStatusCode, 4103);
  assert.equal(known.retrieve('cse-in', '/mn1').responseStatusCode, 4103);
  known.register('CBob');
  assert.equal(known.retrieve('cse-in', bob).responseStatusCode, 2000);
});

test('what is not known becomes a need, and what the working set throws besides passes through (R9)', () => {
  const known = world();
  known.unknown.add('path');
  assert.deepEqual(known.decide({ operation: 2, to: 'cse-in/ae1/cnt1' }, alice), {
    kind: 'needs',
    needs: [{ kind: 'path', cse: 1, shard: known.rows.get('CAlice')?.shard, path: 'ae1/cnt1' }],
  });
  known.resourceAt = () => {
    throw new RangeError('batch must close');
  };
  assert.throws(() => known.decide({ operation: 2, to: 'cse-in/ae1/cnt1' }, alice), RangeError);
});
