/** R23: two cursors per subscription and target, a window, a way back after a failure, pauses, bounds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeRecord, type OutboundHead, outboundKinds } from '../../../services/contracts/records.ts';
import { decodeOwnRequestIdentifier } from '../../../services/contracts/request-identifiers.ts';
import { childOf, createTraceSource } from '../../../services/platform/trace-context.ts';
import type { QueuedNotification } from '../../../services/ports/resource-store.ts';
import { type Batch, MissingState } from '../../../services/resource-worker/batch/batch.ts';
import { BatchMustClose } from '../../../services/resource-worker/batch/working-set.ts';
import type { KnownTarget } from '../../../services/resource-worker/deliveries/known-target.ts';
import {
  deliveryIsDue,
  notificationArrived,
  notificationFailed,
  prepareNotifications,
  queueNotification,
} from '../../../services/resource-worker/deliveries/queue.ts';
import { takeAnswer } from '../../../services/resource-worker/records/take-answer.ts';
import { aBatch, aFlow, aResource, aState, cse, ownShard } from './fixtures.ts';

const address = 'mqtt://broker.example/alarms';
const subscription = aResource({ id: 'sub', type: 23, parentId: 'cnt', hidden: { targets: [{ address, number: 1 }] } });
const deliveries = {
  window: 3,
  answerTimeLimit: 20_000,
  firstPause: 1000,
  longestPause: 8000,
  queuedNotifications: 10,
  notificationLifetime: 3_600_000,
};
const key = '1/sub/1';

/** The queue of one target over several batches, each of which commits. */
class Queue {
  readonly state = aState();
  readonly flow = aFlow({ deliveries });
  readonly stored: QueuedNotification[] = [];
  /** Numbers sent by each batch. */
  readonly sent: number[][] = [];
  now = 1_000_000;

  run(work: (batch: Batch) => void, traceparent?: string): Batch {
    const batch = aBatch(this.state, this.now);
    batch.spans.beginRecord(traceparent);
    batch.knownQueues([{ cse: 1, subscription: 'sub' }]);
    batch.loadedQueues.set(key, [...this.stored]);
    work(batch);
    const { deliveries: changes } = batch.toCommit(0, 0, 'a');
    for (const change of changes) {
      if (change.kind === 'queue') this.stored.push(change.notification);
      if (change.kind === 'acknowledge') {
        this.stored.splice(0, this.stored.length, ...this.stored.filter(({ number }) => number >= change.below));
      }
    }
    batch.mergeIntoState(0, 'a');
    this.sent.push(batch.emissions.map(({ frame }) => numberIn(frame)));
    return batch;
  }

  add(count = 1, traceparent?: string): Batch {
    return this.run((batch) => {
      for (let added = 0; added < count; added++) {
        const intent = {
          subscription,
          target: address,
          content: { 'm2m:sgn': { n: added } },
          countsForExpiration: false,
        };
        for (const prepared of prepareNotifications(batch, cse, [intent]))
          queueNotification(this.flow, batch, cse, prepared);
      }
    }, traceparent);
  }

  arrive(...numbers: number[]): Batch {
    return this.arriveBy(undefined, ...numbers);
  }

  /** The record that tells of it carries this traceparent. */
  arriveBy(traceparent: string | undefined, ...numbers: number[]): Batch {
    return this.run((batch) => {
      for (const number of numbers) notificationArrived(this.flow, batch, cse, knownIn(batch), number);
    }, traceparent);
  }

  fail(): Batch {
    return this.run((batch) => notificationFailed(this.flow, batch, knownIn(batch)));
  }

  due(): { dropped: boolean; batch: Batch } {
    let dropped = false;
    const batch = this.run((each) =>
      deliveryIsDue(this.flow, each, cse, knownIn(each), () => {
        dropped = true;
      }),
    );
    return { dropped, batch };
  }

  get known(): KnownTarget {
    const known = this.state.deliveries.get(key);
    assert.ok(known);
    return known;
  }

  get cursors(): number[] {
    const { acknowledged, sent, next } = this.known.target;
    return [acknowledged, sent, next];
  }

  get lastSent(): number[] | undefined {
    return this.sent.at(-1);
  }
}

