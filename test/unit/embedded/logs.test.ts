import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { createEmbeddedLogs } from '../../../services/embedded/logs.ts';
import type { FetchedBatch, LogConsumer } from '../../../services/ports/request-log.ts';

const deployment = {
  generation: 1,
  requestsTopic: 'requests',
  outboundTopic: 'outbound',
  deadLettersTopic: 'dead-letters',
  requestPartitions: 2,
  outboundPartitions: 2,
};

const turn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(() => setImmediate(resolve))));

async function begun(consumer: LogConsumer): Promise<FetchedBatch[]> {
  const batches: FetchedBatch[] = [];
  await consumer.start({
    assigned(partitions) {
      for (const partition of partitions) consumer.begin(partition, 0);
    },
    revoked() {},
    batch: (batch) => batches.push(batch),
    failed: (reason) => assert.fail(reason),
  });
  await turn();
  return batches;
}

const one = (partition: number) => [{ partition, value: Buffer.from('x') }];

async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.finally(() => {
    settled = true;
  });
  await turn();
  return settled;
}

describe('logs of the embedded CSE (R33)', () => {
  it('acknowledge what a device sent by the commit of the worker', async () => {
    const logs = await createEmbeddedLogs({ deployment, recordBytes: 100, bound: 10 });
    const batches = await begun(logs.requests.consumer);
    const append = (await logs.ofDevices.producer()).append(one(1));
    assert.equal(await isSettled(append), false);
    assert.equal(batches.length, 1);
    logs.requests.consumer.done(1, 1);
    await append;
    await logs.close();
  });

  it('bound what devices send, and not what the CSE sends itself (R5)', async () => {
    const logs = await createEmbeddedLogs({ deployment, recordBytes: 100, bound: 1 });
    const batches = await begun(logs.requests.consumer);
    const devices = await logs.ofDevices.producer();
    void devices.append(one(0));
    const held = devices.append(one(0));
    await (await logs.ofReports.producer()).append(one(1));
    void logs.requests.producer.append(one(1)).catch(() => {});
    await turn();
    assert.deepEqual(
      batches.map(({ partition, records }) => [partition, records.length]),
      [
        [0, 1],
        [1, 2],
      ],
    );
    logs.requests.consumer.done(1, 2);
    logs.requests.consumer.done(0, 1);
    assert.equal(await isSettled(held), false);
    logs.requests.consumer.done(0, 2);
    await held;
    await logs.close();
  });

  it('count as emitted what was published, and what was applied of the worker’s own records', async () => {
    const logs = await createEmbeddedLogs({ deployment, recordBytes: 100, bound: 10 });
    const responder = await logs.outbound.log.consumer({ group: 'responder', fromCommitted: true });
    await begun(responder);
    await begun(logs.requests.consumer);
    const answer = logs.outbound.producer.append(one(0));
    const own = logs.requests.producer.append(one(0));
    assert.deepEqual([await isSettled(answer), await isSettled(own)], [false, false]);
    responder.done(0, 1);
    logs.requests.consumer.done(0, 1);
    await Promise.all([answer, own]);
    await logs.close();
  });

  it('do not make a worker that ends wait for records that nobody applies any more', async () => {
    const logs = await createEmbeddedLogs({ deployment, recordBytes: 100, bound: 10 });
    const own = logs.requests.producer.append(one(0));
    await logs.requests.producer.close();
    const rejected = assert.rejects(own);
    await logs.close();
    await rejected;
  });
});
