/**
 * One request is one trace (issue 4 §4), seen by a real backend: the processes of a cluster report to Zipkin, and an embedded
 * CSE to a collector of the test's own by OTLP.
 */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Cluster, startCluster } from '../../infra/local/cluster.ts';
import { PlainAe } from '../../load/plain-ae.ts';
import { withParts } from '../parts/with-parts.ts';
import { startEmbeddedProcess } from './embedded-process.ts';
import { type OtlpSpan, startCollector } from './otlp-collector.ts';
import { shapeOf, tracesIn, waitForTrace } from './zipkin-traces.ts';

const parts = withParts({ mosquitto: true, kafka: 1, postgres: true, redis: true, zipkin: true }, { own: true });

/** Registers an AE with a container and a subscription on it, by which `notified` is told. Returns the last rqi. */
async function prepare(ae: PlainAe, notified = ae.stem): Promise<string> {
  const { stem } = ae;
  await ae.must(2001, { op: 1, ty: 2, to: 'cse-in', pc: { 'm2m:ae': { rn: stem, api: 'Nt', rr: true, srv: ['3'] } } });
  await ae.must(2001, { op: 1, ty: 3, to: `cse-in/${stem}`, pc: { 'm2m:cnt': { rn: 'c' } } });
  const pc = { 'm2m:sub': { rn: 's', nu: [`/id-in/${notified}`], enc: { net: [3], chty: [4] } } };
  return (await ae.must(2001, { op: 1, ty: 23, to: `cse-in/${stem}/c`, pc })).rqi;
}

async function createInstance(ae: PlainAe): Promise<string> {
  const pc = { 'm2m:cin': { con: 'x' } };
  return (await ae.must(2001, { op: 1, ty: 4, to: `cse-in/${ae.stem}/c`, pc })).rqi;
}

async function readNothing(ae: PlainAe): Promise<string> {
  return (await ae.must(4004, { op: 2, to: `cse-in/${ae.stem}/nothing` })).rqi;
}

