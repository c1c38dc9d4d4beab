/** Result content, children, discovery, conditions, addresses (TS-0004 6.3.5.8, TS-0004 7.5.2; TS-0004 6.2.4, TS-0004 7.3.3.14). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributesIn, debugOf, World } from './world.ts';

const alice = '/id-in/CAlice';
const bob = '/id-in/CBob';

/** ae1 [ cnt1 [ cin1 cin2 sub [ deep ] ] cnt2 ] */
function world(): World {
  const world = new World();
  world.register('CAlice', { rn: 'ae1' });
  world.create('cse-in/ae1', 3, 'm2m:cnt', { rn: 'cnt1', lbl: ['x'] }, alice);
  world.create('cse-in/ae1', 3, 'm2m:cnt', { rn: 'cnt2' }, alice);
  world.create('cse-in/ae1/cnt1', 4, 'm2m:cin', { rn: 'cin1', con: 'one' }, alice);
  world.create('cse-in/ae1/cnt1', 4, 'm2m:cin', { rn: 'cin2', con: 'two', lbl: ['x', 'y'] }, alice);
  world.create('cse-in/ae1/cnt1', 3, 'm2m:cnt', { rn: 'sub' }, alice);
  world.create('cse-in/ae1/cnt1/sub', 3, 'm2m:cnt', { rn: 'deep' }, alice);
  return world;
}

const uris = (known: World, filter: object, more: object = {}, originator = alice) => {
  const response = known.retrieve('cse-in/ae1', originator, { filterCriteria: { fu: 1, ...filter }, ...more });
  assert.equal(response.responseStatusCode, 2000, debugOf(response));
  return response.content?.['m2m:uril'] as string[];
};

function childrenIn(parent: object | undefined, member: string): Record<string, unknown>[] {
  const children = (parent as Record<string, unknown> | undefined)?.[member];
  assert.ok(Array.isArray(children), `no ${member}`);
  return children;
}

test('rcn of CREATE', () => {
  const known = world();
  const create = (resultContent: number, attributes: object) =>
    known.create('cse-in/ae1', 3, 'm2m:cnt', attributes, alice, { resultContent }).response.content;
  assert.equal(create(0, { rn: 'a' }), undefined);
  assert.deepEqual(create(2, { rn: 'b' }), { 'm2m:uri': 'cse-in/ae1/b' });
  const wrapped = create(3, { rn: 'c' })?.['m2m:rce'] as Record<string, Record<string, unknown>>;
  assert.equal(wrapped.uri, 'cse-in/ae1/c');
  assert.equal(wrapped['m2m:cnt']?.rn, 'c');
  const set = create(9, { rn: 'd', lbl: ['x'] })?.['m2m:cnt'] as object;
  assert.deepEqual(Object.keys(set).sort(), ['cbs', 'cni', 'ct', 'et', 'lt', 'pi', 'ri', 'st', 'ty']);
});

test('rcn of UPDATE: 0 nothing, 9 what the CSE set and what was removed', () => {
  const known = world();
  known.now += 1000;
  const update = (resultContent: number, attributes: object) =>
    known.update('cse-in/ae1/cnt1', 'm2m:cnt', attributes, alice, { resultContent }).response.content;
  assert.equal(update(0, { mni: 7 }), undefined);
  assert.deepEqual(update(9, { mni: 8, lbl: null }), { 'm2m:cnt': { lt: '20250301T101501,000', st: 4, lbl: null } });
});

test('rcn 4: children nested by type under their parents; 8: without the attributes of the target', () => {
  const known = world();
  const all = attributesIn(known.retrieve('cse-in/ae1', alice, { resultContent: 4 }));
  assert.equal(all.rn, 'ae1');
  const [first, second] = all['m2m:cnt'] as Record<string, unknown>[];
  assert.deepEqual([first?.rn, second?.rn], ['cnt1', 'cnt2']);
  assert.deepEqual(
    childrenIn(first, 'm2m:cin').map(({ rn }) => rn),
    ['cin1', 'cin2'],
  );
  const [sub] = childrenIn(first, 'm2m:cnt');
  assert.equal(childrenIn(sub, 'm2m:cnt')[0]?.rn, 'deep');
  assert.equal(first?.cni, 2);
  const children = attributesIn(known.retrieve('cse-in/ae1', alice, { resultContent: 8, filterCriteria: { lvl: 1 } }));
  assert.deepEqual(Object.keys(children), ['m2m:cnt']);
  assert.equal('m2m:cin' in (children['m2m:cnt'] as object[])[0]!, false);
});

