import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryRequestLog } from '../../../../services/adapters/memory/request-log.ts';
import { meterLog } from '../../../../services/adapters/metered/request-log.ts';
import { createMetrics } from '../../../../services/platform/metrics.ts';
import { createSystemClock } from '../../../../services/platform/system-clock.ts';
import type { FetchedBatch } from '../../../../services/ports/request-log.ts';
import { until } from '../../../system/device.ts';

test('a log reports appends, fetches, partitions and the age of what is not done', async () => {
  const metrics = createMetrics();
  const system = createSystemClock();
  let ahead = 0;
  const clock = { ...system, now: () => system.now() + ahead };
  const memory = new MemoryRequestLog({ name: 'requests', partitions: 2, recordBytes: 1000 });
  const log = meterLog(memory, { metrics, clock, log: 'requests' });
  const consumer = await log.consumer({ group: 'g' });
  const batches: FetchedBatch[] = [];
  await consumer.start({
    assigned: (partitions) => {
      for (const partition of partitions) consumer.begin(partition, 0);
    },
    revoked() {},
    batch: (batch) => void batches.push(batch),
    failed: (reason) => assert.fail(reason),
  });
  const producer = await log.producer();
  await producer.append([{ partition: 1, value: Buffer.from('x') }]);
  await until('the record is fetched', () => batches.length > 0, 2000);
  ahead = 60_000;

  const busy = await metrics.registry.metrics();
  assert.match(busy, /incse_log_append_seconds_count\{log="requests"\} 1/);
  assert.match(busy, /incse_log_fetched_records_total\{log="requests"\} 1/);
  assert.match(busy, /incse_log_partitions_assigned\{log="requests"\} 2/);
  assert.match(busy, /incse_log_pending_records\{log="requests"\} 0/);
  const age = /incse_oldest_unprocessed_seconds\{log="requests",partition="1"\} (\S+)/.exec(busy)?.[1];
  assert.ok(Number(age) >= 60 && Number(age) < 70, age);

  consumer.done(1, batches[0]?.nextOffset ?? 0);
  assert.match(
    await metrics.registry.metrics(),
    /incse_oldest_unprocessed_seconds\{log="requests",partition="1"\} 0$/m,
  );
  await producer.close();
  await consumer.stop();
  await log.close();
});
