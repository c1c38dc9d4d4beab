import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Due } from '../../../services/core/decision.ts';
import type {
  DeliveryChange,
  DeliveryTarget,
  Exchange,
  QueuedNotification,
} from '../../../services/ports/resource-store.ts';
import type { StoreContext } from './context.ts';
import { testNow } from './rows.ts';

/** With as many partitions as shards a partition is a shard: tests do not see each other's items. */
const shards = 4096;

/** What waits: due items (R21), deliveries (R23), exchanges (R19). */
export function waitingTests(context: StoreContext): void {
  let lastShard = 100;
  const freshShard = () => ++lastShard;

  it('gives due items of a partition’s shards, oldest first, up to a moment and a limit (R21)', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const shard = freshShard();
    const kinds = ['expiry', 'sweep', 'age', 'exchange', 'delivery'] as const;
    const items: Due[] = [5, 1, 4, 2, 3].map((after, index) => ({
      shard,
      cse: cse.number,
      kind: kinds[index] ?? 'expiry',
      id: `due-${after}`,
      at: testNow + after,
    }));
    const elsewhere: Due = { shard: shard + 1, cse: cse.number, kind: 'expiry', id: 'x', at: testNow };
    const later: Due = { shard: shard + 24, cse: cse.number, kind: 'expiry', id: 'y', at: testNow + 9 };
    await owner.change(
      ...[...items, elsewhere, later].map((due) => ({ kind: 'due' as const, action: 'put' as const, due })),
    );
    const due = (until: number, limit = 10) => context.store.due(shard, shards, testNow + until, limit);
    const sorted = [...items].sort((a, b) => a.at - b.at);
    assert.deepEqual(await due(10), sorted);
    assert.deepEqual(await due(3), sorted.slice(0, 3));
    assert.deepEqual(await due(10, 2), sorted.slice(0, 2));
    assert.deepEqual(await due(0), []);
    assert.equal(await context.store.nextDue(shard, shards), testNow + 1);
    assert.equal(await context.store.nextDue(shard + 2, shards), undefined);
    // As a deployment has it: many shards to a partition.
    const partition = shard % 24;
    const mine = (await context.store.due(partition, 24, testNow + 10, 100)).filter(({ cse: of }) => of === cse.number);
    assert.deepEqual(mine, [...sorted, later]);
    const next = await context.store.nextDue(partition, 24);
    assert.ok(next !== undefined && next <= testNow + 1);
    await owner.change(
      ...[elsewhere, later].map((each) => ({ kind: 'due' as const, action: 'drop' as const, due: each })),
    );
  });

  it('drops a due item of that moment only, and plans and drops in the order of the flight (R21)', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const shard = freshShard();
    const item = (after: number): Due => ({ shard, cse: cse.number, kind: 'delivery', id: 's/1', at: testNow + after });
    const change = (action: 'put' | 'drop', after: number) => ({ kind: 'due', action, due: item(after) }) as const;
    const due = () => context.store.due(shard, shards, testNow + 100, 10);
    await owner.change(change('put', 1));
    await owner.change(change('put', 1));
    assert.deepEqual(await due(), [item(1)]);
    await owner.change(change('put', 2), change('drop', 1));
    assert.deepEqual(await due(), [item(2)]);
    await owner.change(change('drop', 1));
    assert.deepEqual(await due(), [item(2)]);
    await owner.change(change('put', 3), change('drop', 3), change('drop', 2), change('put', 2));
    assert.deepEqual(await due(), [item(2)]);
    await owner.change(change('drop', 2));
    assert.deepEqual(await due(), []);
    assert.equal(await context.store.nextDue(shard, shards), undefined);
  });

  // ---- deliveries ----------------------------------------------------------------------------------------------------

  async function queueOf(subscription: string, target = 1) {
    const cse = await context.cse();
    const owner = await context.owner();
    const shard = freshShard();
    const key = { cse: cse.number, shard, subscription, target };
    const state = (more: Partial<DeliveryTarget> = {}): DeliveryTarget => ({
      ...key,
      address: 'mqtt://host/topic',
      next: 1,
      sent: 1,
      acknowledged: 1,
      failures: 0,
      retryAt: 0,
      dropped: 0,
      ...more,
    });
    const note = (number: number, more: Partial<QueuedNotification> = {}): QueuedNotification => ({
      number,
      requestIdentifier: `n000.${subscription}.${target}.${number}.abcdefgh`,
      at: testNow + number,
      content: `{"m2m:sgn":{"nev":{"rep":{"m2m:cin":{"con":"grüße 🌍 ${number}"}}}}}`,
      counts: number % 2 === 0,
      ...(number === 3 ? { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' } : {}),
      ...more,
    });
    const queue = (number: number): DeliveryChange => ({ kind: 'queue', ...key, notification: note(number) });
    const read = (limit = 100) => context.store.deliveries([{ cse: cse.number, shard, subscription }], limit);
    const change = (...deliveries: DeliveryChange[]) => owner.commit({ deliveries });
    return { key, state, note, queue, read, change };
  }

  it('keeps a queue per subscription and target, in the order of the numbers (R23)', async () => {
    const { state, note, queue, read, change } = await queueOf('sub');
    assert.deepEqual(await read(), []);
    await change(queue(1), queue(2), {
      kind: 'target',
      target: state({ next: 3, sent: 2, failures: 4, retryAt: testNow, dropped: 7 }),
    });
    await change(queue(4), queue(3), { kind: 'target', target: state({ next: 5, sent: 3 }) });
    assert.deepEqual(await read(), [{ target: state({ next: 5, sent: 3 }), queued: [1, 2, 3, 4].map((n) => note(n)) }]);
    const [limited] = await read(2);
    assert.deepEqual(limited?.queued, [note(1), note(2)]);
  });

  it('knows what arrived before its turn, and forgets what is acknowledged (R23)', async () => {
    const { key, state, note, queue, read, change } = await queueOf('sub');
    await change(queue(1), queue(2), queue(3), queue(4), { kind: 'target', target: state({ next: 5, sent: 5 }) });
    await change({ kind: 'arrived', ...key, number: 3 });
    const [out] = await read();
    assert.deepEqual(out?.queued, [note(1), note(2), note(3, { arrived: true }), note(4)]);
    await change(
      { kind: 'acknowledge', ...key, below: 2 },
      { kind: 'target', target: state({ next: 5, sent: 5, acknowledged: 2 }) },
    );
    const [rest] = await read();
    assert.deepEqual(rest?.queued, [note(2), note(3, { arrived: true }), note(4)]);
    await change(
      { kind: 'acknowledge', ...key, below: 5 },
      { kind: 'target', target: state({ next: 5, sent: 5, acknowledged: 5 }) },
    );
    assert.deepEqual(await read(), [{ target: state({ next: 5, sent: 5, acknowledged: 5 }), queued: [] }]);
  });

  it('queues and acknowledges in one flight', async () => {
    const { key, state, note, queue, read, change } = await queueOf('sub');
    await change(
      queue(1),
      queue(2),
      { kind: 'arrived', ...key, number: 2 },
      { kind: 'acknowledge', ...key, below: 2 },
      { kind: 'target', target: state({ next: 2, sent: 2 }) },
      { kind: 'target', target: state({ next: 3, sent: 3, acknowledged: 2 }) },
    );
    assert.deepEqual(await read(), [
      { target: state({ next: 3, sent: 3, acknowledged: 2 }), queued: [note(2, { arrived: true })] },
    ]);
  });

  it('keeps targets and subscriptions apart, and removes one target with its queue', async () => {
    const { key, state, note, queue, read, change } = await queueOf('sub');
    const second = { ...key, target: 2 };
    await change(
      queue(1),
      { kind: 'target', target: state({ next: 2 }) },
      { kind: 'queue', ...second, notification: note(1) },
      { kind: 'target', target: { ...state({ next: 2 }), target: 2, address: 'other' } },
      { kind: 'queue', ...key, subscription: 'other', notification: note(9) },
      { kind: 'target', target: { ...state({ next: 10 }), subscription: 'other' } },
    );
    assert.deepEqual(
      (await read()).map(({ target }) => target.target),
      [1, 2],
    );
    const both = await context.store.deliveries(
      [key, { ...key, subscription: 'other' }, { ...key, subscription: 'none' }],
      10,
    );
    assert.deepEqual(both.map(({ target, queued }) => [target.subscription, target.target, queued.length]).sort(), [
      ['other', 1, 1],
      ['sub', 1, 1],
      ['sub', 2, 1],
    ]);
    await change({ kind: 'removeTarget', ...key });
    assert.deepEqual(
      (await read()).map(({ target, queued }) => [target.address, queued.length]),
      [['other', 1]],
    );
    await change({ kind: 'target', target: state() });
    assert.deepEqual((await read())[0]?.queued, []);
    assert.deepEqual(await context.store.deliveries([], 10), []);
  });

  // ---- exchanges -----------------------------------------------------------------------------------------------------

  it('keeps a waiting request with the bytes of its record, until it is removed (R19)', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const shard = freshShard();
    const exchange: Exchange = {
      cse: cse.number,
      shard,
      id: 'x1',
      purpose: 'verification',
      key: 'AAAAAAAAAAAAAAAAAAAAAA',
      originator: '/test/C1',
      requestIdentifier: 'rq 🌍',
      record: Buffer.from([0, 10, 255, 128, 39, 92]),
      receivedAt: testNow,
      deadline: testNow + 5_000,
      questions: [
        { target: 'mqtt://host/t', responder: '/test/C2', random: 'abc' },
        { target: '/test/C3', responder: '/test/C3', random: 'def', responseStatusCode: 2000 },
      ],
    };
    const find = async () => (await context.store.exchanges(shard, shards)).find(({ id }) => id === 'x1');
    assert.equal(await find(), undefined);
    await owner.commit({ exchanges: [{ kind: 'put', exchange }] });
    const found = await find();
    assert.deepEqual({ ...found, record: undefined }, { ...exchange, record: undefined });
    assert.ok(found?.record.equals(exchange.record));
    const [question] = exchange.questions;
    assert.ok(question);
    const answered = { ...exchange, questions: [{ ...question, responseStatusCode: 4103 }] };
    await owner.commit({ exchanges: [{ kind: 'put', exchange: answered }] });
    assert.deepEqual((await find())?.questions, answered.questions);
    assert.deepEqual(await context.store.exchanges(shard + 1, shards), []);
    await owner.commit({ exchanges: [{ kind: 'remove', cse: cse.number, shard, id: 'x1' }] });
    assert.equal(await find(), undefined);
  });

  it('lists the waiting requests of all shards of a partition (R16)', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const put = (shard: number) => ({
      kind: 'put' as const,
      exchange: {
        cse: cse.number,
        shard,
        id: `x-${shard}`,
        purpose: 'verification' as const,
        key: `key-${shard}`,
        originator: '',
        requestIdentifier: 'rq',
        record: Buffer.alloc(0),
        receivedAt: testNow,
        deadline: testNow,
        questions: [],
      },
    });
    await owner.commit({ exchanges: [put(3_007), put(3_031), put(3_008)] });
    const mine = (await context.store.exchanges(3_007 % 24, 24)).filter(({ cse: of }) => of === cse.number);
    assert.deepEqual(mine.map(({ id }) => id).sort(), ['x-3007', 'x-3031']);
  });

  it('writes nothing of what waits if the flight fails', async () => {
    const cse = await context.cse();
    const owner = await context.owner();
    const shard = freshShard();
    const due: Due = { shard, cse: cse.number, kind: 'expiry', id: 'x', at: testNow };
    const outcome = await owner.attempt({
      version: 9,
      changes: [{ kind: 'due', action: 'put', due }],
      deliveries: [
        {
          kind: 'target',
          target: {
            cse: cse.number,
            shard,
            subscription: 'sub',
            target: 1,
            address: 'x',
            next: 1,
            sent: 1,
            acknowledged: 1,
            failures: 0,
            retryAt: 0,
            dropped: 0,
          },
        },
      ],
      seen: [{ source: 1, version: 1, index: 1 }],
    });
    assert.equal(outcome.kind, 'fenced');
    assert.deepEqual(await context.store.due(shard, shards, testNow + 1, 10), []);
    assert.deepEqual(await context.store.deliveries([{ cse: cse.number, shard, subscription: 'sub' }], 10), []);
    assert.deepEqual(await context.store.readSeen(owner.generation, owner.partition), []);
  });
}