test('rcn 5 and 6: references, flat over all levels', () => {
  const known = world();
  const id = known.at('ae1/cnt2').id;
  const { ch, rn } = attributesIn(known.retrieve('cse-in/ae1', alice, { resultContent: 5 }));
  assert.equal(rn, 'ae1');
  assert.equal((ch as object[]).length, 6);
  assert.deepEqual((ch as object[])[5], { nm: 'cnt2', typ: 3, val: 'cse-in/ae1/cnt2' });
  const more = { resultContent: 6, desiredIdentifierResultType: 2, filterCriteria: { lvl: 1 } };
  const { rrf } = attributesIn(known.retrieve('cse-in/ae1', alice, more)) as { rrf: object[] };
  assert.deepEqual(rrf[1], { nm: 'cnt2', typ: 3, val: id });
});

test('DELETE with rcn shows the state before', () => {
  const known = world();
  assert.equal(known.delete('cse-in/ae1/cnt2', alice).response.content, undefined);
  const { response } = known.delete('cse-in/ae1/cnt1', alice, { resultContent: 4 });
  assert.equal(response.responseStatusCode, 2002);
  assert.equal((attributesIn(response)['m2m:cin'] as object[]).length, 2);
  assert.equal(known.exists('ae1/cnt1'), false);
});

test('partial retrieval by # and by m2m:atrl', () => {
  const known = world();
  assert.deepEqual(known.retrieve('cse-in/ae1/cnt1#lbl', alice).content, { 'm2m:cnt': { lbl: ['x'] } });
  const names = (list: unknown) => known.retrieve('cse-in/ae1/cnt1', alice, { content: { 'm2m:atrl': list } });
  assert.deepEqual(names(['cni', 'mni']).content, { 'm2m:cnt': { cni: 2 } });
  assert.equal(names(['con']).responseStatusCode, 4000);
  assert.equal(names('cni').responseStatusCode, 4000);
});

test('discovery: tree order, filters, levels, both address forms', () => {
  const known = world();
  assert.deepEqual(uris(known, {}), [
    'cse-in/ae1/cnt1',
    'cse-in/ae1/cnt1/cin1',
    'cse-in/ae1/cnt1/cin2',
    'cse-in/ae1/cnt1/sub',
    'cse-in/ae1/cnt1/sub/deep',
    'cse-in/ae1/cnt2',
  ]);
  assert.deepEqual(uris(known, { ty: [4] }), ['cse-in/ae1/cnt1/cin1', 'cse-in/ae1/cnt1/cin2']);
  assert.deepEqual(uris(known, { lbl: ['y'] }), ['cse-in/ae1/cnt1/cin2']);
  assert.deepEqual(uris(known, { ty: [3], lvl: 1 }), ['cse-in/ae1/cnt1', 'cse-in/ae1/cnt2']);
  assert.deepEqual(uris(known, { atr: [{ nm: 'rn', val: 'cin*' }] }).length, 2);
  assert.deepEqual(uris(known, { stb: 2 }), ['cse-in/ae1/cnt1', 'cse-in/ae1/cnt1/cin2']);
  assert.deepEqual(uris(known, { ty: [3], lbl: ['y'], fo: 2 }).length, 5);
  assert.deepEqual(uris(known, { ty: [23] }), []);
  assert.deepEqual(uris(known, { lvl: 1 }, { desiredIdentifierResultType: 2 }), [
    known.at('ae1/cnt1').id,
    known.at('ae1/cnt2').id,
  ]);
  assert.deepEqual(uris(known, { lvl: 1 }, { resultContent: 11 }).length, 2);
});

test('discovery pages by lim and ofst, with cnst and cnot', () => {
  const known = world();
  const page = (ofst: number) => known.retrieve('cse-in/ae1', alice, { filterCriteria: { fu: 1, lim: 4, ofst } });
  const first = page(1);
  assert.equal(childrenIn(first.content, 'm2m:uril').length, 4);
  assert.deepEqual([first.contentStatus, first.contentOffset], [1, 5]);
  const second = page(5);
  assert.deepEqual(second.content?.['m2m:uril'], ['cse-in/ae1/cnt1/sub/deep', 'cse-in/ae1/cnt2']);
  assert.equal(second.contentStatus, undefined);
});

test('discovery needs the DISCOVERY right on each result, and skips what is not active', () => {
  const known = world();
  assert.deepEqual(uris(known, {}, {}, bob), []);
  const rules = { pv: { acr: [{ acor: ['CBob'], acop: 32 }] }, pvs: { acr: [{ acor: ['CAlice'], acop: 63 }] } };
  known.create('cse-in/ae1', 1, 'm2m:acp', { rn: 'acp1', ...rules }, alice);
  known.update('cse-in/ae1/cnt1', 'm2m:cnt', { acpi: ['cse-in/ae1/acp1'] }, alice);
  assert.deepEqual(uris(known, {}, {}, bob), ['cse-in/ae1/cnt1', 'cse-in/ae1/cnt1/cin1', 'cse-in/ae1/cnt1/cin2']);
  assert.equal(known.retrieve('cse-in/ae1/cnt1', bob).responseStatusCode, 4103);
  known.update('cse-in/ae1', 'm2m:ae', { regs: 2 }, alice);
  assert.deepEqual(uris(known, {}, {}, bob), []);
});

