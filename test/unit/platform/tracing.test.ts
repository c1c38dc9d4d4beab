/** Tracing of a process (issue 4 §4): what is sampled, what a failure does, and what the standard settings say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ROOT_CONTEXT } from '@opentelemetry/api';
import { SamplingDecision, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace';
import { readTracingSettings } from '../../../services/platform/settings-tracing.ts';
import {
  asSampled,
  childOf,
  createTraceSource,
  isSampled,
  parseTraceparent,
  traceIdOf,
} from '../../../services/platform/trace-context.ts';
import { failuresPerSecond } from '../../../services/platform/tracing/failure-allowance.ts';
import { createUntraced } from '../../../services/platform/tracing/tracing.ts';
import { aTracing, placeOf } from './spans.ts';

/** A wall clock that began long before the monotonic one. */
class SetClock {
  time = 1000.5;
  offset = 1_700_000_000_000;
  now = () => Math.floor(this.time + this.offset);
  monotonic = () => this.time;
}

test('the head decides: the flag is that of the SDK’s ratio sampler, and IDs are unique and evenly spread', () => {
  for (const share of [0, 0.01, 0.25, 1]) {
    const source = createTraceSource(share);
    const sampler = new TraceIdRatioBasedSampler(share);
    const seen = new Set<string>();
    let sampled = 0;
    for (let index = 0; index < 20_000; index++) {
      const header = source.begin();
      const { traceId, spanId } = parseTraceparent(header)!;
      seen.add(traceId).add(spanId);
      const { decision } = sampler.shouldSample(ROOT_CONTEXT, traceId);
      assert.equal(isSampled(header), decision === SamplingDecision.RECORD_AND_SAMPLED, header);
      if (isSampled(header)) sampled++;
    }
    assert.equal(seen.size, 40_000);
    // Six standard deviations.
    assert.ok(Math.abs(sampled - 20_000 * share) <= 6 * Math.sqrt(20_000 * share * (1 - share)), `${sampled}`);
  }
});

test('headers: child, flag and trace ID', () => {
  const header = createTraceSource(0).begin();
  const child = childOf(header);
  assert.equal(isSampled(header), false);
  assert.equal(isSampled(child), true);
  assert.equal(traceIdOf(child), traceIdOf(header));
  assert.equal(traceIdOf(header), parseTraceparent(header)?.traceId);
  assert.notEqual(parseTraceparent(child)?.spanId, parseTraceparent(header)?.spanId);
  assert.equal(parseTraceparent(asSampled(header))?.spanId, parseTraceparent(header)?.spanId);
  for (const bad of [undefined, '', '01', `${header}-01`]) {
    assert.equal(isSampled(bad), false);
    assert.equal(traceIdOf(bad), undefined);
  }
});

test('a span keeps the IDs of its records, its times, its links, and is an error where it failed', () => {
  const clock = new SetClock();
  const { tracing, span } = aTracing(1, clock);
  const root = tracing.begin();
  const child = childOf(root);
  tracing.record({
    traceparent: child,
    parent: root,
    name: 'decide create',
    kind: 'consumer',
    began: tracing.wallTime(1000.5),
    ended: tracing.wallTime(1002.75),
    attributes: { 'onem2m.operation': 'create', 'onem2m.resource_type': undefined, long: 'x'.repeat(1000) },
    links: [root],
    error: '5000',
  });
  const found = span('decide create');
  const { traceId, spanId } = parseTraceparent(child)!;
  assert.deepEqual(placeOf(found), { trace: traceId, id: spanId, parent: parseTraceparent(root)?.spanId });
  assert.deepEqual(found.duration, [0, 2_250_000]);
  assert.ok(Math.abs(found.startTime[0] * 1000 + found.startTime[1] / 1e6 - clock.now()) <= 1);
  assert.deepEqual(
    found.links.map(({ context }) => context.spanId),
    [parseTraceparent(root)?.spanId],
  );
  assert.equal(found.status.code, 2);
  const { long, ...attributes } = found.attributes;
  assert.deepEqual(attributes, { 'onem2m.operation': 'create', 'error.type': '5000' });
  assert.equal(String(long).length, 256);
});

test('times follow a wall clock that is set', () => {
  const clock = new SetClock();
  const { tracing } = aTracing(1, clock);
  assert.ok(Math.abs(tracing.wallTime(clock.time) - clock.now()) <= 1);
  clock.offset += 3_600_000;
  assert.ok(Math.abs(tracing.wallTime(clock.time) - clock.now()) <= 1);
});

