/** What every RequestLog must do. Each adapter's test file runs it over its own log. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Append, AppendRefused, type LogConsumer, type RequestLog } from '../../../services/ports/request-log.ts';
import { reportContract } from '../../parts/contract-report.ts';
import { Collector, chained } from './collector.ts';

export interface LogUnderTest {
  /** As it stands in the report. */
  name: string;
  /** A fresh, empty log whose records may be at most `recordBytes` long. */
  open(settings: { partitions: number; recordBytes: number }): Promise<RequestLog>;
  /** The same log as another process would open it; undefined where a log lives in one process only. */
  reopen?(log: RequestLog): Promise<RequestLog>;
  /** ms in which a fetch certainly came round, for tests that nothing arrives. */
  fetchRound: number;
  /** What is missing on this machine, or false. */
  skip?: string | false;
  start?(): Promise<void>;
}

const partitions = 4;
const recordBytes = 20_000;

export function record(partition: number, text: string): Append {
  return { partition, value: Buffer.from(text) };
}

/** Texts `from` … `to - 1` for a partition. */
export function texts(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, index) => `r${from + index}`);
}

export function requestLogContract(under: LogUnderTest): void {
  describe(`RequestLog: ${under.name}`, { skip: under.skip ?? false }, () => {
    reportContract('request-log', under.name);
    let groups = 0;
    const opened: RequestLog[] = [];
    const open = async () => {
      const log = await under.open({ partitions, recordBytes });
      opened.push(log);
      return log;
    };
    const consume = async (log: RequestLog, collector: Collector, from = 0): Promise<LogConsumer> => {
      const consumer = await log.consumer({ group: `group-${++groups}` });
      await consumer.start(collector.beginAt(consumer, () => from));
      return consumer;
    };
    before(() => under.start?.());
    after(async () => {
      for (const log of opened) await log.close();
    });

    it('keeps the order of appends in each partition, and batches follow each other without a hole (R4)', async () => {
      const log = await open();
      const producer = await log.producer();
      const collector = new Collector();
      await consume(log, collector);
      const appends: Promise<void>[] = [];
      for (let n = 0; n < 400; n += 4) {
        const lines = texts(n, n + 4).map((text, index) => record(index % 2 === 0 ? 0 : (n / 4) % partitions, text));
        appends.push(producer.append(lines));
        if (n % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
      }
      await Promise.all(appends);
      await collector.until('400 records', () => collector.count() >= 400);
      assert.equal(collector.count(), 400);
      for (let partition = 0; partition < partitions; partition++) {
        const numbers = collector.textsOf(partition).map((text) => Number(text.slice(1)));
        assert.deepEqual(
          numbers,
          [...numbers].sort((a, b) => a - b),
        );
        assert.ok(chained(collector.batchesOf(partition)));
        const records = collector.recordsOf(partition);
        assert.deepEqual(
          records.map(({ offset }) => offset),
          records.map((_, index) => index),
        );
        assert.ok(records.every(({ appendedAt }, index) => appendedAt >= (records[index - 1]?.appendedAt ?? 0)));
        assert.ok(Math.abs((records[0]?.appendedAt ?? 0) - Date.now()) < 600_000);
      }
    });

    it('has a record when its append resolves, and tells its bounds', async () => {
      const log = await open();
      const producer = await log.producer();
      const collector = new Collector();
      const consumer = await consume(log, collector);
      assert.deepEqual(await consumer.bounds(1), { start: 0, end: 0 });
      await producer.append([record(1, 'a'), record(1, 'b')]);
      await producer.append([record(1, 'c')]);
      assert.deepEqual(producer.pending(), { records: 0, bytes: 0 });
      const asked = await Promise.all([consumer.bounds(1), consumer.bounds(0)]);
      assert.deepEqual(asked, [
        { start: 0, end: 3 },
        { start: 0, end: 0 },
      ]);
      await collector.until('three records', () => collector.count() >= 3);
      assert.deepEqual(collector.textsOf(1), ['a', 'b', 'c']);
    });

    it('counts what is handed in and not acknowledged, and acknowledges it before it closes', async () => {
      const log = await open();
      const producer = await log.producer();
      let acknowledged = 0;
      const appends = texts(0, 50).map((text) => producer.append([record(2, text)]).then(() => acknowledged++));
      const { records, bytes } = producer.pending();
      assert.ok(records <= 50 && bytes >= records && records > 0 === bytes > 0);
      await producer.close();
      assert.equal(acknowledged, 50);
      await Promise.all(appends);
      await assert.rejects(producer.append([record(2, 'late')]), (error: Error) => !(error instanceof AppendRefused));
    });

    it('gives nothing of a partition before begin says where', async () => {
      const log = await open();
      const producer = await log.producer();
      await producer.append([record(0, 'a'), record(1, 'b'), record(1, 'c')]);
      const collector = new Collector();
      const consumer = await log.consumer({ group: `group-${++groups}` });
      await consumer.start(collector);
      await collector.until('assignment', () => collector.owned.size === partitions);
      consumer.begin(1, 1);
      await collector.until('a record of the begun partition', () => collector.count() > 0);
      await new Promise((resolve) => setTimeout(resolve, under.fetchRound));
      assert.deepEqual(collector.textsOf(0), []);
      assert.ok(collector.batches.every(({ partition }) => partition === 1));
      consumer.begin(0, 0);
      await collector.until('a record of the other', () => collector.recordsOf(0).length > 0);
      assert.equal(collector.batchesOf(0)[0]?.fetchedOffset, 0);
    });

    it('begins anywhere, again and again', async () => {
      const log = await open();
      const producer = await log.producer();
      await producer.append(texts(0, 20).map((text) => record(3, text)));
      const collector = new Collector();
      const consumer = await consume(log, collector);
      await collector.until('all', () => collector.recordsOf(3).length >= 20);
      for (const offset of [13, 0, 19, 5]) {
        const earlier = collector.batches.length;
        const fresh = () => collector.batches.slice(earlier).filter(({ fetchedOffset }) => fetchedOffset === offset);
        consumer.begin(3, offset);
        await collector.until(`a batch from ${offset}`, () => fresh().length > 0);
        assert.equal(fresh()[0]?.records[0]?.offset, offset);
        await collector.until('the last record', () => collector.batches.at(-1)?.nextOffset === 20);
      }
      const before = collector.batches.length;
      consumer.begin(3, 20);
      await producer.append([record(3, 'r20')]);
      await collector.until('the record behind the end', () => collector.batches.length > before);
      assert.equal(collector.batches[before]?.fetchedOffset, 20);
    });

    it('shows by fetchedOffset that it does not have what begin asked for (R4)', async () => {
      const log = await open();
      const producer = await log.producer();
      const collector = new Collector();
      const consumer = await consume(log, collector);
      await producer.append(texts(0, 3).map((text) => record(0, text)));
      await collector.until('all', () => collector.count() >= 3);
      consumer.begin(0, 1000);
      await collector.until('what there is', () => collector.count() >= 6);
      assert.equal(collector.batches.at(-1)?.nextOffset, 3);
      assert.ok(collector.batches.slice(1).every(({ fetchedOffset }) => fetchedOffset !== 1000));
      assert.deepEqual(await consumer.bounds(0), { start: 0, end: 3 });
    });

    it('pauses one partition while the others go on, and resumes it without a hole', async () => {
      const log = await open();
      const producer = await log.producer();
      const collector = new Collector();
      const consumer = await consume(log, collector);
      await producer.append([record(0, 'r0'), record(1, 'r0')]);
      await collector.until('both', () => collector.count() >= 2);
      consumer.pause(0);
      await producer.append(texts(1, 10).flatMap((text) => [record(0, text), record(1, text)]));
      await collector.until('the other partition', () => collector.recordsOf(1).length >= 10);
      await new Promise((resolve) => setTimeout(resolve, under.fetchRound));
      const meanwhile = collector.recordsOf(0).length;
      await producer.append([record(0, 'r10')]);
      await new Promise((resolve) => setTimeout(resolve, under.fetchRound));
      assert.equal(collector.recordsOf(0).length, meanwhile);
      assert.ok(meanwhile < 10);
      consumer.resume(0);
      await collector.until('the rest', () => collector.recordsOf(0).length >= 11);
      assert.deepEqual(collector.textsOf(0), texts(0, 11));
      assert.ok(chained(collector.batchesOf(0)));
    });

    it('stays paused when begin moves it', async () => {
      const log = await open();
      const producer = await log.producer();
      const collector = new Collector();
      const consumer = await consume(log, collector);
      await producer.append([record(0, 'r0')]);
      await collector.until('one', () => collector.count() >= 1);
      consumer.pause(0);
      consumer.begin(0, 0);
      await new Promise((resolve) => setTimeout(resolve, under.fetchRound));
      assert.equal(collector.count(), 1);
      consumer.resume(0);
      await collector.until('it again', () => collector.count() >= 2);
      assert.equal(collector.batches.at(-1)?.fetchedOffset, 0);
    });

    it('refuses for good what cannot be stored, and goes on with the rest', async () => {
      const log = await open();
      const producer = await log.producer();
      const collector = new Collector();
      await consume(log, collector);
      const tooLarge = { partition: 0, value: Buffer.alloc(recordBytes + 1) };
      const outcomes = await Promise.allSettled([
        producer.append([record(0, 'a')]),
        producer.append([record(0, 'unseen'), tooLarge]),
        producer.append([record(partitions, 'nowhere')]),
        producer.append([record(0, 'b'), { partition: 0, value: Buffer.alloc(recordBytes, 'x') }]),
      ]);
      assert.deepEqual(
        outcomes.map((outcome) =>
          outcome.status === 'fulfilled' ? 'stored' : outcome.reason instanceof AppendRefused,
        ),
        ['stored', true, true, 'stored'],
      );
      await collector.until('what was stored', () => collector.count() >= 3);
      assert.deepEqual(collector.textsOf(0).slice(0, 2), ['a', 'b']);
      assert.equal(collector.count(), 3);
    });

    it('goes on where it was done, if the log is to say where to begin', async () => {
      const log = await open();
      const producer = await log.producer();
      const group = `group-${++groups}`;
      await producer.append(texts(0, 10).map((text) => record(0, text)));
      await producer.append([record(1, 'other')]);
      const first = new Collector();
      const before = await log.consumer({ group, fromCommitted: true });
      await before.start(first);
      await first.until('all from the start', () => first.count() >= 11);
      before.done(0, 4);
      before.done(0, 7);
      before.done(0, 6);
      await before.stop();
      const second = new Collector();
      const behind = await log.consumer({ group, fromCommitted: true });
      await behind.start(second);
      await second.until('the rest', () => second.recordsOf(0).length >= 3 && second.recordsOf(1).length >= 1);
      assert.equal(second.batchesOf(0)[0]?.fetchedOffset, 7);
      assert.deepEqual(second.textsOf(0), texts(7, 10));
      await behind.stop();
    });

    it('calls no handler after stop', async () => {
      const log = await open();
      const producer = await log.producer();
      const collector = new Collector();
      const consumer = await consume(log, collector);
      await producer.append([record(0, 'a')]);
      await collector.until('one', () => collector.count() >= 1);
      await consumer.stop();
      const told = collector.events.length;
      await producer.append([record(0, 'b')]);
      consumer.begin(0, 0);
      await new Promise((resolve) => setTimeout(resolve, under.fetchRound));
      assert.equal(collector.count(), 1);
      assert.equal(collector.events.length, told);
    });

    const reopen = under.reopen;
    it('shares its partitions between the members of a group', {
      skip: reopen === undefined && 'one process',
    }, async () => {
      const log = await open();
      if (reopen === undefined) return;
      const other = await reopen(log);
      opened.push(other);
      const producer = await log.producer();
      const group = `group-${++groups}`;
      const first = new Collector();
      const second = new Collector();
      const done = new Map<number, number>();
      const join = async (from: RequestLog, collector: Collector) => {
        const consumer = await from.consumer({ group });
        collector.onBatch = (batch) => {
          if (collector.owned.has(batch.partition)) done.set(batch.partition, batch.nextOffset);
        };
        await consumer.start(collector.beginAt(consumer, (partition) => done.get(partition) ?? 0));
        return consumer;
      };
      const one = await join(log, first);
      await first.until('all partitions', () => first.owned.size === partitions);
      await producer.append(texts(0, 40).map((text, index) => record(index % partitions, text)));
      await first.until('all records', () => first.count() >= 40);

      const two = await join(other, second);
      await second.until('a share', () => second.owned.size > 0);
      await first.until('the rest', () => first.owned.size < partitions);
      const union = [...first.owned, ...second.owned].sort();
      assert.deepEqual(union, [0, 1, 2, 3]);
      assert.equal(first.events.length, 2, first.events.join('; '));
      await producer.append(texts(40, 80).map((text, index) => record(index % partitions, text)));
      await second.until('its share', () => second.count() >= 10 * second.owned.size);
      await first.until('its share', () => first.count() >= 40 + 10 * first.owned.size);
      // What is kept over a rebalance goes on without a hole and without being told again.
      for (const partition of first.owned) assert.ok(chained(first.batchesOf(partition)));

      await two.stop();
      await first.until('everything back', () => first.owned.size === partitions);
      await producer.append(texts(80, 120).map((text, index) => record(index % partitions, text)));
      await first.until('the last of all', () => [0, 1, 2, 3].every((partition) => done.get(partition) === 30));
      const seen = (partition: number) => new Set([...first.textsOf(partition), ...second.textsOf(partition)]);
      for (let partition = 0; partition < partitions; partition++) assert.equal(seen(partition).size, 30);
      await one.stop();
    });
  });
}
