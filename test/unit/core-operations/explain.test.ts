/** What `in-cse why` says of a decision is what was decided (issue 4 §4): `explainRequest` against `decide`. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from '../../../services/core/decide.ts';
import { explainRequest } from '../../../services/core/explain.ts';
import { type Asked, attributesIn, World } from './world.ts';

const alice = '/id-in/CAlice';
const bob = '/id-in/CBob';
const admin = '/id-in/CAdmin';

/** Codes by which rights and registration refuse. */
const refusals = [4103, 4117, 4126];

function world(changes: ConstructorParameters<typeof World>[0] = {}): World {
  const world = new World(changes);
  world.register('CAlice', { rn: 'ae1' });
  world.create('cse-in/ae1', 3, 'm2m:cnt', { rn: 'cnt1' }, alice);
  world.create('cse-in/ae1/cnt1', 4, 'm2m:cin', { rn: 'cin1', con: 'x' }, alice);
  return world;
}

function link(known: World, rule: object): string {
  const policy = { rn: 'acp1', pv: { acr: [rule] }, pvs: { acr: [{ acor: ['CAlice'], acop: 63 }] } };
  const id = String(attributesIn(known.create('cse-in/ae1', 1, 'm2m:acp', policy, alice).response).ri);
  assert.equal(known.update('cse-in/ae1/cnt1', 'm2m:cnt', { acpi: [id] }, alice).response.responseStatusCode, 2004);
  return id;
}

/** The steps, after they agreed with the decision. */
function explain(known: World, asked: Asked, originator: string): string {
  const input = known.input(asked, originator);
  const explained = explainRequest(input, known);
  assert.equal(explained.kind, 'explained');
  const decision = decide(input, known);
  assert.equal(decision.kind, 'answer');
  const code = decision.kind === 'answer' ? decision.response.responseStatusCode : 0;
  const { permitted, steps } = explained as Extract<typeof explained, { kind: 'explained' }>;
  const text = steps.join('\n');
  // Everything before the rights has agreed if it was not what refused.
  if (!steps[0]?.includes('before rights')) {
    assert.equal(permitted, !refusals.includes(code), `${code} to ${JSON.stringify(asked)} of ${originator}:\n${text}`);
  }
  return text;
}

const container = 'cse-in/ae1/cnt1';
const instance = { operation: 1, to: container, resourceType: 4, content: { 'm2m:cin': { con: '1' } } } as const;

test('creator, admin, and who is neither (TS-0001 9.6.1.3.2)', () => {
  const known = world();
  assert.match(
    explain(known, { operation: 2, to: container }, alice),
    /links no policies, and the originator is its creator/,
  );
  assert.match(
    explain(known, { operation: 2, to: container }, admin),
    /CAdmin is the admin of \/id-in: all is permitted/,
  );
  const refused = explain(known, { operation: 2, to: container }, bob);
  assert.match(refused, /The target is ae1\/cnt1, of type container/);
  assert.match(refused, /RETRIEVE is asked:/);
  assert.match(refused, /only its creator has rights, and that is \/id-in\/CAlice/);
  assert.match(refused, /Refused\.$/);
});

test('each part of a rule that does not fit is named with its policy and number (TS-0003 7.1.5)', () => {
  const cases: [rule: object, part: RegExp][] = [
    [{ acor: ['CBob'], acop: 2 }, /rule 1 of pv: does not name this operation \(acop\)/],
    [{ acor: ['CEve'], acop: 63 }, /rule 1 of pv: does not name this originator \(acor\)/],
    [{ acor: ['CBob'], acop: 63, acco: [{ actw: ['* * 3 * * * *'] }] }, /rule 1 of pv: does not hold now.*\(acco\)/],
    [{ acor: ['CBob'], acop: 63, acod: [{ chty: [3] }] }, /rule 1 of pv: does not allow to create this type \(acod\)/],
  ];
  for (const [rule, part] of cases) {
    const known = world();
    const id = link(known, rule);
    const text = explain(known, instance, bob);
    assert.match(text, /cnt1 \(.*\) links 1 policy \(acpi\)/);
    assert.ok(text.includes(`ae1/acp1 (${id}), rule 1`), text);
    assert.match(text, part);
    assert.match(text, /No rule of any linked policy permits it/);
  }
  const known = world();
  link(known, { acor: ['CBob'], acop: 1 });
  assert.match(explain(known, instance, bob), /rule 1 of pv: permits it/);
});

test('an instance has the rights of its container; a policy that is gone grants nothing', () => {
  const known = world();
  link(known, { acor: ['CBob'], acop: 2 });
  const text = explain(known, { operation: 2, to: `${container}/la` }, bob);
  assert.match(text, /has no policies of its own; those of ae1\/cnt1 .* decide/);
  known.delete('cse-in/ae1/acp1', alice);
  assert.match(explain(known, { operation: 2, to: container }, bob), /there is no such policy, so it grants nothing/);
});

