import assert from 'node:assert/strict';
import { describe, it, mock } from 'node:test';
import { ThrottledCommits } from '../../../../services/adapters/kafka/commits.ts';

describe('commits of offsets', () => {
  it('are the latest of each partition, once an interval', async () => {
    mock.timers.enable({ apis: ['setTimeout'] });
    const sent: [number, number][][] = [];
    const commits = new ThrottledCommits(
      1000,
      async (offsets) => void sent.push([...offsets]),
      () => assert.fail('no failure expected'),
    );
    commits.done(0, 5);
    commits.done(0, 9);
    commits.done(0, 7);
    commits.done(1, 1);
    commits.done(2, 4);
    commits.forget(2);
    mock.timers.tick(999);
    assert.deepEqual(sent, []);
    mock.timers.tick(1);
    await commits.flush();
    assert.deepEqual(sent, [
      [
        [0, 9],
        [1, 1],
      ],
    ]);
    commits.done(0, 10);
    await commits.flush();
    assert.deepEqual(sent[1], [[0, 10]]);
    mock.timers.tick(5000);
    assert.equal(sent.length, 2);
    mock.timers.reset();
  });

  it('that fail are told, not thrown, and made again with the next, but for partitions that have gone', async () => {
    const told: unknown[] = [];
    const sent: [number, number][][] = [];
    const commits = new ThrottledCommits(
      1000,
      async (offsets) => {
        sent.push([...offsets]);
        if (sent.length > 1) return;
        commits.forget(1);
        throw new Error('no coordinator');
      },
      (error) => told.push(error),
    );
    for (const partition of [0, 1, 2]) commits.done(partition, 7);
    const first = commits.flush();
    commits.done(2, 8);
    await first;
    assert.equal((told[0] as Error).message, 'no coordinator');
    await commits.flush();
    assert.deepEqual(sent[1]?.sort(), [
      [0, 7],
      [2, 8],
    ]);
    commits.stop();
  });
});
