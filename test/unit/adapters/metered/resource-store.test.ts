import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meterStore } from '../../../../services/adapters/metered/resource-store.ts';
import { createMetrics } from '../../../../services/platform/metrics.ts';
import { createSystemClock } from '../../../../services/platform/system-clock.ts';
import type { FlightOutcome, PartitionCommit, ResourceStore } from '../../../../services/ports/resource-store.ts';

test('R2, R12: a store reports its flights by outcome, the fences that failed, and calls that fail', async () => {
  const outcomes: FlightOutcome[] = [
    { kind: 'committed' },
    { kind: 'fenced', partitions: [1, 4] },
    { kind: 'unknown', reason: new Error('connection lost') },
  ];
  const store = {
    commit: async () => outcomes.shift(),
    load: async () => Promise.reject(new Error('away')),
    ping: async () => {},
  } as unknown as ResourceStore;
  const metrics = createMetrics();
  const metered = meterStore(store, metrics, createSystemClock());
  for (let flight = 0; flight < 3; flight++) await metered.commit(1, [{}, {}] as PartitionCommit[]);
  await assert.rejects(metered.load([]), /away/);
  await metered.ping();
  const text = await metrics.registry.metrics();
  for (const line of [
    'incse_flights_total{outcome="committed"} 1',
    'incse_flights_total{outcome="fenced"} 1',
    'incse_flights_total{outcome="unknown"} 1',
    'incse_fence_failures_total 2',
    'incse_store_failures_total{call="commit"} 1',
    'incse_store_failures_total{call="load"} 1',
    'incse_store_seconds_count{call="commit"} 3',
    'incse_stage_seconds_count{stage="commit"} 3',
    'incse_batch_records_sum{stage="commit"} 6',
  ]) {
    assert.ok(text.includes(`${line}\n`), line);
  }
});
