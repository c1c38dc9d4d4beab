/** The contract over a real Kafka, and what only a real Kafka can show. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Kafka, logLevel } from 'kafkajs';
import { parseKafkaConnection } from '../../../services/adapters/kafka/connection.ts';
import { type KafkaLogOptions, kafkaRequestLog } from '../../../services/adapters/kafka/request-log.ts';
import { ensureTopics, UnsafeTopics } from '../../../services/adapters/kafka/topics.ts';
import { AppendRefused, type RequestLog } from '../../../services/ports/request-log.ts';
import { reportContract } from '../../parts/contract-report.ts';
import { Collector, chained, firstAppearances } from './collector.ts';
import { record, requestLogContract, texts } from './suite.ts';

/** A cluster on this machine; nodes count from 1. */
export interface KafkaUnderTest {
  url: string;
  /** kill -9, and gone when it resolves. */
  kill(node: number): Promise<void>;
  /** Ready when it resolves. */
  start(node: number): Promise<void>;
}

const partitions = 4;

/**
 * `launch` gives the same cluster each time, and whoever made it stops it. `skip`: what is missing on this machine, or false.
 */
export function kafkaContract(nodes: 1 | 3, launch: () => Promise<KafkaUnderTest>, skip: string | false = false): void {
  const adapter = nodes === 1 ? 'kafka' : `kafka × ${nodes}`;
  let cluster: KafkaUnderTest;
  let topics = 0;
  let clients = 0;
  const start = async () => {
    cluster = await launch();
  };

  const newTopic = async (settings: { partitions: number; maximumBytes: number }): Promise<string> => {
    const name = `requests-${nodes}-${++topics}`;
    await ensureTopics({
      connection: parseKafkaConnection(cluster.url),
      clientId: 'contract',
      development: nodes < 3,
      topics: [{ name, retention: 86_400_000, requiredRetention: 3_600_000, ...settings }],
    });
    return name;
  };
  const openTopic = (topic: string, more: Partial<KafkaLogOptions> = {}): RequestLog =>
    kafkaRequestLog({
      connection: parseKafkaConnection(cluster.url),
      clientId: `contract-${++clients}`,
      topic,
      partitions,
      sessionTimeout: 3000,
      heartbeatInterval: 300,
      rebalanceTimeout: 5000,
      fetchWait: 50,
      requestTimeout: 5000,
      ...more,
    });

  requestLogContract({
    name: adapter,
    skip,
    start,
    open: async ({ recordBytes }) => {
      const batchBytes = recordBytes + 1000;
      return openTopic(await newTopic({ partitions, maximumBytes: batchBytes }), { batchBytes, recordBytes });
    },
    reopen: async (log) => openTopic(log.name),
    fetchRound: 400,
  });

  describe(`RequestLog: ${adapter}, its own ways`, { skip }, () => {
    reportContract('request-log', adapter);
    before(start);
    const opened: RequestLog[] = [];
    const open = async (settings: Partial<KafkaLogOptions> = {}): Promise<RequestLog> => {
      const log = openTopic(await newTopic({ partitions, maximumBytes: 100_000 }), {
        batchBytes: 100_000,
        ...settings,
      });
      opened.push(log);
      return log;
    };
    after(async () => {
      for (const log of opened) await log.close();
    });

    it('sends more than a record batch may hold in several, in order', async () => {
      const log = await open();
      const producer = await log.producer();
      const collector = new Collector();
      const consumer = await log.consumer({ group: 'large' });
      await consumer.start(collector.beginAt(consumer));
      const lines = texts(0, 60).map((text) => record(0, text.padEnd(9000, '.')));
      await producer.append(lines);
      await collector.until('all', () => collector.count() >= 60);
      assert.deepEqual(
        collector.textsOf(0).map((text) => text.replaceAll('.', '')),
        texts(0, 60),
      );
      assert.ok(chained(collector.batchesOf(0)));
    });

    it('rejects only the append that the broker refuses for good', async () => {
      // The adapter believes in more than the topic takes, so that the refusal is the broker's.
      const log = await open({ batchBytes: 1_000_000 });
      const producer = await log.producer();
      const collector = new Collector();
      const consumer = await log.consumer({ group: 'refused' });
      await consumer.start(collector.beginAt(consumer));
      const outcomes = await Promise.allSettled([
        producer.append([record(0, 'a'), record(1, 'a')]),
        producer.append([{ partition: 0, value: Buffer.alloc(200_000) }]),
        producer.append([record(0, 'b'), record(1, 'b')]),
        producer.append([record(0, 'c')]),
      ]);
      assert.deepEqual(
        outcomes.map((outcome) =>
          outcome.status === 'fulfilled' ? 'stored' : outcome.reason instanceof AppendRefused,
        ),
        ['stored', true, 'stored', 'stored'],
      );
      await collector.until('the last', () => collector.textsOf(0).includes('c') && collector.textsOf(1).includes('b'));
      assert.deepEqual(firstAppearances(collector.textsOf(0)), ['a', 'b', 'c']);
      assert.deepEqual(firstAppearances(collector.textsOf(1)), ['a', 'b']);
    });

    it('leaves no hole where offsets have gaps (R4)', async () => {
      const log = await open();
      // A foreign transactional producer leaves markers, which nobody is shown, and aborted records.
      const foreign = new Kafka({ brokers: parseKafkaConnection(cluster.url).brokers, logLevel: logLevel.NOTHING });
      const transactions = foreign.producer({
        idempotent: true,
        transactionalId: `foreign-${nodes}`,
        maxInFlightRequests: 1,
        createPartitioner: () => () => 0,
      });
      await transactions.connect();
      const producer = await log.producer();
      const live = new Collector();
      const watching = await log.consumer({ group: 'gaps-live' });
      await watching.start(live.beginAt(watching));
      for (let round = 0; round < 3; round++) {
        const transaction = await transactions.transaction();
        await transaction.send({ topic: log.name, messages: [{ value: `t${round}` }] });
        if (round === 1) await transaction.abort();
        else await transaction.commit();
        // So that the live consumer fetches the aborted transaction by itself: a batch in which everything is hidden.
        await new Promise((resolve) => setTimeout(resolve, 400));
      }
      await producer.append([record(0, 'last')]);
      const collector = new Collector();
      const consumer = await log.consumer({ group: 'gaps' });
      await consumer.start(collector.beginAt(consumer));
      await collector.until('the last', () => collector.textsOf(0).includes('last'));
      assert.deepEqual(collector.textsOf(0), ['t0', 't2', 'last']);
      assert.ok(chained(collector.batchesOf(0)));
      assert.equal(collector.batches.at(-1)?.nextOffset, 7);
      await live.until('the last, live', () => live.textsOf(0).includes('last'));
      assert.deepEqual(live.textsOf(0), ['t0', 't2', 'last']);
      assert.ok(chained(live.batchesOf(0)));
      // Into a gap: only hidden records stand from 1 to 3.
      const earlier = collector.batches.length;
      consumer.begin(0, 1);
      await collector.until('the last again', () => collector.batches.slice(earlier).at(-1)?.nextOffset === 7);
      assert.equal(collector.batches[earlier]?.fetchedOffset, 1);
      await transactions.disconnect();
    });

    it('goes on after the broker was killed and came back; nothing acknowledged is lost, order is kept (R17, R25)', async () => {
      const failures: string[] = [];
      const log = await open({ hooks: { sendFailed: ({ error }) => failures.push(error.message) } });
      const producer = await log.producer();
      const collector = new Collector();
      const next = new Map<number, number>();
      collector.onBatch = (batch) => {
        if (collector.owned.has(batch.partition)) next.set(batch.partition, batch.nextOffset);
      };
      const consumer = await log.consumer({ group: 'killed' });
      await consumer.start(collector.beginAt(consumer, (partition) => next.get(partition) ?? 0));
      const acknowledged = new Set<string>();
      let sent = 0;
      let sending = true;
      const pump = (async () => {
        while (sending) {
          while (producer.pending().records < 200) {
            const text = `r${sent}`;
            void producer.append([record(sent++ % partitions, text)]).then(() => acknowledged.add(text));
          }
          await new Promise((resolve) => setImmediate(resolve));
        }
      })();
      const progress = (count: number) => {
        const from = acknowledged.size;
        return collector.until(`${count} more`, () => acknowledged.size >= from + count);
      };
      await progress(1000);
      for (let node = 1; node <= nodes; node++) {
        await cluster.kill(node);
        if (nodes > 1) await progress(500);
        await cluster.start(node);
        await progress(500);
      }
      sending = false;
      await pump;
      await producer.close();
      assert.equal(acknowledged.size, sent);
      assert.ok(failures.length > 0, 'the kill was not noticed: the test shows nothing');
      const whole = () => {
        let distinct = 0;
        for (let partition = 0; partition < partitions; partition++)
          distinct += new Set(collector.textsOf(partition)).size;
        return distinct;
      };
      await collector.until('all that was acknowledged', () => collector.count() >= sent && whole() === sent);
      for (let partition = 0; partition < partitions; partition++) {
        const numbers = firstAppearances(collector.textsOf(partition)).map((text) => Number(text.slice(1)));
        assert.ok(numbers.every((number, index) => number === partition + index * partitions));
      }
      assert.deepEqual(collector.failures, []);
    });

    it('refuses unsafe topics with one message that lists everything, unless in development', async () => {
      const connection = parseKafkaConnection(cluster.url);
      const admin = new Kafka({ brokers: connection.brokers, logLevel: logLevel.NOTHING }).admin();
      await admin.connect();
      const name = `unsafe-${nodes}`;
      await admin.createTopics({
        topics: [
          {
            topic: name,
            numPartitions: partitions,
            replicationFactor: 1,
            configEntries: [
              { name: 'min.insync.replicas', value: '1' },
              { name: 'retention.ms', value: '1000' },
              { name: 'message.timestamp.type', value: 'LogAppendTime' },
            ],
          },
        ],
      });
      await admin.disconnect();
      const topic = { name, partitions, retention: 86_400_000, requiredRetention: 3_600_000, maximumBytes: 100_000 };
      const common = { connection, clientId: 'unsafe' };
      await assert.rejects(ensureTopics({ ...common, topics: [topic] }), (error: Error) => {
        assert.ok(error instanceof UnsafeTopics);
        for (const setting of ['replication factor', 'min.insync.replicas', 'retention.ms']) {
          assert.match(error.message, new RegExp(setting));
        }
        return true;
      });
      const { created, warnings } = await ensureTopics({ ...common, topics: [topic], development: true });
      assert.deepEqual(created, []);
      assert.ok(warnings.length >= 3);
      const otherLayout = ensureTopics({ ...common, topics: [{ ...topic, partitions: 5 }], development: true });
      await assert.rejects(otherLayout, /has 4 partitions/);
    });
  });
}
