import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createLog, logDeadLetter, logRefused } from '../../../services/platform/logging.ts';
import { createMetrics } from '../../../services/platform/metrics.ts';
import { createSystemChance } from '../../../services/platform/system-clock.ts';
import { createTraceSource, formatTraceparent, parseTraceparent } from '../../../services/platform/trace-context.ts';

test('two sets of metrics live in one process, and removed partitions are no longer reported', async () => {
  const [first, second] = [createMetrics(), createMetrics({ defaults: true })];
  first.duplicatesSuppressed.add(3);
  first.oldestUnprocessedSeconds.set(4, 'requests', 7);
  first.stageSeconds.observe(0.003, 'decide');
  const text = await first.registry.metrics();
  assert.match(text, /incse_duplicates_suppressed_total 3/);
  assert.match(text, /incse_oldest_unprocessed_seconds\{log="requests",partition="7"\} 4/);
  assert.match(text, /incse_stage_seconds_bucket\{le="0.005",stage="decide"\} 1/);
  first.oldestUnprocessedSeconds.remove('requests', 7);
  assert.doesNotMatch(await first.registry.metrics(), /partition="7"/);
  assert.doesNotMatch(await second.registry.metrics(), /incse_duplicates_suppressed_total 3/);
  assert.match(await second.registry.metrics(), /nodejs_eventloop_lag/);
});

test('log lines are JSON with service, instance, rqi and reason', () => {
  const lines: string[] = [];
  const log = createLog({
    service: 'ingress',
    instance: 'i-1',
    level: 'info',
    destination: { write: (line) => void lines.push(line) },
  });
  logRefused(log, { requestIdentifier: 'q1', code: 4000, reason: 'no fr', cse: '/id-in' });
  logDeadLetter(log, { requestIdentifier: undefined, step: 'read', reason: 'no JSON', partition: 1, offset: 2 });
  log.error({ error: new Error('boom') }, 'failed');
  const [refused, dead, failed] = lines.map((line) => JSON.parse(line));
  assert.deepEqual(
    [refused.service, refused.instance, refused.level, refused.rqi, refused.code, refused.reason],
    ['ingress', 'i-1', 'info', 'q1', 4000, 'no fr'],
  );
  assert.deepEqual([dead.level, dead.step, dead.partition, dead.offset], ['error', 'read', 1, 2]);
  assert.equal(failed.error.message, 'boom');
});

test('traceparents are well formed, differ, and carry the sampled flag', () => {
  const none = createTraceSource(0);
  const all = createTraceSource(1);
  const headers = Array.from({ length: 1000 }, () => none.begin());
  assert.equal(new Set(headers).size, 1000);
  for (const header of headers) {
    const context = parseTraceparent(header);
    assert.equal(context?.sampled, false);
    assert.equal(formatTraceparent(context!), header);
  }
  assert.equal(parseTraceparent(all.begin())?.sampled, true);
  for (const bad of [
    '',
    '00-0-0-00',
    `00-${'0'.repeat(32)}-${'1'.repeat(16)}-01`,
    `01-${'1'.repeat(32)}-${'1'.repeat(16)}-01`,
  ]) {
    assert.equal(parseTraceparent(bad), undefined);
  }
});

test('tokens have a fixed length and differ', () => {
  const chance = createSystemChance();
  const tokens = Array.from({ length: 500 }, () => chance.token(64));
  assert.equal(new Set(tokens).size, 500);
  for (const token of tokens) assert.match(token, /^[0-9a-z]{13}$/);
  assert.match(chance.token(20), /^[0-9a-z]{4}$/);
});