function knownIn(batch: Batch): KnownTarget {
  const known = batch.delivery(1, ownShard, 'sub', 1);
  assert.ok(known);
  return known;
}

function numberIn(frame: Buffer): number {
  const { head } = decodeRecord<OutboundHead>(frame, outboundKinds);
  const own = decodeOwnRequestIdentifier(head.requestIdentifier);
  assert.equal(own?.kind, 'notification');
  return own.number;
}

const plannedIn = (batch: Batch) => batch.toCommit(0, 0, 'a').changes.filter(({ kind }) => kind === 'due');

test('R23: what is queued is sent at once while the window has room, the rest as answers come', () => {
  const queue = new Queue();
  queue.add(5);
  assert.deepEqual(queue.lastSent, [1, 2, 3]);
  assert.deepEqual(queue.cursors, [1, 4, 6]);
  queue.add();
  assert.deepEqual(queue.lastSent, [], 'nobody overtakes those that wait');
  queue.arrive(1);
  assert.deepEqual(queue.lastSent, [4]);
  queue.arrive(2, 3);
  assert.deepEqual(queue.lastSent, [5, 6]);
  queue.arrive(4, 5, 6);
  assert.deepEqual(queue.cursors, [7, 7, 7]);
  assert.equal(queue.stored.length, 0);
});

test('R23: a whole window that arrives in one batch is followed by the next one', () => {
  const queue = new Queue();
  queue.add(8);
  queue.arrive(1, 2, 3);
  assert.deepEqual(queue.lastSent, [4, 5, 6]);
});

test('R23: what arrives before its turn is kept, and the cursor passes it later', () => {
  const queue = new Queue();
  queue.add(3);
  queue.arrive(2);
  assert.deepEqual(queue.cursors, [1, 4, 4]);
  queue.arrive(1);
  assert.deepEqual(queue.cursors, [3, 4, 4]);
  assert.equal(queue.known.arrived.size, 0);
});

test('R23: a failure goes back to the first that is not acknowledged, pauses, and then tries one alone', () => {
  const queue = new Queue();
  queue.add(5);
  queue.arrive(1);
  const { batch } = { batch: queue.fail() };
  assert.deepEqual(queue.cursors, [2, 2, 6]);
  assert.equal(queue.known.target.retryAt, queue.now + 1000);
  assert.deepEqual(
    plannedIn(batch).map((change) => 'due' in change && change.due.at),
    [queue.now + 1000],
  );
  queue.add();
  assert.deepEqual(queue.lastSent, [], 'the circuit is open');
  queue.now += 1000;
  queue.due();
  assert.deepEqual(queue.lastSent, [2]);
  queue.arrive(2);
  assert.deepEqual(queue.lastSent, [3, 4, 5], 'an answer closes the circuit');
  assert.equal(queue.known.target.failures, 0);
});

test('R23: pauses double up to the longest', () => {
  const queue = new Queue();
  queue.add(1);
  const pauses: number[] = [];
  for (let failure = 0; failure < 6; failure++) {
    queue.fail();
    pauses.push(queue.known.target.retryAt - queue.now);
    queue.now = queue.known.target.retryAt;
    queue.due();
    assert.deepEqual(queue.lastSent, [1]);
  }
  assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 8000, 8000]);
});

test('R21, R23: a queue that waits is always watched, also where the item fires before the worker’s clock says so', () => {
  const queue = new Queue();
  queue.add(1);
  queue.fail();
  const { retryAt } = queue.known.target;
  queue.now = retryAt - 1;
  const { dropped, batch } = queue.due();
  assert.ok(dropped, 'the item is dropped before the next one is planned, which may bear the same time');
  assert.deepEqual(
    plannedIn(batch).map((change) => 'due' in change && [change.action, change.due.at]),
    [['put', retryAt]],
  );
  assert.ok(queue.known.watched);
});

test('R23: an answer that takes too long is a failure; one that may still come is not', () => {
  const queue = new Queue();
  queue.add(2);
  queue.now += 19_999;
  queue.due();
  assert.equal(queue.known.target.failures, 0);
  queue.now += 1;
  queue.due();
  assert.equal(queue.known.target.failures, 1);
  assert.deepEqual(queue.cursors, [1, 1, 3]);
});

