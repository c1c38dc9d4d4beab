import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Filter, matchesFilter, queryOf, readFilterCriteria } from '../../../services/core/filter-criteria.ts';
import { Limits } from '../../../services/core/limits.ts';
import type { FilterCriteria } from '../../../services/core/primitives.ts';
import type { Counters } from '../../../services/core/resource.ts';
import { aResource, codeOf } from './fixtures.ts';

const receivedAt = Date.UTC(2025, 2, 1);
const read = (criteria: FilterCriteria): Filter => readFilterCriteria(criteria, { receivedAt });

const container = aResource({
  expiresAt: Date.UTC(2026, 0, 1),
  labels: ['room:12', 'floor'],
  attributes: {
    rn: 'cnt1',
    ty: 3,
    ri: 'r1',
    ct: '20250101T000000,000',
    lt: '20250201T000000,000',
    lbl: ['room:12', 'floor'],
    mni: 10,
    disr: false,
    cr: '/id-in/C1',
    acpi: ['acp1', 'acp2'],
    loc: { typ: 1, crd: [1, 2] },
  },
});
const counters: Counters = { stateTag: 7, instances: 3, bytes: 40, nextSequence: 4, lowestSequence: 1 };
const instance = aResource({
  type: 4,
  size: 100,
  attributes: {
    rn: 'i1',
    ct: '20250101T000000,000',
    st: 5,
    cs: 100,
    cnf: 'text/plain:0',
    con: { $json: '{"t":1.50}' },
  },
});

const conditions: [what: string, fc: FilterCriteria, ofContainer: boolean, ofInstance: boolean][] = [
  ['nothing', {}, true, true],
  ['ty', { ty: [3] }, true, false],
  ['ty, alternatives', { ty: [3, 4] }, true, true],
  ['lbl', { lbl: ['room:12'] }, true, false],
  ['lbl, alternatives', { lbl: ['nobody', 'floor'] }, true, false],
  ['lbl is compared as a whole', { lbl: ['room'] }, false, false],
  ['crb is exclusive', { crb: '20250101T000000' }, false, false],
  ['crb', { crb: '20250101T000001' }, true, true],
  ['cra is inclusive', { cra: '20250101T000000' }, true, true],
  ['cra', { cra: '20250101T000000,001' }, false, false],
  ['cra, relative to reception', { cra: `${Date.UTC(2024, 11, 31) - receivedAt}` }, true, true],
  ['ms is inclusive', { ms: '20250201T000000' }, true, false],
  ['us is exclusive', { us: '20250201T000000' }, false, false],
  ['us', { us: '20250202T000000' }, true, false],
  ['exb', { exb: '20260102T000000' }, true, false],
  ['exb is exclusive', { exb: '20260101T000000' }, false, false],
  ['exa is inclusive', { exa: '20260101T000000' }, true, false],
  ['sts is exclusive', { sts: 7 }, false, true],
  ['stb is inclusive', { stb: 7 }, true, false],
  ['sza is for instances', { sza: 100 }, false, true],
  ['szb is exclusive', { szb: 100 }, false, false],
  ['szb', { szb: 101 }, false, true],
  ['cty is the media type', { cty: ['text/plain'] }, false, true],
  ['cty without encoding', { cty: ['text/plain:0'] }, false, false],
  ['atr by number', { atr: [{ nm: 'mni', val: 10 }] }, true, false],
  ['atr by the text of a number', { atr: [{ nm: 'mni', val: '10' }] }, true, false],
  ['atr by truth', { atr: [{ nm: 'disr', val: false }] }, true, false],
  ['atr of a list', { atr: [{ nm: 'acpi', val: 'acp2' }] }, true, false],
  ['atr with *', { atr: [{ nm: 'cr', val: '*C1' }] }, true, false],
  ['atr by name (decisions)', { atr: [{ nm: 'rn', val: 'c*1' }] }, true, false],
  [
    'atr, alternatives',
    {
      atr: [
        { nm: 'rn', val: 'i1' },
        { nm: 'rn', val: 'cnt1' },
      ],
    },
    true,
    true,
  ],
  ['atr of a counter', { atr: [{ nm: 'cni', val: 3 }] }, true, false],
  ['atr of free content', { atr: [{ nm: 'con', val: '*1.50*' }] }, false, true],
  ['atr that nobody has', { atr: [{ nm: 'constructor', val: '*' }] }, false, false],
  ['atr of an object', { atr: [{ nm: 'loc', val: '*' }] }, false, false],
  ['different tags are all needed', { ty: [3], lbl: ['nobody'] }, false, false],
  ['different tags, fo 1', { ty: [3], lbl: ['floor'], fo: 1 }, true, false],
  ['different tags, fo 2', { ty: [4], lbl: ['floor'], fo: 2 }, true, true],
  ['nothing, fo 2', { fo: 2 }, true, true],
  ['handling is no condition', { fu: 1, lim: 5, ofst: 2, lvl: 1 }, true, true],
];

