/**
 * The port RequestLog inside one process (R33): for the embedded CSE, where the worker's commit is what makes a device's
 * request durable, and for tests.
 */
import type { Clock } from '../../ports/clock.ts';
import {
  type Append,
  AppendRefused,
  type LogConsumer,
  type LogConsumerHandlers,
  type LogProducer,
  type RequestLog,
} from '../../ports/request-log.ts';
import { MemoryPartition } from './memory-partition.ts';

export interface MemoryLogOptions {
  name: string;
  partitions: number;
  /** Records that are not done at which bounded producers wait; no bound by default. */
  bound?: number;
  /** Largest value of a record, bytes. */
  recordBytes?: number;
  /** Most records of one batch; default 500. */
  batchRecords?: number;
  /** Keeps records that are done, so that a consumer may begin at them again: for tests. */
  keep?: boolean;
  clock?: Pick<Clock, 'now' | 'soon'>;
}

export interface MemoryProducerOptions {
  /** `done`: an append resolves when the consumer is done with it. `append` (default): at once. */
  acknowledge?: 'done' | 'append';
  /** Waits while the log is full. What devices send is bounded, what the CSE sends itself is not (R5, R33). */
  bounded?: boolean;
}

export class MemoryRequestLog implements RequestLog {
  readonly name: string;
  readonly partitions: number;
  readonly #options: MemoryLogOptions;
  readonly #clock: Pick<Clock, 'now' | 'soon'>;
  readonly #parts: MemoryPartition[];
  readonly #ready = new Set<MemoryPartition>();
  readonly #producers = new Set<MemoryProducer>();
  #consumer: MemoryConsumer | undefined;
  #handlers: LogConsumerHandlers | undefined;
  #scheduled = false;
  #unfinished = 0;
  /** Appends that wait for room, first come first served. */
  #waiting: (() => void)[] = [];

  constructor(options: MemoryLogOptions) {
    this.name = options.name;
    this.partitions = options.partitions;
    this.#options = options;
    this.#clock = options.clock ?? { now: Date.now, soon: (callback) => void setImmediate(callback) };
    this.#parts = Array.from({ length: options.partitions }, (_, index) => new MemoryPartition(index));
  }

  async producer(options: MemoryProducerOptions = {}): Promise<LogProducer> {
    const producer = new MemoryProducer(this, options);
    this.#producers.add(producer);
    return producer;
  }

