/** Access control (TS-0004 7.3.3.15, decisions "Rights at first start"). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributesIn, World } from './world.ts';

const alice = '/id-in/CAlice';
const bob = '/id-in/CBob';
const admin = '/id-in/CAdmin';

function world(): World {
  const world = new World();
  world.register('CAlice', { rn: 'ae1' });
  world.create('cse-in/ae1', 3, 'm2m:cnt', { rn: 'cnt1' }, alice);
  world.create('cse-in/ae1/cnt1', 4, 'm2m:cin', { rn: 'cin1', con: 'x' }, alice);
  return world;
}

function grant(world: World, acop: number, more: object = {}): string {
  const rule = { acor: ['CBob'], acop, ...more };
  const policy = { rn: 'acp1', pv: { acr: [rule] }, pvs: { acr: [{ acor: ['CAlice'], acop: 63 }] } };
  const { response } = world.create('cse-in/ae1', 1, 'm2m:acp', policy, alice);
  const id = String(attributesIn(response).ri);
  assert.equal(world.update('cse-in/ae1/cnt1', 'm2m:cnt', { acpi: [id] }, alice).response.responseStatusCode, 2004);
  return id;
}

test('without policies the creator and the admin have access, nobody else', () => {
  const known = world();
  for (const to of ['cse-in/ae1', 'cse-in/ae1/cnt1', 'cse-in/ae1/cnt1/cin1', 'cse-in/ae1/cnt1/la']) {
    assert.equal(known.retrieve(to, alice).responseStatusCode, 2000, to);
    assert.equal(known.retrieve(to, admin).responseStatusCode, 2000, to);
    assert.equal(known.retrieve(to, bob).responseStatusCode, 4103, to);
  }
});

test('linked policies replace the creator; an instance has the rights of its container', () => {
  const known = world();
  grant(known, 2);
  assert.equal(known.retrieve('cse-in/ae1/cnt1/cin1', bob).responseStatusCode, 2000);
  assert.equal(known.retrieve('cse-in/ae1/cnt1/la', bob).responseStatusCode, 2000);
  assert.equal(known.retrieve('cse-in/ae1/cnt1', alice).responseStatusCode, 4103);
  assert.equal(known.create('cse-in/ae1/cnt1', 4, 'm2m:cin', { con: '' }, bob).response.responseStatusCode, 4103);
});

test('object details limit what may be created', () => {
  const known = world();
  grant(known, 1, { acod: [{ chty: [4] }] });
  assert.equal(known.create('cse-in/ae1/cnt1', 4, 'm2m:cin', { con: '' }, bob).response.responseStatusCode, 2001);
  assert.equal(known.create('cse-in/ae1/cnt1', 3, 'm2m:cnt', {}, bob).response.responseStatusCode, 4103);
});

test('acpi alone, and by pvs of the policies linked now (TS-0004 7.3.3.15)', () => {
  const known = world();
  const id = grant(known, 63);
  const code = (attributes: object, originator: string) =>
    known.update('cse-in/ae1/cnt1', 'm2m:cnt', attributes, originator).response.responseStatusCode;
  assert.equal(code({ acpi: null }, bob), 4103);
  assert.equal(code({ lbl: ['a'] }, bob), 2004);
  assert.equal(code({ acpi: [id], lbl: ['a'] }, alice), 4000);
  assert.equal(code({ acpi: null }, alice), 2004);
  assert.equal(known.retrieve('cse-in/ae1/cnt1', bob).responseStatusCode, 4103);
});

test('a policy is guarded by its own pvs', () => {
  const known = world();
  grant(known, 63);
  assert.equal(known.retrieve('cse-in/ae1/acp1', alice).responseStatusCode, 2000);
  assert.equal(known.retrieve('cse-in/ae1/acp1', bob).responseStatusCode, 4103);
});

test('policies are found by every form of address; one that is gone grants nothing', () => {
  const known = world();
  const id = grant(known, 63);
  for (const link of ['cse-in/ae1/acp1', `/id-in/${id}`, '//sp.example/id-in/-/ae1/acp1']) {
    assert.equal(known.update('cse-in/ae1/cnt1', 'm2m:cnt', { acpi: [link] }, alice).response.responseStatusCode, 2004);
    assert.equal(known.retrieve('cse-in/ae1/cnt1', bob).responseStatusCode, 2000, link);
  }
  known.update('cse-in/ae1/cnt1', 'm2m:cnt', { acpi: ['nothing', id] }, alice);
  assert.equal(known.retrieve('cse-in/ae1/cnt1', bob).responseStatusCode, 2000);
  known.delete('cse-in/ae1/acp1', alice);
  assert.equal(known.retrieve('cse-in/ae1/cnt1', bob).responseStatusCode, 4103);
});

test('what is missing of several policies is asked for at once (R9)', () => {
  const known = world();
  const id = grant(known, 2);
  known.update('cse-in/ae1/cnt1', 'm2m:cnt', { acpi: [id, 'cse-in/other/acp2', 'r001-1-1-1-1'] }, alice);
  const found = known.at('ae1/cnt1');
  known.resourceAt = (cse, shard, path) => {
    if (path === found.path) return found;
    return World.prototype.resourceAt.call(known, cse, shard, path);
  };
  known.unknown.add('resource').add('path');
  const decision = known.decide({ operation: 2, to: 'cse-in/ae1/cnt1' }, bob);
  assert.equal(decision.kind, 'needs');
  assert.deepEqual(decision.kind === 'needs' && decision.needs.map(({ kind }) => kind), [
    'resource',
    'path',
    'resource',
  ]);
});

test('registered AEs may retrieve the CSEBase and create below it what the seeded policy lists', () => {
  const known = world();
  assert.equal(known.retrieve('cse-in', alice).responseStatusCode, 2000);
  assert.equal(known.create('cse-in', 3, 'm2m:cnt', { rn: 'top' }, alice).response.responseStatusCode, 2001);
  assert.equal(known.retrieve('cse-in/top', alice).responseStatusCode, 2000);
  assert.equal(known.retrieve('cse-in', '/mn1').responseStatusCode, 4103);
});

test('cr only by null; the CSE fills in the originator (TS-0004 7.3.3)', () => {
  const known = world();
  const shown = attributesIn(known.create('cse-in/ae1', 3, 'm2m:cnt', { rn: 'a', cr: null }, alice).response);
  assert.equal(shown.cr, 'CAlice');
  assert.equal('cr' in attributesIn(known.create('cse-in/ae1', 3, 'm2m:cnt', { rn: 'b' }, alice).response), false);
  assert.equal(known.create('cse-in/ae1', 3, 'm2m:cnt', { cr: 'CAlice' }, alice).response.responseStatusCode, 4000);
});
