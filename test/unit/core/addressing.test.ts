import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Address, parseAddress, routeOfRequest, structuredAddress } from '../../../services/core/addressing.ts';
import { Operation, type RequestPrimitive } from '../../../services/core/primitives.ts';
import { inventedId, shardOfBase, shardOfDuplicateKey, shardOfName } from '../../../services/core/sharding.ts';
import { cse } from './fixtures.ts';

const base = { scope: 'own', form: 'base' } as const;
const structured = (path: string) => ({ scope: 'own', form: 'structured', path }) as const;
const unstructured = (id: string) => ({ scope: 'own', form: 'unstructured', id }) as const;

const addresses: [to: string, address: Address][] = [
  ['cse-in', base],
  ['-', base],
  ['rbase', base],
  ['/id-in', base],
  ['/id-in/-', base],
  ['/id-in/cse-in', base],
  ['//sp.example/id-in', base],
  ['//sp.example/id-in/-', base],
  ['cse-in/ae1/cnt1', structured('ae1/cnt1')],
  ['-/ae1', structured('ae1')],
  ['/id-in/cse-in/ae1', structured('ae1')],
  ['/id-in/-/ae1', structured('ae1')],
  ['//sp.example/id-in/cse-in/ae1', structured('ae1')],
  ['rbase/ae1', structured('ae1')],
  ['cnt9k2', unstructured('cnt9k2')],
  ['/id-in/C77', unstructured('C77')],
  ['//sp.example/id-in/cnt9k2', unstructured('cnt9k2')],
  ['/Sabc', unstructured('Sabc')],
  ['cnt9k2/la', { ...unstructured('cnt9k2'), virtual: 'la' }],
  ['C77/temp', { ...unstructured('C77'), rest: 'temp' }],
  ['C77/temp/ol', { ...unstructured('C77'), rest: 'temp', virtual: 'ol' }],
  ['cse-in/ae1/cnt1/la', { ...structured('ae1/cnt1'), virtual: 'la' }],
  ['grp3/fopt/temp/x', { ...unstructured('grp3'), virtual: 'fopt', virtualRest: 'temp/x' }],
  ['-/g/fopt', { ...structured('g'), virtual: 'fopt' }],
  ['cse-in/ae1/pch/pcu', { ...structured('ae1/pch'), virtual: 'pcu' }],
  ['-/la', { ...base, virtual: 'la' }],
  ['cse-in/ae1#lbl', { ...structured('ae1'), attribute: 'lbl' }],
  ['cnt9k2/la#con', { ...unstructured('cnt9k2'), virtual: 'la', attribute: 'con' }],
  ['cse-in/lab/olaf', structured('lab/olaf')],
  ['/mn1', { scope: 'elsewhere', cseId: '/mn1' }],
  ['/mn1/mn/ae', { scope: 'elsewhere', cseId: '/mn1' }],
  ['/Smn/x', { scope: 'elsewhere', cseId: '/Smn' }],
  ['//other.example/in/x', { scope: 'elsewhere', cseId: '//other.example/in' }],
];

test('TS-0004 6.2.4, 6.8: three scopes and three methods of addressing', () => {
  for (const [to, address] of addresses) assert.deepEqual(parseAddress(to, cse), address, to);
});

test('TS-0004 6.2.4: what is no address is invalid, with a reason', () => {
  const broken = [
    '',
    '/',
    '//',
    '///x',
    '//sp.example',
    '//sp.example/',
    'cse-in/',
    'cse-in//ae',
    '/id-in/',
    '/id-in//x',
  ];
  for (const to of [...broken, 'cse-in#', '#lbl']) {
    const address = parseAddress(to, cse);
    assert.equal(address.scope, 'invalid', to);
    assert.ok(address.scope === 'invalid' && address.reason.length > 10);
  }
});

function route(to: string, request: Partial<RequestPrimitive> = {}, homes: Record<string, number> = {}): number {
  const whole = { operation: Operation.retrieve, to, requestIdentifier: 'q', ...request };
  return routeOfRequest(whole, parseAddress(to, cse), cse, 'key', (stem) => homes[stem]);
}

test('architecture §2: every address form of one resource gives the same shard', () => {
  const id = inventedId('r', 77, { generation: 1, partition: 2, version: 3 }, 0);
  for (const to of [id, `/id-in/${id}`, `//sp.example/id-in/${id}`, `${id}/la`, `${id}/sub#lbl`]) {
    assert.equal(route(to), 77, to);
  }
  const byName = shardOfName(1, 'ae1');
  for (const to of ['cse-in/ae1', '-/ae1/cnt/la', '/id-in/cse-in/ae1/cnt', '//sp.example/id-in/-/ae1', 'rbase/ae1']) {
    assert.equal(route(to), byName, to);
  }
});