  /** One at a time: there is nobody to share with. */
  async consumer(options: { group: string; fromCommitted?: boolean }): Promise<LogConsumer> {
    if (this.#consumer !== undefined) throw new Error(`${this.name} has a consumer already`);
    this.#consumer = new MemoryConsumer(this, options.fromCommitted ?? false);
    return this.#consumer;
  }

  async close(): Promise<void> {
    await this.#consumer?.stop();
    for (const producer of this.#producers) producer.abandon();
    this.#waiting = [];
  }

  // ---- for its producers ----

  refusal(records: Append[]): AppendRefused | undefined {
    const { recordBytes } = this.#options;
    for (const { partition, value } of records) {
      if (this.#parts[partition] === undefined) return new AppendRefused(`no partition ${partition} in ${this.name}`);
      if (recordBytes !== undefined && value.length > recordBytes) {
        return new AppendRefused(`a record of ${value.length} bytes is over the limit of ${recordBytes}`);
      }
    }
    return undefined;
  }

  full(): boolean {
    return this.#waiting.length > 0 || this.#over();
  }

  waitForRoom(proceed: () => void): void {
    this.#waiting.push(proceed);
  }

  /** Appends; `done` is called once for each record when the consumer is done with it. */
  store(records: Append[], done?: () => void): void {
    const now = this.#clock.now();
    for (const { partition, value } of records) {
      const part = this.#part(partition);
      const position = part.append(value, now);
      if (done !== undefined) part.whenDone(position, done);
      this.#ready.add(part);
    }
    this.#unfinished += records.length;
    this.#schedule();
  }

  // ---- for its consumer ----

  attach(handlers: LogConsumerHandlers, fromCommitted: boolean): void {
    this.#handlers = handlers;
    this.#clock.soon(() => {
      if (this.#handlers !== handlers) return;
      handlers.assigned(this.#parts.map(({ partition }) => partition));
      if (fromCommitted) for (const part of this.#parts) this.begin(part.partition, part.committed());
    });
  }

  detach(consumer: MemoryConsumer): void {
    if (this.#consumer !== consumer) return;
    this.#consumer = undefined;
    this.#handlers = undefined;
    for (const part of this.#parts) part.release();
  }

  begin(partition: number, offset: number): void {
    const part = this.#part(partition);
    part.begin(offset);
    this.#wake(part);
  }

  setPaused(partition: number, paused: boolean): void {
    const part = this.#part(partition);
    part.paused = paused;
    if (!paused) this.#wake(part);
  }

  bounds(partition: number): { start: number; end: number } {
    return this.#part(partition).bounds();
  }

  done(partition: number, offset: number): void {
    this.#unfinished -= this.#part(partition).done(offset, this.#options.keep ?? false);
    while (this.#waiting.length > 0 && !this.#over()) this.#waiting.shift()?.();
  }

  #over(): boolean {
    return this.#options.bound !== undefined && this.#unfinished >= this.#options.bound;
  }

  #part(partition: number): MemoryPartition {
    const part = this.#parts[partition];
    if (part === undefined) throw new Error(`no partition ${partition} in ${this.name}`);
    return part;
  }

  #wake(part: MemoryPartition): void {
    this.#ready.add(part);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#handlers === undefined) return;
    this.#scheduled = true;
    this.#clock.soon(() => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  /** One batch of each partition that has something; the rest in the next turn. */
  #deliver(): void {
    const ready = [...this.#ready];
    this.#ready.clear();
    for (const part of ready) {
      const batch = part.take(this.#options.batchRecords ?? 500);
      if (batch === undefined) continue;
      this.#ready.add(part);
      this.#handlers?.batch(batch);
    }
    if (this.#ready.size > 0) this.#schedule();
  }
}

class MemoryProducer implements LogProducer {
  readonly #log: MemoryRequestLog;
  readonly #options: MemoryProducerOptions;
  readonly #pending = new Set<PendingAppend>();
  #records = 0;
  #bytes = 0;
  #closed = false;
  #idle: (() => void)[] = [];

  constructor(log: MemoryRequestLog, options: MemoryProducerOptions) {
    this.#log = log;
    this.#options = options;
  }

  append(records: Append[]): Promise<void> {
    if (this.#closed) return Promise.reject(new Error('the producer is closed'));
    const refusal = this.#log.refusal(records);
    if (refusal !== undefined) return Promise.reject(refusal);
    if (records.length === 0) return Promise.resolve();
    const waits = this.#options.bounded === true && this.#log.full();
    if (!waits && this.#options.acknowledge !== 'done') {
      this.#log.store(records);
      return Promise.resolve();
    }
    return new Promise((resolve, reject) => {
      const append: PendingAppend = { records, open: records.length, bytes: sizeOf(records), resolve, reject };
      this.#pending.add(append);
      this.#records += records.length;
      this.#bytes += append.bytes;
      if (waits) this.#log.waitForRoom(() => this.#store(append));
      else this.#store(append);
    });
  }

  pending(): { records: number; bytes: number } {
    return { records: this.#records, bytes: this.#bytes };
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#pending.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
  }

  /** Rejects what is not acknowledged. */
  abandon(): void {
    this.#closed = true;
    for (const append of [...this.#pending]) {
      append.reject(new Error('the log was closed'));
      this.#settle(append);
    }
  }

  #store(append: PendingAppend): void {
    if (!this.#pending.has(append)) return;
    if (this.#options.acknowledge === 'done') {
      this.#log.store(append.records, () => {
        if (--append.open === 0) this.#finish(append);
      });
    } else {
      this.#log.store(append.records);
      this.#finish(append);
    }
  }

  #finish(append: PendingAppend): void {
    if (!this.#pending.has(append)) return;
    append.resolve();
    this.#settle(append);
  }

  #settle(append: PendingAppend): void {
    this.#pending.delete(append);
    this.#records -= append.records.length;
    this.#bytes -= append.bytes;
    if (this.#pending.size === 0) for (const resolve of this.#idle.splice(0)) resolve();
  }
}

interface PendingAppend {
  records: Append[];
  /** Records that the consumer is not done with. */
  open: number;
  bytes: number;
  resolve(): void;
  reject(reason: Error): void;
}

function sizeOf(records: Append[]): number {
  let bytes = 0;
  for (const { value } of records) bytes += value.length;
  return bytes;
}

class MemoryConsumer implements LogConsumer {
  readonly #log: MemoryRequestLog;
  readonly #fromCommitted: boolean;
  #stopped = false;

  constructor(log: MemoryRequestLog, fromCommitted: boolean) {
    this.#log = log;
    this.#fromCommitted = fromCommitted;
  }

  async start(handlers: LogConsumerHandlers): Promise<void> {
    this.#log.attach(handlers, this.#fromCommitted);
  }

  begin(partition: number, offset: number): void {
    if (!this.#stopped) this.#log.begin(partition, offset);
  }

  pause(partition: number): void {
    if (!this.#stopped) this.#log.setPaused(partition, true);
  }

  resume(partition: number): void {
    if (!this.#stopped) this.#log.setPaused(partition, false);
  }

  async bounds(partition: number): Promise<{ start: number; end: number }> {
    return this.#log.bounds(partition);
  }

  done(partition: number, offset: number): void {
    if (!this.#stopped) this.#log.done(partition, offset);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#log.detach(this);
  }
}
