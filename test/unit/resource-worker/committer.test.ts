import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createUntraced } from '../../../services/platform/tracing/tracing.ts';
import type { FlightOutcome, PartitionCommit, ResourceStore } from '../../../services/ports/resource-store.ts';
import { Committer } from '../../../services/resource-worker/partition/committer.ts';
import { StandingClock } from './fixtures.ts';
import { aPart } from './partition-commits.ts';

const settle = async () => {
  for (let turn = 0; turn < 10; turn++) await new Promise((resolve) => setImmediate(resolve));
};

/** A committer whose flights land when the test says how. */
function aCommitter() {
  const flights: { parts: number[]; land(outcome: FlightOutcome): Promise<void> }[] = [];
  const passed: string[] = [];
  const commit = (_generation: number, parts: PartitionCommit[]) =>
    new Promise<FlightOutcome>((resolve) => {
      const land = (outcome: FlightOutcome) => {
        resolve(outcome);
        return settle();
      };
      flights.push({ parts: parts.map(({ partition }) => partition), land });
    });
  const store = { commit } as unknown as ResourceStore;
  const committer = new Committer(store, 1, new StandingClock(), (name) => void passed.push(name), createUntraced());
  const outcomes: string[] = [];
  const send = (partition: number) =>
    void committer.commit(aPart(partition)).then(({ kind }) => outcomes.push(`${partition} ${kind}`));
  const flight = (index: number) => {
    const found = flights[index];
    assert.ok(found, `there is no flight ${index}`);
    return found;
  };
  return { send, flights, flight, outcomes, passed };
}

test('R11: one flight is out at a time, and takes what became ready meanwhile', async () => {
  const { send, flights, flight, outcomes, passed } = aCommitter();
  send(0);
  send(1);
  await settle();
  send(2);
  send(3);
  await settle();
  assert.deepEqual(
    flights.map(({ parts }) => parts),
    [[0, 1]],
  );
  await flight(0).land({ kind: 'committed' });
  assert.deepEqual(flight(1).parts, [2, 3]);
  await flight(1).land({ kind: 'committed' });
  assert.deepEqual(outcomes, ['0 committed', '1 committed', '2 committed', '3 committed']);
  assert.deepEqual(passed.slice(0, 3), ['begin', 'commit-sent', 'commit-acked']);
});

test('R11: a part whose fence fails flies out, the others fly again before what came later', async () => {
  const { send, flight, outcomes } = aCommitter();
  for (const partition of [0, 1, 2]) send(partition);
  await settle();
  send(3);
  await flight(0).land({ kind: 'fenced', partitions: [1] });
  assert.deepEqual(outcomes, ['1 fenced']);
  assert.deepEqual(flight(1).parts, [0, 2, 3]);
  await flight(1).land({ kind: 'stale', partitions: [3], what: 'a policy' });
  assert.deepEqual(outcomes, ['1 fenced', '3 stale']);
  assert.deepEqual(flight(2).parts, [0, 2]);
  await flight(2).land({ kind: 'committed' });
  assert.deepEqual(outcomes, ['1 fenced', '3 stale', '0 committed', '2 committed']);
});

test('R12: a flight that meets a lock is repeated as it was', async () => {
  const { send, flights, flight, outcomes } = aCommitter();
  send(0);
  send(1);
  await settle();
  await flight(0).land({ kind: 'busy' });
  await flight(1).land({ kind: 'busy' });
  assert.deepEqual(
    flights.map(({ parts }) => parts),
    [
      [0, 1],
      [0, 1],
      [0, 1],
    ],
  );
  assert.deepEqual(outcomes, []);
  await flight(2).land({ kind: 'committed' });
  assert.deepEqual(outcomes, ['0 committed', '1 committed']);
});

test('R12: what the database refuses is tried part by part, so that only the culprit is told', async () => {
  const { send, flight, outcomes } = aCommitter();
  for (const partition of [0, 1, 2]) send(partition);
  await settle();
  const refused: FlightOutcome = { kind: 'refused', reason: new Error('a NUL in a text') };
  await flight(0).land(refused);
  assert.deepEqual(flight(1).parts, [0]);
  await flight(1).land({ kind: 'committed' });
  await flight(2).land(refused);
  await flight(3).land({ kind: 'committed' });
  assert.deepEqual(outcomes, ['0 committed', '1 refused', '2 committed']);
});

test('R3: of an unknown outcome every part is told, and the next flight goes', async () => {
  const { send, flight, outcomes } = aCommitter();
  send(0);
  send(1);
  await settle();
  send(0);
  await flight(0).land({ kind: 'unknown', reason: new Error('the connection is gone') });
  assert.deepEqual(outcomes, ['0 unknown', '1 unknown']);
  assert.deepEqual(flight(1).parts, [0]);
});
