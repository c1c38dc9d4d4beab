/**
 * Thousands of histories of the real flows over simulated parts, each judged by the five promises of `semantics.md`. A history
 * that breaks one prints its seed; `node test/simulation/replay.ts SEED` shows it alone, event by event.
 *
 * SIMULATION_SEED: first seed (default 1). SIMULATION_SECONDS: how long to go on (default 45). SIMULATION_HISTORIES: at least
 * so many, however long that takes (default 500), at most 50 times as many.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { runHistory } from './history.ts';

const firstSeed = Number(process.env.SIMULATION_SEED ?? 1);
const seconds = Number(process.env.SIMULATION_SECONDS ?? 45);
const atLeast = Number(process.env.SIMULATION_HISTORIES ?? 500);

test('the promises hold in every history (promises 1-5, R2, R3, R5, R6, R10, R16, R22-R26, R28)', async (t) => {
  const began = performance.now();
  const totals = { histories: 0, events: 0, requests: 0, instances: 0, notifications: 0 };
  const broken: string[] = [];
  const isEnough = () => totals.histories >= atLeast && performance.now() - began >= seconds * 1000;
  for (let seed = firstSeed; !isEnough() && totals.histories < atLeast * 50 && broken.length < 5; seed++) {
    const { problems, events, requests, instances, notifications } = await runHistory({ seed });
    totals.histories++;
    totals.events += events;
    totals.requests += requests;
    totals.instances += instances;
    totals.notifications += notifications;
    if (problems.length > 0) broken.push(`seed ${seed}: ${problems.slice(0, 3).join('; ')}`);
  }
  t.diagnostic(`${totals.histories} histories from seed ${firstSeed} on: ${JSON.stringify(totals)}`);
  assert.deepEqual(broken, [], `replay with: node test/simulation/replay.ts SEED`);
  // A simulation in which nothing happens proves nothing.
  assert.ok(totals.instances > totals.histories && totals.notifications > totals.histories);
});

async function traceOf(seed: number): Promise<{ hash: string; lines: number }> {
  const hash = createHash('sha256');
  let lines = 0;
  await runHistory({
    seed,
    tracer(line) {
      hash.update(`${line}\n`);
      lines++;
    },
  });
  return { hash: hash.digest('hex'), lines };
}

test('the same seed gives the same history, event by event', async () => {
  for (const seed of [3, 21, 113]) {
    const once = await traceOf(seed);
    const again = await traceOf(seed);
    assert.deepEqual(again, once);
    assert.ok(once.lines > 500);
  }
  assert.notEqual((await traceOf(1)).hash, (await traceOf(2)).hash);
});