test('always on error: failures of the CSE without limit, those that devices bring about within an allowance', () => {
  const clock = new SetClock();
  const { tracing } = aTracing(0, clock);
  const recorded = (code: number, times: number) =>
    Array.from({ length: times }, () => tracing.recordsFailure(code)).filter(Boolean).length;
  assert.equal(recorded(5000, failuresPerSecond * 10), failuresPerSecond * 10);
  assert.equal(recorded(4004, failuresPerSecond * 10), failuresPerSecond);
  assert.equal(recorded(5207, 3), 3);
  clock.time += 500;
  assert.equal(recorded(4103, failuresPerSecond * 10), failuresPerSecond / 2);
});

test('without tracing nothing is recorded, whatever flag came from elsewhere', () => {
  const tracing = createUntraced();
  assert.equal(tracing.isOn, false);
  assert.equal(isSampled(tracing.begin()), false);
  assert.equal(tracing.records(childOf(tracing.begin())), false);
  assert.equal(tracing.recordsFailure(5000), false);
});

test('settings: off until an exporter or an endpoint is named, or where the SDK is disabled', () => {
  const exporters = (environment: Record<string, string>) => readTracingSettings(environment).exporters;
  assert.deepEqual(exporters({}), []);
  assert.deepEqual(exporters({ OTEL_TRACES_SAMPLER: 'always_on', OTEL_SERVICE_NAME: 'a' }), []);
  assert.deepEqual(exporters({ OTEL_TRACES_EXPORTER: 'none', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:4318' }), []);
  assert.deepEqual(exporters({ OTEL_SDK_DISABLED: 'TRUE', OTEL_TRACES_EXPORTER: 'otlp' }), []);
  assert.deepEqual(exporters({ OTEL_TRACES_EXPORTER: 'otlp' }), ['otlp']);
  assert.deepEqual(exporters({ OTEL_TRACES_EXPORTER: 'zipkin, console,zipkin' }), ['zipkin', 'console']);
  assert.deepEqual(exporters({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://a:4318' }), ['otlp']);
  assert.deepEqual(exporters({ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://a:4318/v1/traces' }), ['otlp']);
  assert.deepEqual(exporters({ OTEL_EXPORTER_ZIPKIN_ENDPOINT: 'http://a:9411/api/v2/spans' }), ['zipkin']);
});

test('settings: the sampler says the share', () => {
  const share = (sampler?: string, argument?: string) =>
    readTracingSettings({ OTEL_TRACES_SAMPLER: sampler, OTEL_TRACES_SAMPLER_ARG: argument }).share;
  assert.equal(share(), 1);
  assert.equal(share('always_off'), 0);
  assert.equal(share('parentbased_always_off'), 0);
  assert.equal(share('always_on'), 1);
  assert.equal(share('traceidratio', '0.25'), 0.25);
  assert.equal(share('parentbased_traceidratio', '0.01'), 0.01);
  assert.equal(share('traceidratio'), 1);
});

test('settings: what is wrong is said in a line each and stops nothing', () => {
  const grpc = readTracingSettings({ OTEL_TRACES_EXPORTER: 'otlp', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
  assert.deepEqual(grpc.exporters, []);
  assert.match(grpc.problems.join(), /^OTEL_EXPORTER_OTLP_PROTOCOL is "grpc".*http\/protobuf or http\/json/);
  const json = readTracingSettings({
    OTEL_TRACES_EXPORTER: 'otlp',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc',
    OTEL_EXPORTER_OTLP_TRACES_PROTOCOL: 'http/json',
  });
  assert.deepEqual([json.exporters, json.protocol, json.problems], [['otlp'], 'http/json', []]);
  const wrong = readTracingSettings({
    OTEL_TRACES_EXPORTER: 'jaeger',
    OTEL_TRACES_SAMPLER: 'parentbased_jaeger_remote',
    OTEL_BSP_SCHEDULE_DELAY: 'soon',
    OTEL_BSP_MAX_QUEUE_SIZE: '100',
  });
  assert.deepEqual(wrong.exporters, []);
  assert.deepEqual(wrong.problems.map((problem) => problem.split(' ')[0]).sort(), [
    'OTEL_BSP_SCHEDULE_DELAY',
    'OTEL_TRACES_EXPORTER',
    'OTEL_TRACES_SAMPLER',
  ]);
  assert.deepEqual(wrong.batches, { scheduleDelay: 5000, exportTimeout: 30_000, queueSize: 100, exportSize: 100 });
  const ratio = readTracingSettings({ OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '5' });
  assert.equal(ratio.share, 1);
  assert.match(ratio.problems.join(), /OTEL_TRACES_SAMPLER_ARG is "5"/);
});
