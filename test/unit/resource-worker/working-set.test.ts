import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MissingFact, type Need } from '../../../services/core/decision.ts';
import type { Fact, LoadedResource } from '../../../services/ports/resource-store.ts';
import type { Batch } from '../../../services/resource-worker/batch/batch.ts';
import { BatchMustClose } from '../../../services/resource-worker/batch/working-set.ts';
import {
  aBatch,
  aForeignCache,
  anInstance,
  aResource,
  aState,
  foreignShard,
  ownShard,
  StandingClock,
  someCounters,
} from './fixtures.ts';

const container = aResource({ id: 'cnt', attributes: { mni: 3 } });

/** Runs a read, and gives the needs that it throws. */
function needsOf(read: () => unknown): Need[] {
  try {
    read();
  } catch (thrown) {
    assert.ok(thrown instanceof MissingFact, String(thrown));
    return thrown.needs;
  }
  return assert.fail('nothing was missing');
}

function loaded(changes: Partial<LoadedResource> = {}): LoadedResource {
  return {
    resource: container,
    counters: someCounters({ instances: 2, nextSequence: 2 }),
    subscriptions: [],
    ...changes,
  };
}

function learn(batch: Batch, need: Need, fact: Fact): void {
  batch.working.learn([need], [fact], 1_000_000);
}

function withContainer(batch = aBatch()): Batch {
  learn(batch, { kind: 'resource', cse: 1, shard: ownShard, id: 'cnt' }, { kind: 'resource', found: loaded() });
  return batch;
}

const summary = ({ id, sequence, size, expiresAt }: ReturnType<typeof anInstance>) => ({
  id,
  sequence,
  size,
  expiresAt,
});

test('R9: what is not known is named, loaded, and then known to the batch and to the next one', () => {
  const state = aState();
  const batch = aBatch(state);
  const read = () => batch.working.resource(1, ownShard, 'cnt');
  assert.deepEqual(needsOf(read), [{ kind: 'resource', cse: 1, shard: ownShard, id: 'cnt' }]);
  withContainer(batch);
  assert.equal(read(), container);
  assert.equal(aBatch(state).working.resource(1, ownShard, 'cnt'), container);
});

test('R8: an AE-ID that is not where it seems to live is looked for where the directory says, in the same partition too', () => {
  for (const [guess, home] of [
    [ownShard, ownShard + 8],
    [foreignShard, foreignShard + 4],
  ] as const) {
    const batch = aBatch();
    const at = (shard: number): Need => ({ kind: 'resource', cse: 1, shard, id: 'Cae' });
    learn(batch, at(guess), { kind: 'resource', found: null });
    assert.equal(batch.working.resource(1, guess, 'Cae'), null);
    assert.deepEqual(
      needsOf(() => batch.working.resource(1, home, 'Cae')),
      [at(home)],
    );
    const ae = aResource({ id: 'Cae', shard: home, type: 2 });
    learn(batch, at(home), { kind: 'resource', found: { resource: ae, subscriptions: [] } });
    assert.equal(batch.working.resource(1, home, 'Cae'), ae);
  }
});

test('R9: later requests of a batch see what earlier ones have changed, and a batch that fails leaves no trace', () => {
  const state = aState();
  const batch = withContainer(aBatch(state));
  const instance = anInstance('cnt', 2);
  batch.addChanges([
    { kind: 'insert', resource: instance },
    { kind: 'counters', key: container, counters: someCounters({ stateTag: 5, instances: 3, nextSequence: 3 }) },
  ]);
  assert.equal(batch.working.latest(container), instance);
  assert.equal(batch.working.counters(container).stateTag, 5);
  assert.equal(batch.working.resourceAt(1, ownShard, instance.path), instance);
  assert.equal(instance.version, 8, 'rows get the version of the commit to come (R24)');

  const next = aBatch(state);
  assert.equal(next.working.counters(container).stateTag, 0);
  batch.mergeIntoState(1, 'attempt');
  assert.equal(aBatch(state).working.counters(container).stateTag, 5);
  assert.equal(aBatch(state).working.latest(container), instance);
});

test('R9: what only the committed state can tell closes a batch that has changed it, and no other', () => {
  const query = { cse: 1, shard: ownShard, rootId: 'cnt', limit: 10 };
  const batch = withContainer();
  needsOf(() => batch.working.query(query));
  needsOf(() => batch.working.latestChildExpiry(container));
  needsOf(() => batch.working.oldest(container));
  needsOf(() => batch.working.cut(container, 1, undefined));
  batch.addChanges([{ kind: 'insert', resource: anInstance('cnt', 2) }]);
  assert.throws(() => batch.working.query(query), BatchMustClose);
  assert.throws(() => batch.working.query({ cse: 1, rootId: 'rbase', limit: 10 }), BatchMustClose);
  assert.throws(() => batch.working.latestChildExpiry(container), BatchMustClose);
  assert.throws(() => batch.working.oldest(container), BatchMustClose);
  assert.throws(() => batch.working.cut(container, 1, undefined), BatchMustClose);
  assert.throws(() => batch.working.oldestInstances(container, 1), BatchMustClose);
  needsOf(() => batch.working.query({ ...query, shard: ownShard + 4 }));
});

