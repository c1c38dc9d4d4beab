/** Containers and their instances (TS-0004 7.4.6, TS-0001 9.6.1.3; TS-0004 7.4.6, TS-0004 6.8; R13, R15). */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Limits } from '../../../services/core/limits.ts';
import { formatTimestamp } from '../../../services/core/timestamps.ts';
import { attributesIn, day, start, World } from './world.ts';

const alice = '/id-in/CAlice';

function world(attributes: object = {}): World {
  const world = new World();
  world.register('CAlice', { rn: 'ae1' });
  world.create('cse-in/ae1', 3, 'm2m:cnt', { rn: 'cnt1', ...attributes }, alice);
  return world;
}

function put(world: World, con: unknown, more: object = {}): Record<string, unknown> {
  const { response } = world.create('cse-in/ae1/cnt1', 4, 'm2m:cin', { con, ...more }, alice);
  assert.equal(response.responseStatusCode, 2001, JSON.stringify(response));
  return attributesIn(response);
}

const contents = (world: World): unknown[] =>
  (
    (attributesIn(world.retrieve('cse-in/ae1/cnt1', alice, { resultContent: 8 }))['m2m:cin'] as { con: unknown }[]) ??
    []
  )
    .map(({ con }) => con)
    .sort();

test('an instance counts in its container: st first, then copied; cs in UTF-8 bytes', () => {
  const known = world();
  assert.deepEqual([put(known, 'ab').st, put(known, 'äöü€😀').st], [1, 2]);
  const { cni, cbs, st, lt, ct } = attributesIn(known.retrieve('cse-in/ae1/cnt1', alice));
  assert.deepEqual({ cni, cbs, st }, { cni: 2, cbs: 2 + 13, st: 2 });
  assert.equal(lt, ct);
  assert.equal(put(known, { $json: '{"a": 1.0}' }).cs, 10);
  assert.equal(put(known, 12.5).cs, 4);
});

test('la and ol follow the order of creation, also within a millisecond (R15)', () => {
  const known = world();
  for (const con of ['1', '2', '3']) put(known, con);
  assert.equal(attributesIn(known.retrieve('cse-in/ae1/cnt1/la', alice)).con, '3');
  assert.equal(attributesIn(known.retrieve('cse-in/ae1/cnt1/ol', alice)).con, '1');
  assert.equal(known.delete('cse-in/ae1/cnt1/la', alice).response.responseStatusCode, 2002);
  assert.equal(attributesIn(known.retrieve(`${known.at('ae1/cnt1').id}/la`, alice)).con, '2');
  assert.deepEqual(known.countersAt('ae1/cnt1'), {
    stateTag: 3,
    instances: 2,
    bytes: 2,
    nextSequence: 3,
    lowestSequence: 0,
  });
});

test('mni: the oldest goes, silently', () => {
  const known = world({ mni: 2 });
  known.create('cse-in/ae1/cnt1', 23, 'm2m:sub', { nu: ['CAlice'], enc: { net: [3, 4] } }, alice);
  for (const con of ['1', '2', '3', '4']) put(known, con);
  assert.deepEqual(contents(known), ['3', '4']);
  put(known, '5');
  assert.deepEqual(
    known.notifications.map(({ content }) => (content['m2m:sgn'] as { nev: { net: number } }).nev.net),
    [3],
  );
  const { instances, bytes, lowestSequence } = known.countersAt('ae1/cnt1');
  assert.deepEqual({ instances, bytes, lowestSequence }, { instances: 2, bytes: 2, lowestSequence: 3 });
});

test('mbs: too large an instance is refused with 5207, others push out the oldest', () => {
  const known = world({ mbs: 10 });
  const { response, changes } = known.create('cse-in/ae1/cnt1', 4, 'm2m:cin', { con: 'x'.repeat(11) }, alice);
  assert.equal(response.responseStatusCode, 5207);
  assert.deepEqual(changes, []);
  for (const con of ['aaa', 'bbb', 'ccc']) put(known, con);
  put(known, 'd'.repeat(7));
  assert.deepEqual(contents(known), ['ccc', 'ddddddd']);
  assert.deepEqual(known.countersAt('ae1/cnt1'), {
    stateTag: 4,
    instances: 2,
    bytes: 10,
    nextSequence: 4,
    lowestSequence: 2,
  });
});

test('mni 0: an instance is created and gone at once', () => {
  const known = world({ mni: 0 });
  put(known, '1');
  assert.deepEqual(contents(known), []);
  assert.deepEqual(known.countersAt('ae1/cnt1'), {
    stateTag: 1,
    instances: 0,
    bytes: 0,
    nextSequence: 1,
    lowestSequence: 1,
  });
});

test('lower limits cut at once; rows go later (R13)', () => {
  const known = world();
  for (const con of ['1', '2', '3', '4']) put(known, con);
  assert.equal(known.update('cse-in/ae1/cnt1', 'm2m:cnt', { mni: 1 }, alice).response.responseStatusCode, 2004);
  assert.deepEqual(contents(known), ['4']);
  assert.deepEqual(
    known.dueOf('sweep').map(({ id }) => id),
    [known.at('ae1/cnt1').id],
  );
  assert.deepEqual(known.countersAt('ae1/cnt1'), {
    stateTag: 5,
    instances: 1,
    bytes: 1,
    nextSequence: 4,
    lowestSequence: 3,
  });
});

