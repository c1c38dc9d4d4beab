/** The spans of the responder (issue 4 §4): child of who wrote the record, by its flag, always on error. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitFrame } from '../../../services/contracts/frame.ts';
import type { OutboundHead } from '../../../services/contracts/records.ts';
import { childOf, createTraceSource, parseTraceparent } from '../../../services/platform/trace-context.ts';
import { aTracing, placeOf } from '../platform/spans.ts';
import { aResponder, FakeClock, settle } from './fakes.ts';

const unsampled = createTraceSource(0).begin();
const sampled = childOf(unsampled);

function aHead(changes: Partial<OutboundHead> = {}): OutboundHead {
  return {
    v: 1,
    cse: 1,
    kind: 'response',
    receiver: '/id-in/C1',
    broker: 'default',
    topic: '/oneM2M/resp/C1/id-in/json',
    serialization: 'json',
    requestIdentifier: 'q1',
    traceparent: sampled,
    ...changes,
  };
}

async function aTracedResponder() {
  const clock = new FakeClock();
  const readable = aTracing(0, clock);
  return { ...(await aResponder({ parts: { tracing: readable.tracing, clock } })), ...readable };
}

test('an answer is published in the trace of its request, without names of who gets it', async () => {
  const { fetch, broker, span } = await aTracedResponder();
  await fetch(0, aHead());
  for (const message of broker.out) message.acknowledge();
  await settle();
  const found = span('publish answer');
  const { traceId, spanId } = parseTraceparent(sampled)!;
  assert.equal(placeOf(found).trace, traceId);
  assert.equal(placeOf(found).parent, spanId);
  assert.deepEqual(found.attributes, {
    'messaging.system': 'mqtt',
    'messaging.operation.name': 'publish',
    'messaging.operation.type': 'send',
    'messaging.destination.template': '/oneM2M/resp/{originator}/{cse}/{type}',
    'onem2m.request_identifier': 'q1',
  });
});

test('unsampled records leave nothing; an encoded batch is linked to the sampled ones in it', async () => {
  const { fetch, broker, span, spans } = await aTracedResponder();
  await fetch(0, aHead({ traceparent: unsampled, serialization: 'xml' }));
  assert.deepEqual(spans(), []);
  await fetch(0, aHead({ traceparent: unsampled }), aHead({ serialization: 'xml' }));
  for (const message of broker.out) message.acknowledge();
  await settle();
  const published = span('publish answer');
  assert.deepEqual(
    span('encode batch').links.map(({ context }) => context.spanId),
    [placeOf(published).id],
  );
});

test('what cannot be published is recorded though it is not sampled, and who is told goes on in its span', async () => {
  const { fetch, span, requests, deadLetters } = await aTracedResponder();
  const url = { broker: 'mqtt://elsewhere.example', kind: 'request', topic: 'a/b', traceparent: unsampled } as const;
  await fetch(0, aHead({ ...url, report: { shard: 1, when: 'always' } }));
  await settle();
  const found = span('publish notification');
  assert.equal(found.status.code, 2);
  assert.equal(placeOf(found).trace, parseTraceparent(unsampled)?.traceId);
  assert.equal(placeOf(found).parent, parseTraceparent(unsampled)?.spanId);
  assert.equal(found.attributes['messaging.destination.template'], '{topic of a URL}');
  const { head } = splitFrame(requests.appended[0]!.value) as { head: { traceparent: string } };
  assert.equal(parseTraceparent(head.traceparent)?.spanId, placeOf(found).id);

  await fetch(1, aHead({ broker: 'mqtt://elsewhere.example', traceparent: unsampled }));
  await settle();
  const buried = span('publish answer');
  assert.equal(buried.attributes['error.type'], 'dead letter');
  const letter = splitFrame(deadLetters.appended[0]!.value) as { head: { traceparent: string } };
  assert.equal(parseTraceparent(letter.head.traceparent)?.spanId, placeOf(buried).id);
});