test('R9: instances of a container whose row this batch has changed are loaded once, not for ever', () => {
  const batch = withContainer();
  const changed = { ...container, attributes: { mni: 2 } };
  batch.addChanges([{ kind: 'update', resource: changed }]);
  const [latestNeed] = needsOf(() => batch.working.latest(changed));
  const newest = anInstance('cnt', 1);
  learn(batch, latestNeed as Need, { kind: 'latest', found: newest });
  assert.equal(batch.working.latest(changed), newest);
  const [oldestNeed] = needsOf(() => batch.working.oldestInstances(changed, 1));
  learn(batch, oldestNeed as Need, {
    kind: 'oldestInstances',
    instances: [summary(anInstance('cnt', 0)), summary(newest)],
  });
  assert.equal(batch.working.oldestInstances(changed, 1).length, 2);
  assert.equal(batch.working.resource(1, ownShard, 'cnt'), changed);
});

test('R9: evictions of a batch follow one another without another load', () => {
  const batch = withContainer();
  const [need] = needsOf(() => batch.working.oldestInstances(container, 1));
  assert.equal((need as { count: number }).count, 256, 'once per container, for the worst case of the batch');
  const old = [0, 1].map((sequence) => summary(anInstance('cnt', sequence)));
  learn(batch, need as Need, { kind: 'oldestInstances', instances: old });
  for (let sequence = 2; sequence < 6; sequence++) {
    const [oldest] = batch.working.oldestInstances(container, 1);
    assert.equal(oldest?.sequence, sequence - 2);
    batch.addChanges([
      { kind: 'insert', resource: anInstance('cnt', sequence) },
      { kind: 'evict', container, belowSequence: sequence - 1, rows: 'now' },
    ]);
  }
  assert.equal(batch.working.resource(1, ownShard, 'cnt-i3'), null, 'evicted by its own batch');
  assert.equal(batch.working.resource(1, ownShard, 'cnt-i5')?.sequence, 5);
  assert.equal(batch.working.counters(container).lowestSequence, 4);
});

test('the oldest of a container without limits are not kept: nobody asks for them', () => {
  const state = aState();
  const batch = aBatch(state);
  const free = aResource({ id: 'free' });
  batch.addChanges([{ kind: 'insert', resource: free, counters: someCounters() }]);
  for (let sequence = 0; sequence < 5; sequence++)
    batch.addChanges([{ kind: 'insert', resource: anInstance('free', sequence) }]);
  batch.mergeIntoState(1, 'attempt');
  assert.equal(state.cache.entries.get('1/free')?.oldest?.length, 0);
  assert.equal(state.cache.entries.get('1/free')?.oldestComplete, false);
  assert.equal(state.cache.entries.get('1/free')?.latest?.sequence, 4);
});

test('a container with limits keeps a bounded list of the oldest', () => {
  const state = aState();
  const batch = aBatch(state);
  const large = aResource({ id: 'large', attributes: { mni: 10_000 } });
  batch.addChanges([{ kind: 'insert', resource: large, counters: someCounters() }]);
  for (let sequence = 0; sequence < 600; sequence++)
    batch.addChanges([{ kind: 'insert', resource: anInstance('large', sequence) }]);
  assert.equal(batch.working.oldestInstances(large, 3)[2]?.sequence, 2);
  batch.mergeIntoState(1, 'attempt');
  assert.equal(state.cache.entries.get('1/large')?.oldest?.length, 512);
});

test('the newest instance is not known any more when it was removed', () => {
  const batch = withContainer();
  const instance = anInstance('cnt', 2);
  batch.addChanges([{ kind: 'insert', resource: instance }]);
  batch.addChanges([{ kind: 'remove', resource: instance }]);
  assert.throws(() => batch.working.latest(container), BatchMustClose);
  assert.equal(batch.working.resource(1, ownShard, instance.id), null);
});

test('R15: an instance that has expired by log time is no newest one', () => {
  const batch = withContainer();
  batch.addChanges([{ kind: 'insert', resource: anInstance('cnt', 2, { expiresAt: 1_000_500 }) }]);
  assert.equal(batch.working.latest(container)?.sequence, 2);
  batch.advanceLogTime(1_000_500);
  assert.throws(() => batch.working.latest(container), BatchMustClose);
});