test('a change of acpi asks pvs, anything else pv; a policy itself asks its pvs (TS-0004 7.3.3.4)', () => {
  const known = world();
  link(known, { acor: ['CBob'], acop: 63 });
  const change = (attributes: object): Asked => ({ operation: 3, to: container, content: { 'm2m:cnt': attributes } });
  assert.match(explain(known, change({ acpi: null }), bob), /rule 1 of pvs: does not name this originator/);
  assert.match(explain(known, change({ lbl: ['a'] }), bob), /rule 1 of pv: permits it/);
  assert.match(explain(known, change({ acpi: null }), alice), /rule 1 of pvs: permits it/);
  assert.match(explain(known, { operation: 2, to: 'cse-in/ae1/acp1' }, bob), /rule 1 of pvs: does not name this orig/);
});

test('registration: patterns, taken AE-IDs, and no policies (TS-0004 7.4.5.2)', () => {
  const known = world({ registrationPatterns: ['CA*'] });
  const registration: Asked = {
    operation: 1,
    to: 'cse-in',
    resourceType: 2,
    content: { 'm2m:ae': { api: 'N1', rr: true, srv: ['3'] } },
  };
  assert.match(explain(known, registration, bob), /accepted \(CA\*\).*Refused: /s);
  assert.match(explain(known, registration, alice), /Refused: An AE with this AE-ID is registered/);
  assert.match(explain(known, registration, '/id-in/CAnna'), /Registration asks no policies.*Permitted/s);
});

test('a CSE that serves registered AEs only says so before policies (decisions "Rights")', () => {
  const known = world({ demandRegistration: true });
  link(known, { acor: ['all'], acop: 63 });
  assert.match(
    explain(known, { operation: 2, to: container }, bob),
    /serves registered AEs only.*CBob is not registered/,
  );
  assert.match(explain(known, { operation: 2, to: container }, '/mn1'), /\/mn1 is no AE-ID of its own/);
  assert.match(explain(known, { operation: 2, to: container }, alice), /CAlice is registered/);
  assert.doesNotMatch(explain(known, { operation: 2, to: container }, admin), /registered AEs only/);
});

test('a discovery is never refused as a whole; a subscription asks two rights', () => {
  const known = world();
  const discovery: Asked = { operation: 2, to: container, filterCriteria: { fu: 1 } };
  assert.match(explain(known, discovery, bob), /DISCOVERY is asked.*never refused/s);
  link(known, { acor: ['CBob'], acop: 1 });
  const subscription: Asked = {
    operation: 1,
    to: container,
    resourceType: 23,
    content: { 'm2m:sub': { nu: ['mqtt://broker.example/topic'] } },
  };
  assert.match(explain(known, subscription, bob), /CREATE is asked.*Permitted.*RETRIEVE is asked.*Refused/s);
});

test('what is refused before rights says by what; what is not known is asked for', () => {
  const known = world();
  assert.match(explain(known, { operation: 2, to: 'cse-in/none' }, bob), /^4004, before rights are asked/);
  known.unknown.add('path');
  const explained = explainRequest(known.input({ operation: 2, to: container }, bob), known);
  assert.deepEqual(explained.kind === 'needs' && explained.needs.map(({ kind }) => kind), ['path']);
});

test('it agrees with the decision on every rule, operation and originator', () => {
  const rules = [0, 1, 2, 4, 8, 16, 32, 63].flatMap((acop) =>
    [['CBob'], ['all'], ['/id-in/C*'], ['//sp.example/id-in/CBob'], ['/mn1'], ['CEve']].flatMap((acor) =>
      [{}, { acod: [{ chty: [4] }] }, { acco: [{ actw: ['* * 3 * * * *'] }] }].map((more) => ({ acor, acop, ...more })),
    ),
  );
  const asked: Asked[] = [
    instance,
    { operation: 1, to: container, resourceType: 3, content: { 'm2m:cnt': {} } },
    { operation: 1, to: container, resourceType: 23, content: { 'm2m:sub': { nu: ['mqtt://broker.example/t'] } } },
    { operation: 2, to: container },
    { operation: 2, to: `${container}/la` },
    { operation: 2, to: `${container}/cin1` },
    { operation: 2, to: 'cse-in/ae1/acp1' },
    { operation: 2, to: 'cse-in' },
    { operation: 2, to: container, filterCriteria: { fu: 1 } },
    { operation: 3, to: container, content: { 'm2m:cnt': { lbl: ['b'] } } },
    { operation: 3, to: container, content: { 'm2m:cnt': { acpi: null } } },
    { operation: 4, to: container },
    { operation: 5, to: container, content: { 'm2m:sgn': {} } },
  ];
  for (const rule of rules) {
    for (const demandRegistration of [false, true]) {
      const known = world({ demandRegistration });
      if (rule.acop !== 0) link(known, rule);
      for (const request of asked)
        for (const originator of [alice, bob, admin, '/mn1', '/SEve']) explain(known, request, originator);
    }
  }
});