test('TS-0004 7.3.3.17: conditions', () => {
  for (const [what, fc, ofContainer, ofInstance] of conditions) {
    const filter = read(fc);
    assert.equal(matchesFilter(filter, container, counters), ofContainer, `${what}: container`);
    assert.equal(matchesFilter(filter, instance), ofInstance, `${what}: instance`);
  }
});

test('TS-0004 7.3.3.17: a resource that does not expire is neither before nor after', () => {
  const forever = aResource({ expiresAt: null });
  assert.equal(matchesFilter(read({ exb: '20990101T000000' }), forever), false);
  assert.equal(matchesFilter(read({ exa: '19990101T000000' }), forever), false);
});

const refused: [fc: FilterCriteria, code: number][] = [
  [{ fu: 3 }, 5001],
  [{ fu: 4 }, 5001],
  [{ fu: 5 }, 4000],
  [{ fo: 3 }, 5001],
  [{ fo: 0 }, 4000],
  [{ lim: -1 }, 4000],
  [{ lim: '5' }, 4000],
  [{ ofst: 0 }, 4000],
  [{ lvl: 0 }, 4000],
  [{ sts: 0 }, 4000],
  [{ crb: 'yesterday' }, 4000],
  [{ crb: 5 }, 4000],
  [{ ty: 3 }, 4000],
  [{ ty: [33] }, 4000],
  [{ lbl: 'a' }, 4000],
  [{ atr: { nm: 'rn', val: 'a' } }, 4000],
  [{ atr: [{ nm: 'rn' }] }, 4000],
  [{ atr: [{ nm: 'rn', val: {} }] }, 4000],
  [{ atr: [null] }, 4000],
  [{ atr: [{ nm: 'ct', val: '*' }] }, 4000],
  [{ arp: '' }, 4000],
  [{ nobody: 1 }, 4000],
  [{ lbq: 'a EQ b' }, 5001],
  [{ smf: ['x'] }, 5001],
  [{ cfq: '$.a', cfs: 1 }, 5001],
  [{ catr: [] }, 5001],
  [{ smf: ['x'], lim: -1 }, 4000],
];

test('TS-0004 7.3.2.1: a malformed or unknown member is 4000, one that is not evaluated 5001', () => {
  for (const [fc, code] of refused)
    assert.equal(
      codeOf(() => read(fc)),
      code,
      JSON.stringify(fc),
    );
});

test('TS-0004 6.3.5.8: handling conditions are read', () => {
  const filter = read({ fu: 1, fo: 2, lim: 0, ofst: 3, lvl: 2, arp: 'a/b' });
  const { usage, operation, limit, offset, level, applyRelativePath } = filter;
  assert.deepEqual(
    { usage, operation, limit, offset, level, applyRelativePath },
    { usage: 1, operation: 'or', limit: 0, offset: 3, level: 2, applyRelativePath: 'a/b' },
  );
  assert.equal(read({}).usage, undefined);
  assert.equal(read({}).operation, 'and');
});

test('architecture §3: the store narrows by what must hold; with OR by the depth alone', () => {
  const fc = {
    fu: 1,
    ty: [3],
    lbl: ['a'],
    cra: '20250101T000000',
    crb: '20250102T000000',
    lvl: 2,
    ms: '20250101T000000',
  };
  assert.deepEqual(queryOf(read(fc)), {
    types: [3],
    labels: ['a'],
    createdAfter: Date.UTC(2025, 0, 1),
    createdBefore: Date.UTC(2025, 0, 2),
    level: 2,
  });
  assert.deepEqual(queryOf(read({ ...fc, fo: 2 })), { level: 2 });
  assert.deepEqual(queryOf(read({})), {});
});

test('issue 4 §2: a level deeper than any tree is as deep as the deepest: a store can count with it', () => {
  assert.equal(queryOf(read({ lvl: Number.MAX_SAFE_INTEGER })).level, Limits.treeLevels + 1);
  assert.equal(queryOf(read({ lvl: 3 })).level, 3);
});