test('R13: a mark hides all that is below it at once, frees the name, and is forgotten with its row', () => {
  const state = aState();
  const batch = withContainer(aBatch(state));
  const below = aResource({ id: 'below', parentId: 'cnt', ancestors: 'cnt', path: 'cnt/below' });
  learn(
    batch,
    { kind: 'resource', cse: 1, shard: ownShard, id: 'below' },
    { kind: 'resource', found: loaded({ resource: below }) },
  );
  batch.addChanges([{ kind: 'removeSubtree', resource: container }]);
  assert.equal(batch.working.resource(1, ownShard, 'cnt'), null);
  assert.equal(batch.working.resource(1, ownShard, 'below'), null);
  assert.equal(batch.working.resourceAt(1, ownShard, 'cnt'), null);
  batch.mergeIntoState(1, 'attempt');

  const next = aBatch(state);
  assert.equal(next.working.resource(1, ownShard, 'below'), null);
  const successor = aResource({ id: 'new', name: 'cnt', path: 'cnt' });
  next.addChanges([{ kind: 'insert', resource: successor, counters: someCounters() }]);
  next.addChanges([{ kind: 'remove', resource: container }]);
  assert.equal(
    next.working.resourceAt(1, ownShard, 'cnt'),
    successor,
    'the sweep takes nothing from who has the name now',
  );
  next.mergeIntoState(2, 'attempt');
  assert.equal(state.cache.marks.size, 0);
});

test('R24: what a write has read of other shards is a condition of its commit, and only that', () => {
  const batch = withContainer();
  const policy = aResource({ id: 'acp', shard: foreignShard, type: 1, version: 42 });
  const other = aResource({ id: 'other', shard: foreignShard, type: 1, version: 43 });
  for (const resource of [policy, other]) {
    learn(
      batch,
      { kind: 'resource', cse: 1, shard: foreignShard, id: resource.id },
      { kind: 'resource', found: { resource, subscriptions: [] } },
    );
  }
  batch.beginRecord();
  batch.working.resource(1, foreignShard, 'other');
  batch.working.unbound(() => batch.working.resource(1, foreignShard, 'acp'));
  batch.beginRecord();
  batch.working.resource(1, foreignShard, 'acp');
  batch.addChanges([{ kind: 'insert', resource: anInstance('cnt', 2) }]);
  assert.deepEqual(batch.toCommit(0, 1, 'a').relied, [{ cse: 1, shard: foreignShard, id: 'acp', version: 42 }]);
});

test('R24: a refused write binds as well: yesterday’s policy refuses nobody', () => {
  const batch = aBatch();
  learn(batch, { kind: 'resource', cse: 1, shard: foreignShard, id: 'acp' }, { kind: 'resource', found: null });
  batch.beginRecord();
  assert.equal(batch.working.resource(1, foreignShard, 'acp'), null);
  batch.bindReliances();
  assert.deepEqual(batch.toCommit(0, 1, 'a').relied, [{ cse: 1, shard: foreignShard, id: 'acp', version: 0 }]);
});

test('R24: a row of another shard is asked for again after a second', () => {
  const clock = new StandingClock();
  const foreign = aForeignCache(clock);
  const batch = aBatch(aState(), clock.time, foreign);
  const policy = aResource({ id: 'acp', shard: foreignShard, type: 1 });
  learn(
    batch,
    { kind: 'resource', cse: 1, shard: foreignShard, id: 'acp' },
    { kind: 'resource', found: { resource: policy, subscriptions: [] } },
  );
  const read = () => batch.working.resource(1, foreignShard, 'acp');
  clock.time += 1000;
  assert.equal(read(), policy);
  clock.time += 1;
  assert.equal(needsOf(read).length, 1);
});

test('R14: reads alone need no commit; anything that is remembered, seen or changed does', () => {
  const reads = aBatch();
  reads.emit(1, 0, Buffer.from('reply'));
  reads.readReplies++;
  assert.equal(reads.needsCommit(), false);
  reads.remember('A'.repeat(22), ownShard, 0);
  assert.equal(reads.needsCommit(), true);
  const seen = aBatch();
  seen.see(3, 1, 0);
  assert.equal(seen.needsCommit(), true);
  const answered = aBatch();
  answered.emit(1, 0, Buffer.from('an answer that is not remembered, to something that was done'));
  assert.equal(answered.needsCommit(), true);
});

test('R14: replies to reads that the log has not acknowledged stand in the journal behind those that keys point to', () => {
  const state = aState();
  state.openReads.set({ log: 1, partition: 0, frame: Buffer.from('read') }, Promise.resolve());
  const batch = aBatch(state);
  batch.remember('A'.repeat(22), ownShard, batch.emit(1, 0, Buffer.from('created')));
  const { journal } = batch.toCommit(0, 1, 'a');
  assert.deepEqual(journal?.replies, [0]);
  assert.ok(journal.out.includes('created') && journal.out.indexOf('created') < journal.out.indexOf('read'));
});
