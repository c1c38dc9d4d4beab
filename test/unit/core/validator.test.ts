/** Values and rules that only one type has. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Limits, shorterLists } from '../../../services/core/limits.ts';
import type { Attributes } from '../../../services/core/primitives.ts';
import type { ResourceTypeDefinition } from '../../../services/core/resource-types/definition.ts';
import { resourceTypeByMember } from '../../../services/core/resource-types/registry.ts';
import { eventTypesOf } from '../../../services/core/resource-types/subscription.ts';
import {
  type CheckOptions,
  checkCreate,
  checkResult,
  checkUpdate,
} from '../../../services/core/resource-types/validator.ts';
import { CseError } from '../../../services/core/status-codes.ts';
import { codeOf } from './fixtures.ts';

function definitionOf(member: string): ResourceTypeDefinition {
  const definition = resourceTypeByMember(member);
  assert.ok(definition);
  return definition;
}

type Case = [what: string, attributes: Attributes, code: number, options?: CheckOptions];

function creates(member: string, cases: Case[], base: Attributes = {}): void {
  for (const [what, attributes, code, options] of cases) {
    assert.equal(
      codeOf(() => checkCreate(definitionOf(member), { ...base, ...attributes }, options)),
      code,
      what,
    );
  }
}

const rule = (changes: Attributes = {}) => ({ acr: [{ acor: ['CAdmin'], acop: 63, ...changes }] });

/** As many values as a list may hold. */
function many(list: string): string[] {
  return Array.from({ length: shorterLists[list] ?? 0 }, (_, n) => `x${n}`);
}

test('issue 4 §2: rules of a policy, originators of a rule and targets of a subscription are bounded', () => {
  const rules = many('acr').map((acor) => ({ acor: [acor], acop: 1 }));
  const pvs = { acr: [{ acor: ['C1'], acop: 63 }] };
  creates('m2m:acp', [
    ['as many as there may be', { pv: { acr: rules }, pvs }, 0],
    ['one rule more', { pv: { acr: [...rules, rules[0]] }, pvs }, 4000],
    ['as many originators as there may be', { pv: { acr: [{ acor: many('acor'), acop: 1 }] }, pvs }, 0],
    ['one originator more', { pv: { acr: [{ acor: [...many('acor'), 'x'], acop: 1 }] }, pvs }, 4000],
  ]);
  creates('m2m:sub', [
    ['as many targets as there may be', { nu: many('nu') }, 0],
    ['one more', { nu: [...many('nu'), 'x'] }, 4000],
  ]);
});

test('TS-0004 7.4.7: con is anything but null, an empty string too; a value that is no string is kept as text', () => {
  creates('m2m:cin', [
    ['text', { con: 'x' }, 0],
    ['empty text', { con: '' }, 0],
    ['verbatim', { con: { $json: '1.10' } }, 0],
    ['null', { con: null }, 4000],
    ['undefined', { con: undefined }, 4000],
  ]);
});

test('TS-0004 6.3.4.2.28: cnf is mediatype:encoding[:security]', () => {
  const cases: [string, number][] = [
    ['text/plain:0', 0],
    ['application/json:1:0', 0],
    ['text/plain;charset=utf-8:0', 0],
    ['application/octet-stream:2:5', 0],
    ['text/plain', 4000],
    ['text/plain:3', 4000],
    ['text/plain:0:6', 4000],
    ['text/plain:0:0:0', 4000],
    ['text:0', 4000],
    ['/plain:0', 4000],
    ['text/:0', 4000],
    ['text/plain:', 4000],
    ['text/plain:00', 4000],
    ['', 4000],
  ];
  creates(
    'm2m:cin',
    cases.map(([cnf, code]): Case => [cnf, { cnf }, code]),
    { con: 'x' },
  );
});

test('TS-0004 7.3.3 "cr": null asks for it, a value is 4000, also on a type that has no creator', () => {
  creates(
    'm2m:cin',
    [
      ['null', { cr: null }, 0],
      ['a value', { cr: 'C1' }, 4000],
    ],
    { con: 'x' },
  );
  creates('m2m:cnt', [
    ['null', { cr: null }, 0],
    ['its own name', { cr: '/id-in/C1' }, 4000],
  ]);
  creates('m2m:acp', [['no creator here', { cr: null }, 4000]], { pv: {}, pvs: rule() });
});