test('discovery of the CSEBase covers all shards', () => {
  const known = world();
  known.register('CBob', { rn: 'ae2' });
  const { content } = known.retrieve('cse-in', '/id-in/CAdmin', { filterCriteria: { fu: 1, ty: [2] } });
  assert.deepEqual(content?.['m2m:uril'], ['cse-in/ae1', 'cse-in/ae2']);
});

test('conditions: no match is 4004, for RETRIEVE, UPDATE and DELETE', () => {
  const known = world();
  const filterCriteria = { lbl: ['nothing'] };
  assert.equal(known.retrieve('cse-in/ae1/cnt1', alice, { filterCriteria }).responseStatusCode, 4004);
  assert.equal(
    known.update('cse-in/ae1/cnt1', 'm2m:cnt', { mni: 1 }, alice, { filterCriteria }).response.responseStatusCode,
    4004,
  );
  assert.equal(known.delete('cse-in/ae1/cnt1', alice, { filterCriteria }).response.responseStatusCode, 4004);
  assert.equal(known.retrieve('cse-in/ae1', alice, { filterCriteria, resultContent: 6 }).responseStatusCode, 4004);
  assert.equal(known.retrieve('cse-in/ae1/cnt1', alice, { filterCriteria: { lbl: ['x'] } }).responseStatusCode, 2000);
});

test('a direct child that does not fit is left out as a whole, then the result is partial (TS-0004 7.5.2)', () => {
  const known = world();
  const response = known.retrieve('cse-in/ae1', alice, { resultContent: 8, filterCriteria: { lim: 3 } });
  const shown = (attributesIn(response)['m2m:cnt'] as { rn: string }[]).map(({ rn }) => rn);
  assert.deepEqual([shown, response.contentStatus, response.contentOffset], [['cnt1'], 1, 4]);
  known.create('cse-in/ae1', 3, 'm2m:cnt', { rn: 'a' }, alice);
  const next = known.retrieve('cse-in/ae1', alice, { resultContent: 8, filterCriteria: { lim: 3 } });
  assert.deepEqual(
    (attributesIn(next)['m2m:cnt'] as { rn: string }[]).map(({ rn }) => rn),
    ['a'],
  );
  assert.equal(next.contentOffset, 2);
});

test('R26: an answer has a limit in bytes, and says how to go on', () => {
  const known = world();
  for (let i = 0; i < 5; i++)
    known.create('cse-in/ae1/cnt2', 4, 'm2m:cin', { rn: `i${i}`, con: 'x'.repeat(50_000) }, alice);
  const response = known.retrieve('cse-in/ae1/cnt2', alice, { resultContent: 8 });
  assert.equal((attributesIn(response)['m2m:cin'] as object[]).length, 3);
  assert.deepEqual([response.contentStatus, response.contentOffset], [1, 4]);
});

test('all forms of an address name the same resource (TS-0004 6.2.4)', () => {
  const known = world();
  const { id } = known.at('ae1/cnt1');
  const forms = [
    'cse-in/ae1/cnt1',
    '-/ae1/cnt1',
    id,
    `/id-in/${id}`,
    '/id-in/-/ae1/cnt1',
    `//sp.example/id-in/${id}`,
    'CAlice/cnt1',
  ];
  for (const to of forms) assert.equal(attributesIn(known.retrieve(to, alice)).ri, id, to);
  for (const to of ['cse-in', '-', '/id-in', '//sp.example/id-in', known.cse.baseId]) {
    assert.equal(attributesIn(known.retrieve(to, alice)).ty, 5, to);
  }
});

test('to an originator of another CSE IDs are SP-relative (decisions "Wire")', () => {
  const known = world();
  const rules = { pv: { acr: [{ acor: ['/mn1'], acop: 63 }] }, pvs: { acr: [{ acor: ['CAlice'], acop: 63 }] } };
  known.create('cse-in/ae1', 1, 'm2m:acp', { rn: 'acp1', ...rules }, alice);
  known.update('cse-in/ae1/cnt1', 'm2m:cnt', { acpi: ['cse-in/ae1/acp1'] }, alice);
  const { ri, pi } = attributesIn(known.retrieve('cse-in/ae1/cnt1', '/mn1'));
  assert.deepEqual({ ri, pi }, { ri: `/id-in/${known.at('ae1/cnt1').id}`, pi: '/id-in/CAlice' });
  assert.deepEqual(uris(known, { lvl: 1 }, {}, '/mn1'), ['/id-in/cse-in/ae1/cnt1']);
});

test('what a search would look through is bounded', () => {
  const known = world();
  known.query = () => ({ resources: [], counters: new Map(), more: true, lastPath: 'ae1/x' });
  const response = known.retrieve('cse-in/ae1', alice, { filterCriteria: { fu: 1 } });
  assert.equal(response.responseStatusCode, 5000);
});
