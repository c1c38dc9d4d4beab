/** Where finished spans go: OTLP over HTTP as the standard settings say, read by the exporters from the environment. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Log } from '../../../services/platform/logging.ts';
import { createSilentLog } from '../../../services/platform/logging.ts';
import { readTracingSettings } from '../../../services/platform/settings-tracing.ts';
import { createSystemClock } from '../../../services/platform/system-clock.ts';
import { childOf } from '../../../services/platform/trace-context.ts';
import { startTracing } from '../../../services/platform/tracing/start-tracing.ts';
import { startCollector } from '../../system/otlp-collector.ts';

async function aProcess(t: TestContext, environment: Record<string, string>, log: Log = createSilentLog()) {
  const collector = await startCollector();
  const said: Record<string, string> = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, ...environment };
  Object.assign(process.env, said);
  t.after(async () => {
    for (const name of Object.keys(said)) delete process.env[name];
    await collector.stop();
  });
  const tracing = await startTracing({
    service: 'ingress',
    instance: 'ingress-1',
    version: '1.2.3',
    settings: readTracingSettings(),
    logSystem: 'kafka',
    clock: createSystemClock(),
    log,
  });
  const record = () => {
    const root = tracing.begin();
    const now = tracing.wallTime(performance.now());
    const span = {
      kind: 'consumer',
      began: now,
      ended: now + 1,
      attributes: { 'onem2m.operation': 'create' },
    } as const;
    tracing.record({ ...span, traceparent: childOf(root), parent: root, name: 'decide create' });
    return root;
  };
  return { tracing, collector, record };
}

test('OTLP as JSON: path, type, headers, resource and spans', async (t) => {
  const { tracing, collector, record } = await aProcess(t, {
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
    OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=one',
    OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
    OTEL_SERVICE_NAME: 'mine',
  });
  const root = record();
  await tracing.stop(5000);
  const [delivery] = collector.deliveries;
  assert.equal(collector.deliveries.length, 1);
  assert.deepEqual([delivery?.method, delivery?.path], ['POST', '/v1/traces']);
  assert.equal(delivery?.headers['content-type'], 'application/json');
  assert.equal(delivery?.headers['x-tenant'], 'one');
  const [span] = collector.spans();
  assert.equal(span?.name, 'decide create');
  assert.equal(span?.traceId, root.slice(3, 35));
  assert.equal(span?.parentSpanId, root.slice(36, 52));
  assert.deepEqual(span?.attributes, { 'onem2m.operation': 'create' });
  assert.equal(span?.service, 'mine');
  const body = delivery?.body.toString('utf8') ?? '';
  for (const said of ['deployment.environment.name', 'service.instance.id', 'ingress-1', '1.2.3']) {
    assert.ok(body.includes(said), said);
  }
});

test('OTLP as Protobuf is the default, and spans are exported at the end at the latest', async (t) => {
  const { tracing, collector, record } = await aProcess(t, {});
  record();
  assert.equal(collector.deliveries.length, 0);
  await tracing.stop(5000);
  const [delivery] = collector.deliveries;
  assert.deepEqual([delivery?.method, delivery?.path], ['POST', '/v1/traces']);
  assert.equal(delivery?.headers['content-type'], 'application/x-protobuf');
  const body = delivery?.body.toString('latin1') ?? '';
  for (const said of ['in-cse-ingress', 'decide create', 'onem2m.operation']) assert.ok(body.includes(said), said);
});

test('a collector that refuses is told of in a line; one that does not answer holds nobody up', async (t) => {
  const warnings: string[] = [];
  const log = { ...createSilentLog(), info: () => {}, warn: (_: object, text: string) => void warnings.push(text) };
  const refusing = await aProcess(t, {}, log as unknown as Log);
  refusing.collector.answer.status = 400;
  refusing.record();
  await refusing.tracing.stop(5000);
  assert.deepEqual(warnings.splice(0), ['spans could not be exported']);

  const hanging = await aProcess(t, { OTEL_EXPORTER_OTLP_TIMEOUT: '300' }, log as unknown as Log);
  hanging.collector.answer.status = 0;
  hanging.record();
  await hanging.tracing.stop(100);
  assert.deepEqual(warnings, ['the last spans were not exported in time; they are lost']);
});

test('grpc is not offered: one clear line, and no tracing', async (t) => {
  const warnings: string[] = [];
  const log = { ...createSilentLog(), info: () => {}, warn: (_: object, text: string) => void warnings.push(text) };
  const { tracing } = await aProcess(t, { OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' }, log as unknown as Log);
  assert.equal(tracing.isOn, false);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? '', /grpc/);
});