test('TS-0004 7.4.6: mni, mbs and mia are integers from 0 on; li and the counters are for the CSE alone', () => {
  creates('m2m:cnt', [
    ['zero', { mni: 0, mbs: 0, mia: 0 }, 0],
    ['negative', { mni: -1 }, 4000],
    ['broken', { mbs: 1.5 }, 4000],
    ['text', { mia: '5' }, 4000],
    ['beyond exact integers', { mbs: 2 ** 53 }, 4000],
    ['li', { li: 'x' }, 4000],
    ['cni', { cni: 0 }, 4000],
    ['disr', { disr: true }, 0],
    ['announcement', { at: ['/mn1'] }, 5001],
    ['announcement of the wrong type', { at: '/mn1' }, 4000],
    ['custodian (R4)', { cstn: 'C1' }, 5001],
    ['location (R4)', { loc: { typ: 1, crd: [1, 2] } }, 0],
    ['location as text, after ACME', { loc: { typ: 3, crd: '[[[1,2],[3,4],[1,2]]]' } }, 0],
    ['location without coordinates', { loc: { typ: 1, crd: [] } }, 4000],
    ['location beyond numbers', { loc: { typ: 1, crd: ['a'] } }, 4000],
    ['experimental (R5)', { subi: ['x'] }, 4000],
    ['labels', { lbl: ['a', 'key:value', 'living room'] }, 0],
    ['as many labels as a list may have', { lbl: Array.from({ length: Limits.listMembers }, () => 'a') }, 0],
    ['one more', { lbl: Array.from({ length: Limits.listMembers + 1 }, () => 'a') }, 4000],
    ['as long a label as there may be', { lbl: ['a'.repeat(Limits.labelLength)] }, 0],
    ['a longer one', { lbl: ['a'.repeat(Limits.labelLength + 1)] }, 4000],
    ['as many policies as there may be', { acpi: many('acpi') }, 0],
    ['one more', { acpi: [...many('acpi'), 'x'] }, 4000],
    ['as long an ID as there may be', { acpi: ['a'.repeat(Limits.addressLength)] }, 0],
    ['a longer one', { acpi: ['a'.repeat(Limits.addressLength + 1)] }, 4000],
    ['no labels', { lbl: [] }, 4000],
    ['an empty label', { lbl: [''] }, 4000],
    ['a label with a tab', { lbl: ['a\tb'] }, 4000],
    ['a label with a blank at its end', { lbl: ['a '] }, 4000],
    ['a label that is no text', { lbl: [1] }, 4000],
    ['et', { et: '20990101T000000' }, 0],
    ['et with a zone', { et: '2099-01-01T00:00:00Z' }, 4000],
  ]);
});

test('TS-0004 7.4.5.2.1: api begins with N, R or r; api, rr and srv are mandatory', () => {
  const whole = { api: 'Nmeter', rr: true, srv: ['3'] };
  creates(
    'm2m:ae',
    [
      ['the least', {}, 0],
      ['registered', { api: 'Ra01.com.acme.meter' }, 0],
      ['tolerated', { api: 'r1' }, 0],
      ['other', { api: 'meter' }, 4000],
      ['the letter alone', { api: 'N' }, 4000],
      ['without rr', { rr: undefined }, 4000],
      ['rr as text', { rr: 'true' }, 4000],
      ['poa', { poa: ['mqtt://127.0.0.1:1883', 'HTTP://host/path'] }, 0],
      ['poa that is no URI', { poa: ['host'] }, 4000],
      ['poa with a blank', { poa: ['mqtt://a b'] }, 4000],
      ['no poa', { poa: [] }, 4000],
      ['srv as number', { srv: [3] }, 4000],
      ['csz in both spellings', { csz: ['json', 'application/xml', 'application/vnd.onem2m-res+json'] }, 0],
      ['csz of its own', { csz: ['yaml'] }, 4000],
      [
        'informational attributes',
        { apn: 'x', or: 'u', nl: 'n', mei: 'a@b', tren: true, scp: ['a'], tri: 1, trn: 2 },
        0,
      ],
      ['tracking off', { trps: false }, 0],
      ['tracking on', { trps: true }, 5001],
    ],
    whole,
  );
});

test('TS-0004 7.4.5: an originator of release 1 sends no srv', () => {
  const given = { api: 'Nmeter', rr: true };
  creates('m2m:ae', [
    ['release 1', given, 0, { releaseOne: true }],
    ['later', given, 4000],
    ['release 1 must give the rest', { api: 'Nmeter' }, 4000, { releaseOne: true }],
  ]);
  assert.equal(
    codeOf(() => checkResult(definitionOf('m2m:ae'), given)),
    0,
    'and none is demanded at its updates',
  );
});

