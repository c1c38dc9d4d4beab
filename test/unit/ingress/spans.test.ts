/** The spans of ingress (issue 4 §4): one trace per request, by ratio, always on error. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitFrame } from '../../../services/contracts/frame.ts';
import { parseTraceparent } from '../../../services/platform/trace-context.ts';
import { aTracing, placeOf } from '../platform/spans.ts';
import { FakeClock } from '../responder/fakes.ts';
import { aCreate, anIngress } from './fakes.ts';

async function aTracedIngress(share: number, settings = {}) {
  const clock = new FakeClock();
  const readable = aTracing(share, clock);
  const ingress = await anIngress({ settings, parts: { tracing: readable.tracing, clock } });
  return { ...ingress, ...readable, clock };
}

test('a sampled request: its record names the first span, which lasts until PUBACK; its batch is linked', async () => {
  const { receive, acknowledgeAppends, log, spans, span, clock } = await aTracedIngress(1);
  await receive(aCreate({ rqi: 'q-traced' }));
  const { head } = splitFrame(log.flights[0]!.records[0]!.value) as { head: { traceparent: string } };
  assert.deepEqual(
    spans().map(({ name }) => name),
    ['decode batch'],
  );
  clock.time += 7;
  await acknowledgeAppends();
  const found = span('receive create');
  const { traceId, spanId } = parseTraceparent(head.traceparent)!;
  assert.deepEqual(placeOf(found), { trace: traceId, id: spanId, parent: undefined });
  assert.equal(found.duration[1], 7e6);
  assert.deepEqual(found.attributes, {
    'messaging.system': 'mqtt',
    'messaging.operation.name': 'receive',
    'messaging.operation.type': 'receive',
    'messaging.destination.template': '/oneM2M/req/{originator}/{cse}/{type}',
    'onem2m.request_identifier': 'q-traced',
    'onem2m.operation': 'create',
    'onem2m.resource_type': 4,
  });
  const batch = span('decode batch');
  assert.notEqual(placeOf(batch).trace, traceId);
  assert.deepEqual(
    batch.links.map(({ context }) => context.spanId),
    [spanId],
  );
});

test('an unsampled request leaves nothing', async () => {
  const { receive, acknowledgeAppends, spans } = await aTracedIngress(0);
  await receive(aCreate(), aCreate());
  await acknowledgeAppends();
  assert.deepEqual(spans(), []);
});

test('a refusal is recorded though nothing is sampled, from arrival to the answer', async () => {
  const { receive, span, link } = await aTracedIngress(0);
  await receive(aCreate({ fr: 'Cother', rqi: 'q-forged' }));
  assert.equal(link.published.length, 1);
  const found = span('refuse create');
  assert.equal(placeOf(found).parent, undefined);
  assert.equal(found.status.code, 2);
  assert.equal(found.attributes['onem2m.response_status_code'], 4106);
  assert.equal(found.attributes['onem2m.request_identifier'], 'q-forged');
  const said = JSON.stringify(found.attributes);
  for (const secret of ['Cother', 'C1', 'cnt1']) assert.ok(!said.includes(secret), `${secret} in ${said}`);
});

test('what is refused after its record was built keeps the trace of the record', async () => {
  const { receive, spans, span } = await aTracedIngress(1, { recordBytes: 1000 });
  await receive(aCreate({ rqi: `q${'x'.repeat(900)}` }));
  const refused = span('refuse create');
  assert.equal(spans().filter(({ name }) => name.startsWith('receive')).length, 0);
  assert.equal(span('decode batch').links[0]?.context.traceId, placeOf(refused).trace);
});
