/** Timer work (TS-0001 9.6.1.3; R13, R21). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { needsOfRequest } from '../../../services/core/needs.ts';
import { shardOfBase, shardOfName } from '../../../services/core/sharding.ts';
import { decideAge } from '../../../services/core/timer/age.ts';
import { decideExpiry } from '../../../services/core/timer/expiry.ts';
import { decideSweep } from '../../../services/core/timer/sweep.ts';
import { formatTimestamp } from '../../../services/core/timestamps.ts';
import { cseDescription, start, World } from './world.ts';

const alice = '/id-in/CAlice';
const url = 'mqtt://broker.example/alerts/site4';

function world(attributes: object = {}): World {
  const world = new World();
  world.register('CAlice', { rn: 'ae1' });
  world.create('cse-in/ae1', 3, 'm2m:cnt', { rn: 'cnt1', ...attributes }, alice);
  return world;
}

function notes(known: World): [number | 'sud' | undefined, string][] {
  return known.notifications.map(({ content, subscription }) => {
    const { nev, sud } = content['m2m:sgn'] as { nev?: { net: number }; sud?: boolean };
    return [sud === true ? 'sud' : nev?.net, subscription.name];
  });
}

const put = (known: World, con: string, more: object = {}) =>
  known.create('cse-in/ae1/cnt1', 4, 'm2m:cin', { con, ...more }, alice);

test('expiry of a container is a DELETE by the CSE', () => {
  const known = world({ et: formatTimestamp(start + 1000) });
  known.create('cse-in/ae1', 23, 'm2m:sub', { rn: 'up', nu: [url], enc: { net: [4] } }, alice);
  known.create('cse-in/ae1/cnt1', 23, 'm2m:sub', { rn: 'self', nu: [url], enc: { net: [2] } }, alice);
  // The life of a subscription ends with its parent's: at once with it.
  const container = known.at('ae1/cnt1');
  known.subscriptions = (parent) =>
    [...known.rows.values()].filter((row) => row.type === 23 && row.parentId === parent.id);
  known.now += 2000;
  known.apply(decideExpiry(container, known, known.cse, known.now));
  assert.deepEqual(notes(known), [
    [2, 'self'],
    [4, 'up'],
  ]);
  assert.deepEqual(
    known.dueOf('sweep').map(({ id }) => id),
    [container.id],
  );
  assert.equal(
    known.dueOf('expiry').some(({ id }) => id === container.id),
    false,
  );
});

test('expiry of an AE frees its AE-ID, of an instance with an own et corrects the counters', () => {
  const known = world();
  put(known, 'aa', { rn: 'i1', et: formatTimestamp(start + 1000) });
  const instance = known.at('ae1/cnt1/i1');
  known.now += 2000;
  known.apply(decideExpiry(instance, known, known.cse, known.now));
  const { instances, bytes } = known.countersAt('ae1/cnt1');
  assert.deepEqual({ instances, bytes }, { instances: 0, bytes: 0 });
  assert.equal(
    known.dueOf('expiry').some(({ id }) => id === instance.id),
    false,
  );
  known.apply(decideExpiry(known.at('ae1'), known, known.cse, known.now));
  assert.equal(known.homes.has('CAlice'), false);
});

test('age: the expired go, subscriptions are told, the next item is put', () => {
  const known = world({ mia: 10 });
  known.create('cse-in/ae1/cnt1', 23, 'm2m:sub', { rn: 's', nu: [url], enc: { net: [4] } }, alice);
  for (const con of ['1', '2', '3']) {
    put(known, con);
    known.now += 1000;
  }
  known.now = start + 11_000;
  known.apply(decideAge(known.at('ae1/cnt1'), known, known.cse, known.now));
  assert.deepEqual(notes(known), [
    [4, 's'],
    [4, 's'],
  ]);
  assert.deepEqual(known.countersAt('ae1/cnt1'), {
    stateTag: 3,
    instances: 1,
    bytes: 1,
    nextSequence: 3,
    lowestSequence: 2,
  });
  assert.ok(known.dueOf('age').some(({ at }) => at === start + 12_000));
});

test('age: what expired between younger instances goes row by row', () => {
  const known = world({ mia: 100 });
  put(known, '1');
  put(known, '2', { et: formatTimestamp(start + 1000) });
  put(known, '3');
  known.now += 2000;
  known.apply(decideAge(known.at('ae1/cnt1'), known, known.cse, known.now));
  const { instances, lowestSequence } = known.countersAt('ae1/cnt1');
  assert.deepEqual({ instances, lowestSequence }, { instances: 2, lowestSequence: 0 });
  assert.deepEqual(
    known.changes.map(({ kind }) => kind),
    ['remove', 'counters', 'due'],
  );
});

test('age: more than one look can see makes the next at once', () => {
  const known = world({ mia: 10 });
  for (let i = 0; i < 300; i++) put(known, '1');
  known.now += 20_000;
  known.apply(decideAge(known.at('ae1/cnt1'), known, known.cse, known.now));
  assert.equal(known.countersAt('ae1/cnt1').instances, 44);
  assert.ok(known.dueOf('age').some(({ at }) => at === known.now + 1));
  known.apply(decideAge(known.at('ae1/cnt1'), known, known.cse, known.now));
  assert.equal(known.countersAt('ae1/cnt1').instances, 0);
});

test('sweep: rows, items and notices of what is below a mark', () => {
  const known = world();
  known.create('cse-in/ae1/cnt1', 23, 'm2m:sub', { rn: 's', nu: [url], su: url, enc: { net: [2] } }, alice);
  put(known, '1');
  const below = [...known.rows.values()].filter(({ path }) => path.startsWith('ae1/'));
  known.delete('cse-in/ae1', alice);
  const root = known.rows.get('CAlice');
  assert.ok(root);
  const deepestFirst = below.sort((a, b) => b.path.split('/').length - a.path.split('/').length);
  known.apply(decideSweep({ resources: [...deepestFirst, root], more: false }, known.cse, known.now));
  assert.deepEqual(notes(known), [
    [2, 's'],
    ['sud', 's'],
  ]);
  assert.equal(known.rows.size, 2);
  assert.deepEqual(known.dueOf('expiry'), []);
  assert.equal(
    known.changes.some(({ kind }) => kind === 'aeHome'),
    false,
  );
});

test('what a request obviously needs (R9)', () => {
  const cse = cseDescription();
  const shard = shardOfName(1, 'ae1');
  const base = { kind: 'resource', cse: 1, shard: shardOfBase(1), id: cse.baseId };
  const needs = (request: object) => needsOfRequest({ operation: 2, to: '', requestIdentifier: 'q', ...request }, cse);
  assert.deepEqual(needs({ to: 'cse-in/ae1/cnt1/la' }), [{ kind: 'path', cse: 1, shard, path: 'ae1/cnt1' }]);
  assert.deepEqual(needs({ to: '/id-in' }), [base]);
  assert.deepEqual(needs({ to: '/mn1/x' }), []);
  assert.deepEqual(needs({ to: '//' }), []);
  const named = { operation: 1, to: 'cse-in/ae1', resourceType: 3, content: { 'm2m:cnt': { rn: 'c' } } };
  assert.deepEqual(needs(named)[1], { kind: 'path', cse: 1, shard, path: 'ae1/c' });
  const registration = { operation: 1, to: 'cse-in', resourceType: 2, originator: 'CAlice', content: { 'm2m:ae': {} } };
  assert.deepEqual(needs(registration), [
    base,
    { kind: 'aeHome', cse: 1, aeId: 'CAlice' },
    { kind: 'path', cse: 1, shard: shardOfName(1, 'CAlice'), path: 'CAlice' },
  ]);
});

test('R21: what ends with its parent is left to the sweep, so that the end of the parent is told', () => {
  const et = formatTimestamp(start + 1000);
  const known = world({ et });
  known.create('cse-in/ae1/cnt1', 23, 'm2m:sub', { rn: 'self', nu: [url], enc: { net: [2] } }, alice);
  const subscription = known.at('ae1/cnt1/self');
  known.now += 2000;
  assert.deepEqual(decideExpiry(subscription, known, known.cse, known.now).changes, []);
  const own = world();
  own.create('cse-in/ae1/cnt1', 23, 'm2m:sub', { rn: 'self', nu: [url], et }, alice);
  const shorter = own.at('ae1/cnt1/self');
  own.now += 2000;
  assert.ok(decideExpiry(shorter, own, own.cse, own.now).changes.some(({ kind }) => kind === 'remove'));
});

test('R21: the name of what has expired is taken until the timer has removed it (4105)', () => {
  const known = world({ et: formatTimestamp(start + 1000) });
  known.now += 2000;
  const again = () => known.create('cse-in/ae1', 3, 'm2m:cnt', { rn: 'cnt1' }, alice).response.responseStatusCode;
  const container = known.rows.get([...known.counts.keys()][0] ?? '');
  assert.ok(container !== undefined);
  assert.equal(again(), 4105);
  known.apply(decideExpiry(container, known, known.cse, known.now));
  assert.equal(again(), 2001);
});