describe('a cluster that reports to Zipkin', { skip: parts.skip }, () => {
  let cluster: Cluster;
  let zipkin: string;
  let ae: PlainAe;

  before(async () => {
    const [broker, kafka, postgres, redis, { url }] = await Promise.all([
      parts.mosquitto(),
      parts.kafka(),
      parts.postgres(),
      parts.redis(),
      parts.zipkin(),
    ]);
    zipkin = url;
    cluster = await startCluster({
      parts: { broker, kafka, postgres, redis },
      ingress: 1,
      workers: 1,
      responders: 1,
      partitions: 4,
      environment: {
        IN_CSE_LOG_LEVEL: 'warn',
        OTEL_TRACES_EXPORTER: 'zipkin',
        OTEL_EXPORTER_ZIPKIN_ENDPOINT: `${url}/api/v2/spans`,
        OTEL_BSP_SCHEDULE_DELAY: '100',
      },
    });
    ae = await PlainAe.open(cluster.mqttUrls[0] ?? '', 'id-in', 'Ctraced');
    await prepare(ae);
  });
  after(async () => {
    await ae?.close();
    await cluster?.stop();
  });

  it('shows one trace from ingress over the worker to the answer and to the notification', async () => {
    const rqi = await createInstance(ae);
    const trace = await waitForTrace(zipkin, rqi, 4);
    assert.deepEqual(shapeOf(trace), [
      'in-cse-ingress: receive create',
      '  in-cse-resource-worker: decide create',
      '    in-cse-responder: publish answer',
      '    in-cse-responder: publish notification',
    ]);
    const [receive, decide, publish] = ['receive create', 'decide create', 'publish answer'].map((name) =>
      trace.find((span) => span.name === name),
    );
    assert.equal(receive?.tags['messaging.system'], 'mqtt');
    assert.equal(receive?.tags['service.instance.id'], 'ingress-1');
    assert.equal(decide?.tags['messaging.system'], 'kafka');
    assert.equal(decide?.tags['onem2m.response_status_code'], '2001');
    // One machine, one clock, read in milliseconds.
    assert.ok((decide?.timestamp ?? 0) + 1000 >= (receive?.timestamp ?? 0), 'decided after it came');
    assert.ok((publish?.timestamp ?? 0) + 1000 >= (decide?.timestamp ?? 0), 'answered after it was decided');
    const said = JSON.stringify(trace);
    for (const private_ of ['Ctraced/', 'resp/Ctraced', 'cse-in/', '"x"'])
      assert.ok(!said.includes(private_), private_);
  });

  it('R19: a request that waits for a verification goes on in its own trace', async (t) => {
    const asking = await PlainAe.open(cluster.mqttUrls[0] ?? '', 'id-in', 'Casking');
    t.after(() => asking.close());
    // It wants somebody else to be told, who is asked first.
    const trace = await waitForTrace(zipkin, await prepare(asking, ae.stem), 5);
    assert.deepEqual(shapeOf(trace), [
      'in-cse-ingress: receive create',
      '  in-cse-resource-worker: decide create',
      '    in-cse-responder: publish notification',
      '  in-cse-resource-worker: resume create',
      '    in-cse-responder: publish answer',
    ]);
  });

  it('shows nothing at ratio 0 but what fails, from the log on', async () => {
    await cluster.process('ingress').restart({ OTEL_TRACES_SAMPLER: 'always_off' });
    const created = await createInstance(ae);
    const failed = await readNothing(ae);
    const trace = await waitForTrace(zipkin, failed, 3);
    assert.deepEqual(shapeOf(trace), [
      'in-cse-resource-worker: receive (from the log)',
      '  in-cse-resource-worker: decide retrieve',
      '    in-cse-responder: publish answer',
    ]);
    assert.equal(trace.find(({ name }) => name === 'decide retrieve')?.tags['error.type'], '4004');
    // What ingress refuses it records itself, whole.
    const forged = await ae.must(4106, { op: 2, to: 'cse-in', fr: 'Cother' });
    assert.deepEqual(shapeOf(await waitForTrace(zipkin, forged.rqi, 1)), ['in-cse-ingress: refuse retrieve']);
    assert.deepEqual(await tracesIn(zipkin, created), []);
  });
});

it('an embedded CSE reports by OTLP: the trace of a request, and the spans of batches linked to it', async (t) => {
  const collector = await startCollector();
  t.after(() => collector.stop());
  const embedded = await startEmbeddedProcess({
    keep: false,
    settings: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_BSP_SCHEDULE_DELAY: '100',
    },
  });
  let ae: PlainAe | undefined;
  t.after(async () => {
    await ae?.close();
    await embedded.stop();
  });
  ae = await PlainAe.open(embedded.url, 'id-in', 'Ctraced');
  await prepare(ae);
  const rqi = await createInstance(ae);
  const traceOf = (spans: OtlpSpan[]) => {
    const root = spans.find(
      (span) => span.name === 'receive create' && span.attributes['onem2m.request_identifier'] === rqi,
    );
    return spans.filter(({ traceId }) => traceId === root?.traceId);
  };
  const linkedTo = (spans: OtlpSpan[], name: string) =>
    spans.some(
      (span) => span.name === name && span.links.some(({ traceId }) => traceId === traceOf(spans)[0]?.traceId),
    );
  const spans = await collector.until(
    (all) => traceOf(all).length === 4 && linkedTo(all, 'decode batch') && linkedTo(all, 'commit flight'),
  );
  const trace = traceOf(spans);
  assert.deepEqual(
    shapeOf(
      trace.map(({ spanId: id, parentSpanId: parentId, name, service, start: timestamp }) => ({
        id,
        parentId,
        name,
        timestamp,
        localEndpoint: { serviceName: service },
        tags: {},
      })),
    ).map((line) => line.replace('in-cse-embedded: ', '')),
    ['receive create', '  decide create', '    publish answer', '    publish notification'],
  );
});