test('TS-0004 7.4.2: pvs holds a rule, pv may be empty', () => {
  creates('m2m:acp', [
    ['the least', { pv: {}, pvs: rule() }, 0],
    ['empty lists', { pv: { acr: [] }, pvs: rule() }, 0],
    ['pvs empty', { pv: {}, pvs: {} }, 4000],
    ['pvs without rules', { pv: {}, pvs: { acr: [] } }, 4000],
    ['distributed authorization', { pv: {}, pvs: rule(), adri: ['x'] }, 5001],
    ['the plain array', { pv: [], pvs: rule() }, 4000],
  ]);
  const acp = definitionOf('m2m:acp');
  assert.equal(
    codeOf(() => checkResult(acp, { pv: {}, pvs: {} })),
    4000,
  );
  assert.equal(
    codeOf(() => checkResult(acp, { pv: {}, pvs: rule() })),
    0,
  );
});

test('TS-0004 6.3.5.25: a rule has originators, operations, and whatever narrows it', () => {
  const window = { actw: ['* * 8-18 * * 1-5 *'] };
  const cases: [what: string, changes: Attributes, code: number][] = [
    ['as it is', {}, 0],
    ['operations 0', { acop: 0 }, 4000],
    ['operations 64', { acop: 64 }, 4000],
    ['operations as text', { acop: '63' }, 4000],
    ['no originators', { acor: [] }, 4000],
    ['originators missing', { acor: undefined }, 4000],
    ['one originator, no list', { acor: 'all' }, 4000],
    ['an empty originator', { acor: [''] }, 4000],
    ['a window', { acco: [window] }, 0],
    ['a broken window', { acco: [{ actw: ['* * 25 * * * *'] }] }, 4000],
    ['networks', { acco: [{ acip: { ipv4: ['10.0.0.0/8'], ipv6: ['2001:db8::/32'] } }] }, 0],
    ['a broken network', { acco: [{ acip: { ipv4: ['10.0.0/8'] } }] }, 4000],
    ['a region', { acco: [{ aclr: { accc: ['DE'] } }] }, 5001],
    ['a region of two kinds', { acco: [{ aclr: { accc: ['DE'], accr: [1, 2, 3] } }] }, 4000],
    ['a window and a region', { acco: [{ ...window, aclr: { accr: [1, 2, 3] } }] }, 5001],
    ['contexts that are no list', { acco: window }, 4000],
    ['authentication', { acaf: true }, 0],
    ['object details', { acod: [{ chty: [3, 4], ty: 2 }] }, 0],
    ['object details without children', { acod: [{ ty: 2 }] }, 4000],
    ['object details of no type', { acod: [{ chty: [33] }] }, 4000],
    ['attributes (R4)', { aca: ['lbl'] }, 5001],
    ['a member of its own', { acxx: 1 }, 4000],
  ];
  creates(
    'm2m:acp',
    cases.map(([what, changes, code]): Case => [what, { pv: rule(changes) }, code]),
    { pvs: rule() },
  );
});

test('TS-0004 7.4.8: nu is there and not empty; what is not built yet is 5001', () => {
  creates(
    'm2m:sub',
    [
      ['the least', {}, 0],
      ['nu empty', { nu: [] }, 4000],
      ['nu is no list', { nu: 'C1' }, 4000],
      ['nu with a blank', { nu: ['C 1'] }, 4000],
      ['exc', { exc: 1 }, 0],
      ['exc 0', { exc: 0 }, 4000],
      ['su', { su: 'C1' }, 0],
      ['pn: all are kept anyway', { pn: 2 }, 0],
      ['pn: latest', { pn: 1 }, 5001],
      ['pn of its own', { pn: 3 }, 4000],
      ['ln as it is', { ln: false }, 0],
      ['ln', { ln: true }, 5001],
      ['batches', { bn: { num: 3 } }, 5001],
      ['batches of the wrong type', { bn: { num: '3' } }, 4000],
      ['rates', { rl: { mnn: 1, tww: 'PT1S' } }, 5001],
      ['rates without window', { rl: { mnn: 1 } }, 4000],
    ],
    { nu: ['C1'] },
  );
});

test('TS-0004 7.4.8: enc', () => {
  const cases: [what: string, enc: unknown, code: number][] = [
    ['nothing', {}, 0],
    ['an empty list', { net: [] }, 0],
    ['all that is built', { net: [1, 2, 3, 4] }, 0],
    ['with conditions', { net: [1], atr: ['lbl'], crb: '20300101T000000', stb: 0, sts: 5, szb: 9, fo: 2 }, 0],
    ['children', { net: [3], chty: [4] }, 0],
    ['no list', { net: 1 }, 4000],
    ['text', { net: ['1'] }, 4000],
    ['not in the standard', { net: [11] }, 4000],
    ['retrieve of an empty container', { net: [5] }, 5001],
    ['blocking update', { net: [7] }, 5001],
    ['missing data', { net: [8], md: { num: 1, dur: 'PT1S' } }, 5001],
    ['an operation monitor', { om: [{ ops: 63 }] }, 5001],
    ['net and om', { net: [1], om: [{ ops: 63 }] }, 4000],
    ['XOR (R4)', { net: [1], fo: 3 }, 5001],
    ['chty of no type', { net: [3], chty: [33] }, 4000],
    ['a broken time', { crb: 'yesterday' }, 4000],
    ['rss of release 1', { rss: 1 }, 4000],
  ];
  creates(
    'm2m:sub',
    cases.map(([what, enc, code]): Case => [what, { enc }, code]),
    { nu: ['C1'] },
  );
});

