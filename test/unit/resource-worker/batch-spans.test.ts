/** The spans of a batch (issue 4 §4): what its records cause goes on in their traces; nothing is kept for the rest. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { childOf, createTraceSource, isSampled, parseTraceparent } from '../../../services/platform/trace-context.ts';
import type { ResourceStore } from '../../../services/ports/resource-store.ts';
import { BatchSpans } from '../../../services/resource-worker/batch/batch-spans.ts';
import { Committer } from '../../../services/resource-worker/partition/committer.ts';
import { aTracing, placeOf } from '../platform/spans.ts';
import { aBatch, StandingClock } from './fixtures.ts';

const facts = { name: 'decide create', appendedAt: 999_000, attributes: {} };
const source = createTraceSource(0);
const spanIdOf = (header: string | undefined) => parseTraceparent(header ?? '')?.spanId;

function someSpans(share: number) {
  const clock = new StandingClock();
  const readable = aTracing(share, clock);
  return { batch: new BatchSpans(readable.tracing, clock.monotonic()), clock, ...readable };
}

test('an unsampled record: what it causes carries its own header, the very same, and nothing is kept', () => {
  const { batch, spans, clock } = someSpans(0);
  const header = source.begin();
  batch.beginRecord(header);
  assert.equal(batch.cause, header);
  batch.answered(2001);
  assert.equal(batch.isOpen, false);
  assert.deepEqual(batch.sampled, []);
  batch.end(clock.time);
  assert.deepEqual(spans(), []);
});

test('a sampled record: what it causes is a child of its span, whose attempts leave nothing until it is kept', () => {
  const { batch, span, spans, clock } = someSpans(0);
  const header = childOf(source.begin());
  batch.beginRecord(header);
  const first = batch.cause;
  batch.beginRecord(header);
  assert.notEqual(batch.cause, first);
  batch.answered(2001);
  batch.keep(facts);
  assert.deepEqual(batch.sampled, [batch.cause]);
  assert.deepEqual(spans(), [], 'a batch that does not land leaves no spans');
  clock.time += 5;
  batch.end(clock.time);
  const decided = span('decide create');
  assert.equal(placeOf(decided).parent, spanIdOf(header));
  assert.equal(placeOf(decided).id, spanIdOf(batch.cause));
  assert.equal(decided.duration[1], 5e6);
  assert.equal(decided.attributes['onem2m.response_status_code'], 2001);
  assert.equal(decided.status.code, 0);
});

test('always on error: an unsampled request that fails is traced from the log on, and its answer is sampled', () => {
  const { batch, span, clock } = someSpans(0);
  const header = source.begin();
  batch.beginRecord(header);
  batch.answered(4004);
  assert.equal(isSampled(batch.cause), true);
  batch.keep(facts);
  batch.end(clock.time);
  const received = span('receive (from the log)');
  assert.equal(placeOf(received).id, spanIdOf(header));
  assert.equal(placeOf(received).parent, undefined);
  assert.deepEqual(received.startTime, [999, 0]);
  const decided = span('decide create');
  assert.equal(placeOf(decided).parent, spanIdOf(header));
  assert.equal(placeOf(decided).trace, parseTraceparent(header)?.traceId);
  assert.equal(decided.status.code, 2);
});

test('a failure without any trace begins one', () => {
  const { batch, spans, span, clock } = someSpans(0);
  batch.beginRecord(undefined);
  batch.answered(5000);
  batch.keep({ ...facts, name: 'put aside' });
  batch.end(clock.time);
  assert.equal(spans().length, 1);
  assert.equal(placeOf(span('put aside')).parent, undefined);
});

test('R19: a request that waited goes on in its own trace, linked to the answer that resumed it', () => {
  const { batch, span, clock } = someSpans(0);
  const [answer, request] = [childOf(source.begin()), childOf(source.begin())];
  batch.beginRecord(answer);
  const before = batch.cause;
  const interrupted = batch.resume(request);
  assert.notEqual(batch.cause, before);
  batch.answered(2001);
  batch.keep({ ...facts, name: 'resume create' });
  batch.resumed(interrupted);
  assert.equal(batch.cause, before);
  batch.keep({ ...facts, name: 'take answer' });
  batch.end(clock.time);
  const resumed = span('resume create');
  assert.equal(placeOf(resumed).parent, spanIdOf(request));
  assert.equal(resumed.links[0]?.context.spanId, placeOf(span('take answer')).id);
});

test('R21: timer work is a trace of its own, by ratio', () => {
  for (const share of [0, 1]) {
    const { batch, spans, clock } = someSpans(share);
    batch.beginTimerWork();
    batch.beginDueItem();
    assert.equal(isSampled(batch.cause), share === 1);
    batch.end(clock.time);
    assert.deepEqual(
      spans().map((span) => [span.name, placeOf(span).id]),
      share === 1 ? [['timer work', spanIdOf(batch.cause)]] : [],
    );
  }
});

test('R11: a flight with sampled requests is a span of its own, linked to them; another leaves none', async () => {
  const { tracing, spans, span } = someSpans(0);
  const store = { commit: async () => ({ kind: 'committed' }) } as unknown as ResourceStore;
  const committer = new Committer(store, 1, new StandingClock(), () => {}, tracing);
  const part = (partition: number) => ({ ...aBatch().toCommit(0, 1, 'a'), partition });
  await committer.commit(part(0));
  assert.deepEqual(spans(), []);
  const [one, two] = [childOf(source.begin()), childOf(source.begin())];
  await Promise.all([committer.commit(part(0), [one]), committer.commit(part(1), [two]), committer.commit(part(2))]);
  const flight = span('commit flight');
  assert.equal(flight.attributes['in_cse.partitions'], 3);
  assert.deepEqual(
    flight.links.map(({ context }) => context.spanId),
    [spanIdOf(one), spanIdOf(two)],
  );
});
