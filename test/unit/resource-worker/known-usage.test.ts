/** What a worker knows of what the CSEs have: exact of its own partitions, the others as of the last look. */
import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'node:test';
import type { CseUsage } from '../../../services/ports/resource-store.ts';
import { KnownUsage } from '../../../services/resource-worker/usage/known-usage.ts';

const has = (resources: number, cse = 1): CseUsage => ({ cse, applicationEntities: 0, resources, bytes: 0 });
const growth = (resources: number) => ({ applicationEntities: 0, resources, bytes: 0 });

describe('what a worker knows of usage', () => {
  let known: KnownUsage;
  const resources = (cse = 1) => known.of(cse).resources;
  beforeEach(() => {
    known = new KnownUsage();
  });

  it('is nothing of a CSE that never had anything', () => {
    assert.deepEqual(known.of(7), { applicationEntities: 0, resources: 0, bytes: 0 });
  });

  it('adds own partitions to what was read of the others', () => {
    known.take(0, [has(3), has(50, 2)]);
    known.learnOthers([has(10)], known.own());
    assert.equal(resources(), 13);
    known.landed(0, [has(5)]);
    assert.equal(resources(), 15);
    assert.equal(resources(2), 50);
  });

  it('counts nothing twice while the sums of others still contain an own partition', () => {
    known.learnOthers([has(10)], []);
    known.take(0, [has(4)]);
    assert.equal(resources(), 10);
    known.landed(0, [has(6)]);
    assert.equal(resources(), 12);
    known.learnOthers([has(7)], known.own());
    assert.equal(resources(), 13);
  });

  it('contains what the batch in hand has decided, until it lands or another begins', () => {
    known.take(0, [has(1)]);
    known.learnOthers([], known.own());
    known.decided(0, 1, growth(2));
    known.decided(0, 1, growth(1));
    assert.equal(resources(), 4);
    known.begin(0);
    assert.equal(resources(), 1);
    known.decided(0, 1, growth(2));
    known.landed(0, [has(3)]);
    assert.equal(resources(), 3);
  });

  it('sees what other partitions of the worker have decided', () => {
    known.take(0, []);
    known.take(1, []);
    known.decided(0, 1, growth(2));
    known.decided(1, 1, growth(2));
    known.begin(1);
    assert.equal(resources(), 2);
  });

  it('keeps a partition that moved away until the others are read with it', () => {
    known.take(0, [has(4)]);
    known.take(1, [has(2)]);
    known.learnOthers([has(1)], known.own());
    known.leave(0);
    assert.equal(resources(), 7);
    assert.equal(known.ownSums().get(1)?.resources, 2);
    assert.deepEqual(known.own(), [1]);
    known.learnOthers([has(5)], known.own());
    assert.equal(resources(), 7);
  });

  it('takes a partition back that it had before', () => {
    known.take(0, [has(4)]);
    known.learnOthers([has(1)], known.own());
    known.leave(0);
    known.take(0, [has(6)]);
    assert.equal(resources(), 7);
  });

  it('ignores a partition that it does not have', () => {
    known.landed(3, [has(9)]);
    known.decided(3, 1, growth(9));
    known.begin(3);
    known.leave(3);
    assert.equal(resources(), 0);
  });
});
