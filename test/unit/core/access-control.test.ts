import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AccessOperation, type AccessQuestion, policyPermits } from '../../../services/core/access-control.ts';
import { cse } from './fixtures.ts';

const saturday = Date.UTC(2025, 2, 1, 10, 15, 0);

function permits(rule: object | object[], changes: Partial<AccessQuestion> = {}, rules: 'pv' | 'pvs' = 'pv'): boolean {
  const acr = (Array.isArray(rule) ? rule : [rule]).map((it) => ({ acor: ['all'], acop: 63, ...it }));
  const question = { originator: '/id-in/C1', operation: AccessOperation.retrieve, cse, at: saturday, ...changes };
  return policyPermits({ [rules]: { acr } }, rules, question);
}

const originators: [entry: string, originator: string, matches: boolean][] = [
  ['all', '/id-in/C1', true],
  ['all', '//other.example/in', true],
  ['C1', '/id-in/C1', true],
  ['/id-in/C1', '/id-in/C1', true],
  ['//sp.example/id-in/C1', '/id-in/C1', true],
  ['C2', '/id-in/C1', false],
  ['C1', '/mn1/C1', false],
  ['/mn1/C1', '/mn1/C1', true],
  ['Sabc', '/Sabc', true],
  ['/Sabc', '/Sabc', true],
  ['/id-in/Sabc', '/Sabc', true],
  ['//sp.example/Sabc', '/Sabc', true],
  ['/id-in', '/id-in', true],
  ['/mn1', '/mn1', true],
  ['//sp.example/mn1', '/mn1', true],
  ['//other.example/in', '//other.example/in', true],
  ['//other.example/id-in/C1', '/id-in/C1', false],
  ['C*', '/id-in/C1', true],
  ['C*', '/mn1/C1', false],
  ['C*', '/Sabc', false],
  ['S*', '/Sabc', true],
  ['/mn1/*', '/mn1/C1', true],
  ['/mn1/*', '/id-in/C1', false],
  ['/id-in/*', '/id-in/C1', true],
  ['//sp.example/*', '/id-in/C1', true],
  ['//sp.example/*', '//other.example/in/C1', false],
  ['//other.example/*', '//other.example/in/C1', true],
  ['*', '/mn1/C1', true],
  ['ALL', '/id-in/C1', false],
  ['cse-in/group1', '/id-in/C1', false],
];

test('TS-0004 7.3.3.15: acor names an originator in any written form, or covers it with *', () => {
  for (const [entry, originator, matches] of originators) {
    assert.equal(permits({ acor: ['nobody', entry] }, { originator }), matches, `${entry} for ${originator}`);
  }
});

test('TS-0004 7.3.3.15: acop permits the operations whose bits it has', () => {
  for (const operation of Object.values(AccessOperation)) {
    assert.equal(permits({ acop: operation }, { operation }), true);
    assert.equal(permits({ acop: 63 }, { operation }), true);
    assert.equal(permits({ acop: 63 - operation }, { operation }), false);
  }
  assert.deepEqual(Object.values(AccessOperation), [1, 2, 4, 8, 16, 32]);
});

test('TS-0003 7.1.5: any rule permits; no rules permit nothing', () => {
  assert.equal(permits([{ acor: ['C9'] }, { acor: ['C1'] }]), true);
  assert.equal(permits([{ acor: ['C9'] }, { acor: ['C1'], acop: 1 }]), false);
  const question = { originator: '/id-in/C1', operation: AccessOperation.retrieve, cse, at: saturday };
  assert.equal(policyPermits({ pv: {} }, 'pv', question), false);
  assert.equal(policyPermits({}, 'pv', question), false);
});

test('TS-0004 7.4.2: pv and pvs are asked separately', () => {
  const policy = { pv: { acr: [{ acor: ['C1'], acop: 2 }] }, pvs: { acr: [{ acor: ['C2'], acop: 2 }] } };
  const ask = (rules: 'pv' | 'pvs', originator: string) =>
    policyPermits(policy, rules, { originator, operation: AccessOperation.retrieve, cse, at: saturday });
  assert.deepEqual(
    [ask('pv', '/id-in/C1'), ask('pvs', '/id-in/C1'), ask('pv', '/id-in/C2'), ask('pvs', '/id-in/C2')],
    [true, false, false, true],
  );
});

const now = { actw: ['* * 8-18 * * 6 *'] };
const never = { actw: ['* * 8-18 * * 1-5 *'] };
const near = { acip: { ipv4: ['10.0.0.0/8'], ipv6: ['2001:db8::/32'] } };

const contexts: [what: string, acco: object[], ip: string | undefined, matches: boolean][] = [
  ['none', [], undefined, true],
  ['inside the window', [now], undefined, true],
  ['outside', [never], undefined, false],
  ['one of two contexts', [never, now], undefined, true],
  ['one of two windows', [{ actw: [...never.actw, ...now.actw] }], undefined, true],
  ['in the network', [near], '10.1.2.3', true],
  ['outside of it', [near], '11.1.2.3', false],
  ['IPv6', [near], '2001:db8::7', true],
  ['IPv6 outside', [near], '2001:db9::7', false],
  ['IPv4 written as IPv6', [near], '::ffff:10.1.2.3', true],
  ['no address known', [near], undefined, false],
  ['window and network', [{ ...now, ...near }], '10.1.2.3', true],
  ['network without window', [{ ...never, ...near }], '10.1.2.3', false],
  ['a single address', [{ acip: { ipv4: ['10.0.0.1'] } }], '10.0.0.2', false],
  ['everything', [{ acip: { ipv4: ['0.0.0.0/0'] } }], '8.8.8.8', true],
  ['a prefix within a byte', [{ acip: { ipv4: ['10.128.0.0/9'] } }], '10.127.0.1', false],
  ['something unknown', [{ ...now, aclr: { accc: ['DE'] } }], undefined, false],
];

test('TS-0003 7.1.5: one context must match, in it every part, in a part any value', () => {
  for (const [what, acco, ip, matches] of contexts) {
    assert.equal(permits({ acco }, ip === undefined ? {} : { ip }), matches, what);
  }
});

test('TS-0001 9.6.2.4: object details limit what may be created', () => {
  const create = AccessOperation.create;
  const cases: [what: string, acod: object[], changes: Partial<AccessQuestion>, matches: boolean][] = [
    ['a listed child', [{ chty: [3] }], { operation: create, targetType: 2, childType: 3 }, true],
    ['another child', [{ chty: [3] }], { operation: create, targetType: 2, childType: 4 }, false],
    ['below the right type', [{ ty: 2, chty: [3] }], { operation: create, targetType: 2, childType: 3 }, true],
    ['below another type', [{ ty: 5, chty: [3] }], { operation: create, targetType: 2, childType: 3 }, false],
    ['one of two', [{ chty: [4] }, { chty: [3] }], { operation: create, targetType: 2, childType: 3 }, true],
    [
      'a specialisation, which we do not have',
      [{ spty: { cnd: 'x' }, chty: [3] }],
      { operation: create, childType: 3 },
      false,
    ],
    ['no CREATE', [{ chty: [4] }], { operation: AccessOperation.retrieve }, true],
    ['no details', [], { operation: create, childType: 3 }, true],
  ];
  for (const [what, acod, changes, matches] of cases) assert.equal(permits({ acod }, changes), matches, what);
});

test('decisions "Rights": the authentication flag holds for everybody that the broker lets through', () => {
  assert.equal(permits({ acaf: true }), true);
  assert.equal(permits({ acaf: true, acor: ['C9'] }), false);
});