test('R23: a full queue drops its oldest, counts it, and the subscription stays', () => {
  const queue = new Queue();
  queue.add(1);
  queue.fail();
  queue.add(12);
  const { dropped, acknowledged, next } = queue.known.target;
  assert.equal(dropped, 3);
  assert.equal(next - acknowledged, 10);
  assert.equal(queue.stored[0]?.number, acknowledged);
});

test('R23: a notification past its time is dropped instead of sent', () => {
  const queue = new Queue();
  queue.add(1);
  queue.fail();
  queue.now += 3_599_999;
  queue.add(1);
  queue.now += 1;
  queue.due();
  assert.deepEqual(queue.lastSent, [2]);
  assert.equal(queue.known.target.dropped, 1);
});

test('R9: what must be loaded, or stands in this batch only, is thrown before anything is changed', () => {
  const queue = new Queue();
  queue.add(5);
  const fresh = aBatch(queue.state, queue.now);
  assert.throws(
    () => notificationArrived(queue.flow, fresh, cse, queue.known, 1),
    (thrown) => thrown instanceof MissingState,
  );
  assert.equal(fresh.needsCommit(), false);
  const mixed = aBatch(queue.state, queue.now);
  mixed.loadedQueues.set(key, [...queue.stored]);
  const intent = { subscription, target: address, content: {}, countsForExpiration: false };
  for (const prepared of prepareNotifications(mixed, cse, [intent]))
    queueNotification(queue.flow, mixed, cse, prepared);
  assert.throws(() => notificationArrived(queue.flow, mixed, cse, knownIn(mixed), 1), BatchMustClose);
});

test('R26: reports of what was out when a failure came are the same failure', () => {
  const queue = new Queue();
  queue.add(3);
  queue.state.cache.entries.set('1/sub', { resource: subscription, subscriptions: [] });
  const report = (number: number) => {
    const requestIdentifier = queue.stored.find((each) => each.number === number)?.requestIdentifier ?? '';
    queue.run((batch) =>
      takeAnswer(queue.flow, batch, cse, { requestIdentifier, responder: undefined, responseStatusCode: 5103 }),
    );
  };
  for (const number of [1, 2, 3]) report(number);
  assert.equal(queue.known.target.failures, 1);
});

test('R19, R23: only the target answers for itself, whatever serialization its entry asks for; others are counted', async () => {
  const queue = new Queue();
  queue.add(2);
  const entity = { ...queue.known, target: { ...queue.known.target, address: '/id-in/Cae?ct=xml' } };
  queue.state.deliveries.set(key, entity);
  queue.state.cache.entries.set('1/sub', { resource: subscription, subscriptions: [] });
  const answer = (responder: string, number: number) => {
    const requestIdentifier = queue.stored.find((each) => each.number === number)?.requestIdentifier ?? '';
    queue.run((batch) =>
      takeAnswer(queue.flow, batch, cse, { requestIdentifier, responder, responseStatusCode: 2000 }),
    );
  };
  answer('/id-in/Cother', 1);
  assert.deepEqual(queue.cursors, [1, 3, 3]);
  const ignored = async () => (await queue.flow.metrics.registry.metrics()).match(/^incse_answers_ignored_total.*$/gm);
  assert.deepEqual(await ignored(), ['incse_answers_ignored_total{reason="foreign responder"} 1']);
  answer('/id-in/Cae', 1);
  assert.deepEqual(queue.cursors, [2, 3, 3]);
});

test('a notification that waited is sent in the trace of the request that caused it, whatever has made room for it', () => {
  const queue = new Queue();
  const traces = createTraceSource(0);
  const [cause, unsampled, room] = [childOf(traces.begin()), traces.begin(), traces.begin()];
  queue.add(3);
  for (const each of [cause, unsampled]) queue.add(1, each);
  assert.deepEqual(
    queue.stored.slice(3).map(({ traceparent }) => traceparent),
    [cause, undefined],
    'only what is recorded is worth its bytes',
  );
  const batch = queue.arriveBy(room, 1, 2);
  const sent = batch.emissions.map(({ frame }) => decodeRecord<OutboundHead>(frame, outboundKinds).head.traceparent);
  assert.deepEqual(sent, [cause, room]);
});