test('disr from true to false removes all instances (TS-0001 9.6.6)', () => {
  const known = world({ disr: true });
  put(known, '1');
  put(known, '2');
  assert.equal(known.retrieve('cse-in/ae1/cnt1', alice).responseStatusCode, 2000);
  known.update('cse-in/ae1/cnt1', 'm2m:cnt', { disr: false }, alice);
  const { instances, bytes, lowestSequence } = known.countersAt('ae1/cnt1');
  assert.deepEqual({ instances, bytes, lowestSequence }, { instances: 0, bytes: 0, lowestSequence: 2 });
  assert.equal(known.retrieve('cse-in/ae1/cnt1/la', alice).responseStatusCode, 4004);
  put(known, '3');
  assert.deepEqual(contents(known), ['3']);
});

test('et: inherited, capped by the parent and by the CSE, refused in the past', () => {
  const known = world();
  const ae = known.at('ae1');
  assert.equal(ae.expiresAt, start + known.cse.maximumLifetime);
  assert.equal(put(known, '1').et, ae.attributes.et);
  const late = formatTimestamp(start + 10_000 * day);
  assert.equal(put(known, '2', { et: late }).et, ae.attributes.et);
  const soon = formatTimestamp(start + day);
  assert.equal(put(known, '3', { et: soon }).et, soon);
  const past = known.create('cse-in/ae1/cnt1', 4, 'm2m:cin', { con: '', et: formatTimestamp(start) }, alice);
  assert.equal(past.response.responseStatusCode, 4000);
  // Only what ends before its container is watched; containers and AEs always are.
  assert.deepEqual(
    known
      .dueOf('expiry')
      .map(({ at }) => at)
      .sort(),
    [start + day, ae.expiresAt, ae.expiresAt],
  );
});

test('mia shortens the life; one item of kind age for a container', () => {
  const known = world({ mia: 60 });
  assert.equal(put(known, '1').et, formatTimestamp(start + 60_000));
  known.now += 1000;
  assert.equal(put(known, '2', { et: formatTimestamp(start + day) }).et, formatTimestamp(start + 61_000));
  const shorter = formatTimestamp(start + 30_000);
  assert.equal(put(known, '3', { et: shorter }).et, shorter);
  assert.deepEqual(
    known.dueOf('age').map(({ at }) => at),
    [start + 60_000],
  );
});

test('UPDATE of et: not before the end of a child, null lets the CSE choose, the item moves along', () => {
  const known = world();
  const to = 'cse-in/ae1/cnt1';
  const inAWeek = formatTimestamp(start + 7 * day);
  assert.equal(known.update(to, 'm2m:cnt', { et: inAWeek }, alice).response.responseStatusCode, 2004);
  put(known, '1');
  const code = (et: string | null) => known.update(to, 'm2m:cnt', { et }, alice).response.responseStatusCode;
  assert.equal(code(formatTimestamp(start + day)), 4000);
  assert.equal(code(null), 2004);
  assert.equal(known.at('ae1/cnt1').expiresAt, known.at('ae1').expiresAt);
  // The instance keeps its life: the container is to be looked at then.
  assert.deepEqual(
    known.dueOf('age').map(({ at }) => at),
    [start + 7 * day],
  );
  assert.equal(
    known.dueOf('expiry').some(({ at }) => at === start + 7 * day),
    false,
  );
});

test('UPDATE: null removes, lists are replaced, st and lt move on', () => {
  const known = world({ lbl: ['a', 'b'], mni: 5 });
  known.now += 1000;
  const { response } = known.update('cse-in/ae1/cnt1', 'm2m:cnt', { lbl: ['c'], mni: null }, alice);
  const { lbl, st, lt, ...rest } = attributesIn(response);
  assert.deepEqual({ lbl, st, lt }, { lbl: ['c'], st: 1, lt: formatTimestamp(start + 1000) });
  assert.equal('mni' in rest, false);
  assert.deepEqual(known.at('ae1/cnt1').labels, ['c']);
});

test('DELETE of a subtree: a mark, an item to sweep it, and the name is free at once (R13)', () => {
  const known = world();
  put(known, '1');
  const { id } = known.at('ae1/cnt1');
  assert.equal(known.delete('cse-in/ae1/cnt1', alice).response.responseStatusCode, 2002);
  assert.deepEqual(
    known.changes.map(({ kind }) => kind),
    ['removeSubtree', 'due', 'due'],
  );
  assert.deepEqual(
    known.dueOf('sweep').map((due) => due.id),
    [id],
  );
  assert.equal(known.retrieve('cse-in/ae1/cnt1/la', alice).responseStatusCode, 4004);
  assert.equal(known.create('cse-in/ae1', 3, 'm2m:cnt', { rn: 'cnt1' }, alice).response.responseStatusCode, 2001);
});

test('a decision changes nothing of what is known', () => {
  const known = world({ mni: 1 });
  put(known, '1');
  const before = structuredClone([[...known.rows], [...known.counts]]);
  known.decide({ operation: 1, to: 'cse-in/ae1/cnt1', resourceType: 4, content: { 'm2m:cin': { con: '2' } } }, alice);
  known.decide({ operation: 3, to: 'cse-in/ae1/cnt1', content: { 'm2m:cnt': { mni: 0 } } }, alice);
  known.decide({ operation: 4, to: 'cse-in/ae1/cnt1' }, alice);
  assert.deepEqual([[...known.rows], [...known.counts]], before);
});

test('issue 4 §2: a tree has a bounded number of levels; the deepest container still takes instances', () => {
  const known = world();
  let to = 'cse-in/ae1/cnt1';
  for (let level = 3; level <= Limits.treeLevels; level++) {
    assert.equal(known.create(to, 3, 'm2m:cnt', { rn: 'c' }, alice).response.responseStatusCode, 2001);
    to += '/c';
  }
  assert.equal(known.create(to, 3, 'm2m:cnt', { rn: 'c' }, alice).response.responseStatusCode, 5207);
  assert.equal(known.create(to, 4, 'm2m:cin', { con: 'x' }, alice).response.responseStatusCode, 2001);
});