test('R8: an AE-ID leads to its home where that is known, else to the shard of its default name', () => {
  assert.equal(route('C77', {}, { C77: 42 }), 42);
  assert.equal(route('/id-in/C77/cnt', {}, { C77: 42 }), 42);
  assert.equal(route('/Sabc', {}, { Sabc: 43 }), 43);
  assert.equal(route('C77'), shardOfName(1, 'C77'));
});

test('R8: a home is asked for AE-ID-Stems alone, never for IDs that carry their shard', () => {
  const asked: string[] = [];
  for (const to of ['C77', 'r1', inventedId('C', 5, { generation: 1, partition: 1, version: 1 }, 1), 'cse-in/C78']) {
    const request = { operation: Operation.retrieve, to, requestIdentifier: 'q' };
    routeOfRequest(request, parseAddress(to, cse), cse, 'key', (stem) => {
      asked.push(stem);
      return undefined;
    });
  }
  assert.deepEqual(asked, ['C77']);
});

const creates: [what: string, request: Partial<RequestPrimitive>, shard: number][] = [
  ['a name', { resourceType: 3, content: { 'm2m:cnt': { rn: 'cnt1' } } }, shardOfName(1, 'cnt1')],
  [
    'an AE with name and ID',
    { resourceType: 2, originator: 'C1', content: { 'm2m:ae': { rn: 'a' } } },
    shardOfName(1, 'a'),
  ],
  ['an AE with an ID', { resourceType: 2, originator: 'C1', content: { 'm2m:ae': {} } }, shardOfName(1, 'C1')],
  [
    'the same, canonical',
    { resourceType: 2, originator: '/id-in/C1', content: { 'm2m:ae': {} } },
    shardOfName(1, 'C1'),
  ],
  ['an AE of the provider', { resourceType: 2, originator: '/S1', content: { 'm2m:ae': {} } }, shardOfName(1, 'S1')],
  [
    'an AE without anything',
    { resourceType: 2, originator: 'C', content: { 'm2m:ae': {} } },
    shardOfDuplicateKey('key'),
  ],
  ['no originator', { resourceType: 2, content: { 'm2m:ae': {} } }, shardOfDuplicateKey('key')],
  [
    'a nameless container',
    { resourceType: 3, originator: 'C1', content: { 'm2m:cnt': {} } },
    shardOfDuplicateKey('key'),
  ],
  ['a name that is none', { resourceType: 3, content: { 'm2m:cnt': { rn: 'a/b' } } }, shardOfDuplicateKey('key')],
  ['no content', { resourceType: 3 }, shardOfDuplicateKey('key')],
];

test('R8: the CREATE of a child of the CSEBase goes where the child will live', () => {
  for (const [what, request, shard] of creates) {
    for (const to of ['cse-in', '-', '/id-in', 'rbase']) {
      assert.equal(route(to, { operation: Operation.create, ...request }), shard, `${what} at ${to}`);
    }
  }
  const at = route('cse-in/ae1', { operation: Operation.create, content: { 'm2m:cnt': { rn: 'x' } } });
  assert.equal(at, shardOfName(1, 'ae1'), 'deeper down the target decides');
});

test('architecture §2: what else targets the CSEBase has a shard of its own; the unroutable has one too', () => {
  assert.equal(route('-'), shardOfBase(1));
  assert.equal(route('cse-in#lbl', { operation: Operation.retrieve }), shardOfBase(1));
  assert.equal(route('-/la', { operation: Operation.create }), shardOfBase(1));
  assert.equal(route('cse-in//x'), shardOfDuplicateKey('key'));
  assert.equal(route('/mn1/x'), route('/mn1/y'));
});

test('TS-0004 6.2.4: the structured address begins with the name of the CSEBase', () => {
  assert.equal(structuredAddress({ path: 'ae1/cnt1' }, cse), 'cse-in/ae1/cnt1');
  assert.equal(structuredAddress({ path: '' }, cse), 'cse-in');
});

test('R8: invented names of a shard sort as they were made, over every change of their length', () => {
  const counts = [0, 1, 35, 36, 1295, 1296, 46_655, 46_656, 2 ** 40, Number.MAX_SAFE_INTEGER];
  const coordinates = [1, 36].flatMap((generation) => counts.map((version) => ({ generation, partition: 7, version })));
  const made = coordinates.flatMap((at) => counts.slice(0, 6).map((index) => inventedId('r', 77, at, index)));
  assert.deepEqual(made.toSorted(), made);
  assert.equal(new Set(made).size, made.length);
});
