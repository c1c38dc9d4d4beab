import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  ChangeFolder,
  type FoldedChanges,
  ImpossibleChange,
} from '../../../../services/adapters/postgres/fold-changes.ts';
import type { Change } from '../../../../services/core/decision.ts';
import type { StoredResource } from '../../../../services/core/resource.ts';

const counters = { stateTag: 0, instances: 0, bytes: 0, nextSequence: 0, lowestSequence: 0 };

function resource(id: string, more: Partial<StoredResource> = {}): StoredResource {
  return {
    shard: 1,
    cse: 1,
    id,
    parentId: 'p',
    name: id,
    type: 3,
    ancestors: '',
    path: id,
    version: 8,
    sequence: 0,
    expiresAt: null,
    size: 0,
    creator: '/C',
    attributes: {},
    ...more,
  };
}

/** The changes of a part whose fence gets version 8. */
function fold(...changes: Change[]): FoldedChanges {
  const folder = new ChangeFolder();
  for (const change of changes) folder.take(0, 8, change);
  return folder.fold();
}

function idsOf(folded: FoldedChanges): Record<string, string[]> {
  return {
    removals: folded.removals.map(({ id }) => id),
    updates: folded.updates.map(({ id }) => id),
    inserts: folded.inserts.map(({ id }) => id),
    marks: folded.marks.map((mark) => `${mark.resource.id}≤${mark.until}`),
    returns: folded.returns.map(({ id }) => id),
  };
}

const none = { removals: [], updates: [], inserts: [], marks: [], returns: [] };
const insert = (row: StoredResource): Change => ({ kind: 'insert', resource: row });
const update = (row: StoredResource): Change => ({ kind: 'update', resource: row });
const remove = (row: StoredResource): Change => ({ kind: 'remove', resource: row });
const mark = (row: StoredResource): Change => ({ kind: 'removeSubtree', resource: row });

describe('changes of one row in a flight', () => {
  it('become one: insert and update, insert and remove, update and remove', () => {
    const changed = resource('a', { size: 5 });
    const updated = fold(insert(resource('a')), update(changed));
    assert.deepEqual(idsOf(updated), { ...none, inserts: ['a'] });
    assert.equal(updated.inserts[0], changed);
    assert.deepEqual(idsOf(fold(insert(resource('a')), remove(resource('a')))), none);
    assert.deepEqual(idsOf(fold(update(resource('a')), remove(resource('a')))), { ...none, removals: ['a'] });
    assert.deepEqual(idsOf(fold(remove(resource('a')), insert(resource('a')))), {
      ...none,
      removals: ['a'],
      inserts: ['a'],
    });
  });

  it('refuse a row that is inserted twice', () => {
    assert.throws(() => fold(insert(resource('a')), insert(resource('a'))), ImpossibleChange);
  });

  it('leave the younger namesake of what a sweep removes (R13)', () => {
    const swept = resource('a', { version: 3 });
    assert.deepEqual(idsOf(fold(insert(resource('a')), remove(swept))), { ...none, removals: ['a'], inserts: ['a'] });
    assert.deepEqual(idsOf(fold(update(resource('a')), remove(swept))), { ...none, removals: ['a'], updates: ['a'] });
  });

  it('mark what was inserted in the same flight, behind the insert', () => {
    assert.deepEqual(idsOf(fold(insert(resource('a')), mark(resource('a')))), {
      ...none,
      inserts: ['a'],
      marks: ['a≤8'],
    });
    assert.deepEqual(idsOf(fold(update(resource('a')), mark(resource('a')))), { ...none, marks: ['a≤8'] });
  });

  it('bring an ID back that a mark of the flight has freed, without what was below its old self (R8, R13)', () => {
    const below = resource('b', { ancestors: 'a', parentId: 'a' });
    const back = fold(insert(below), mark(resource('a')), insert(resource('a')));
    assert.deepEqual(idsOf(back), { ...none, marks: ['a≤7'], returns: ['a'] });
    const again = fold(mark(resource('a')), insert(resource('a')), insert(below), mark(resource('a')));
    assert.deepEqual(idsOf(again), { ...none, marks: ['a≤7'] });
    const never = fold(insert(resource('a')), mark(resource('a')), insert(resource('a')));
    assert.deepEqual(idsOf(never), { ...none, inserts: ['a'] });
  });

  it('write no instance that the flight itself evicts, and raise the lowest sequence with the counters', () => {
    const instance = (sequence: number) => resource(`i${sequence}`, { type: 4, parentId: 'cnt', sequence });
    const container = { shard: 1, cse: 1, id: 'cnt' };
    const folded = fold(
      insert(instance(4)),
      insert(instance(5)),
      { kind: 'evict', container, belowSequence: 5, rows: 'now' },
      { kind: 'counters', key: container, counters: { ...counters, nextSequence: 6, lowestSequence: 2 } },
    );
    assert.deepEqual(idsOf(folded), { ...none, inserts: ['i5'] });
    assert.equal(folded.counters[0]?.counters.lowestSequence, 5);
    assert.deepEqual(folded.floors, []);
    assert.deepEqual(folded.evictions, [{ key: container, below: 5 }]);
    const later = fold({ kind: 'evict', container, belowSequence: 5, rows: 'later' });
    assert.deepEqual([later.evictions, later.floors], [[], [{ key: container, below: 5 }]]);
  });
});

describe('AE-IDs and due items in a flight', () => {
  const home = (action: 'insert' | 'remove', at: number): Change => ({
    kind: 'aeHome',
    action,
    cse: 1,
    aeId: 'Cx',
    home: at,
  });
  const homes = (...changes: Change[]) => {
    const { freed, taken } = fold(...changes);
    return [freed.map((entry) => entry.home), taken.map((entry) => entry.home)];
  };

  it('free, then take: what was taken and freed again never was (R8)', () => {
    assert.deepEqual(homes(home('remove', 1), home('insert', 2)), [[1], [2]]);
    assert.deepEqual(homes(home('insert', 2), home('remove', 2)), [[], []]);
    assert.deepEqual(homes(home('remove', 1), home('insert', 2), home('remove', 2)), [[1], []]);
  });

  it('are put or dropped as was said last (R21)', () => {
    const due = { shard: 1, cse: 1, kind: 'expiry', id: 'a', at: 5 } as const;
    const dues = (...actions: ('put' | 'drop')[]) => {
      const { puts, drops } = fold(...actions.map((action): Change => ({ kind: 'due', action, due })));
      return [puts.length, drops.length];
    };
    assert.deepEqual(dues('put', 'drop'), [0, 1]);
    assert.deepEqual(dues('drop', 'put'), [1, 0]);
  });
});