test('TS-0001 table 9.6.8-4: nct goes with the event types', () => {
  const cases: [net: number[] | undefined, nct: number, code: number][] = [
    [undefined, 1, 0],
    [undefined, 2, 0],
    [undefined, 4, 4000],
    [[1], 3, 0],
    [[2], 2, 4000],
    [[3], 3, 0],
    [[1, 3], 2, 4000],
    [[1, 2, 3, 4], 1, 0],
    [[1], 5, 4000],
    [[1], 6, 4000],
  ];
  creates(
    'm2m:sub',
    cases.map(([net, nct, code]): Case => [`${net} ${nct}`, { nct, ...(net && { enc: { net } }) }, code]),
    { nu: ['C1'] },
  );
  const sub = definitionOf('m2m:sub');
  assert.equal(
    codeOf(() => checkResult(sub, { nu: ['C1'], nct: 2, enc: { net: [3] } })),
    4000,
    'also after an UPDATE',
  );
  assert.equal(sub.attribute.get('nct')?.default, 1);
});

test('TS-0004 7.4.8.2.1: a subscription without event types is told of updates', () => {
  assert.deepEqual(eventTypesOf({}), [1]);
  assert.deepEqual(eventTypesOf({ enc: {} }), [1]);
  assert.deepEqual(eventTypesOf({ enc: { net: [] } }), [1]);
  assert.deepEqual(eventTypesOf({ enc: { net: [3, 4] } }), [3, 4]);
});

test('TS-0004 7.3.3.4: acpi is updated alone', () => {
  const cnt = definitionOf('m2m:cnt');
  assert.equal(
    codeOf(() => checkUpdate(cnt, { acpi: ['acp1'] })),
    0,
  );
  assert.equal(
    codeOf(() => checkUpdate(cnt, { acpi: null })),
    0,
  );
  assert.equal(
    codeOf(() => checkUpdate(cnt, { acpi: ['acp1'], lbl: ['a'] })),
    4000,
  );
  assert.equal(
    codeOf(() => checkUpdate(cnt, { acpi: null, lbl: null })),
    4000,
  );
  assert.equal(
    codeOf(() => checkUpdate(cnt, { acpi: [] })),
    4000,
  );
  assert.equal(
    codeOf(() => checkUpdate(cnt, {})),
    0,
    'an UPDATE may change nothing',
  );
});

test('TS-0004 7.3.2.1: what is wrong is said before what is not supported', () => {
  creates('m2m:cnt', [
    ['unsupported first', { at: ['x'], mni: -1 }, 4000],
    ['unsupported last', { mni: -1, at: ['x'] }, 4000],
    ['unsupported only', { mni: 1, at: ['x'] }, 5001],
  ]);
  creates('m2m:sub', [['mandatory missing', { bn: { num: 1 } }, 4000]]);
});

test('the text says which attribute and what it must be, and shows nothing of the value', () => {
  const text = (call: () => void) => {
    try {
      call();
    } catch (error) {
      assert.ok(error instanceof CseError);
      return error.message;
    }
    return '';
  };
  assert.match(
    text(() => checkCreate(definitionOf('m2m:cnt'), { mni: 'secret' })),
    /^mni must be an integer/,
  );
  const nested = { pv: { acr: [{ acor: ['all'], acop: 64 }] }, pvs: rule() };
  assert.match(
    text(() => checkCreate(definitionOf('m2m:acp'), nested)),
    /^pv\.acr\.acop must be a sum/,
  );
  assert.match(
    text(() => checkCreate(definitionOf('m2m:cnt'), { xyz: 1 })),
    /m2m:cnt has no attribute xyz/,
  );
  assert.match(
    text(() => checkCreate(definitionOf('m2m:cin'), {})),
    /^con is missing/,
  );
  assert.match(
    text(() => checkCreate(definitionOf('m2m:sub'), { nu: ['a'], pn: 1 })),
    /pn 1 \(send latest\)/,
  );
  assert.ok(text(() => checkCreate(definitionOf('m2m:cnt'), { ['x'.repeat(5000)]: 1 })).length < 100);
});
