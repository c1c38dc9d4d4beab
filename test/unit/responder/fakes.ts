/** Parts of a responder that a test holds in its hands: a log that it fills, brokers that acknowledge when it says so. */

import { encodeRecord, type OutboundHead } from '../../../services/contracts/records.ts';
import { createSilentLog } from '../../../services/platform/logging.ts';
import { createMetrics } from '../../../services/platform/metrics.ts';
import { createUntraced } from '../../../services/platform/tracing/tracing.ts';
import { type Publisher, PublishFailed } from '../../../services/ports/device-link.ts';
import type {
  Append,
  LogConsumer,
  LogConsumerHandlers,
  LogProducer,
  RequestLog,
} from '../../../services/ports/request-log.ts';
import type { ResponderParts } from '../../../services/responder/parts.ts';
import { createResponder } from '../../../services/responder/responder.ts';

export const settle = async () => {
  for (let i = 0; i < 10; i++) await new Promise((resolve) => setImmediate(resolve));
};

/** Time stands still until the test moves it. */
export class FakeClock {
  time = 1_000_000;
  #timers: { at: number; callback: () => void }[] = [];
  now = () => this.time;
  monotonic = () => this.time;
  soon = (callback: () => void) => void setImmediate(callback);
  after = (ms: number, callback: () => void) => {
    const timer = { at: this.time + ms, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  };
  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.time = next.at;
      next.callback();
      await settle();
    }
    this.time = end;
  }
}

/** A log whose appends the test acknowledges, unless `automatic`. */
export class FakeLog implements RequestLog {
  readonly name: string;
  readonly partitions = 4;
  readonly appended: Append[] = [];
  readonly pending: { records: Append[]; resolve: () => void; reject: (reason: Error) => void }[] = [];
  automatic = true;
  handlers!: LogConsumerHandlers;
  readonly committed: [partition: number, offset: number][] = [];
  readonly paused = new Set<number>();
  stopped = false;

  constructor(name: string) {
    this.name = name;
  }

  async producer(): Promise<LogProducer> {
    return {
      append: (records) =>
        new Promise((resolve, reject) => {
          this.appended.push(...records);
          if (this.automatic) resolve();
          else this.pending.push({ records, resolve, reject });
        }),
      pending: () => ({ records: this.pending.length, bytes: 0 }),
      close: async () => {},
    };
  }

  async consumer(): Promise<LogConsumer> {
    return {
      start: async (handlers) => {
        this.handlers = handlers;
      },
      begin: () => {},
      pause: (partition) => void this.paused.add(partition),
      resume: (partition) => void this.paused.delete(partition),
      bounds: async () => ({ start: 0, end: 0 }),
      done: (partition, offset) => void this.committed.push([partition, offset]),
      stop: async () => {
        this.stopped = true;
      },
    };
  }

  async close(): Promise<void> {}

  /** Heads of what was appended. */
  heads(): Record<string, unknown>[] {
    return this.appended.map(({ value }) => JSON.parse(value.toString('utf8').split('\n')[0] ?? ''));
  }
}

interface Out {
  topic: string;
  payload: string;
  timeLimit: number | undefined;
  acknowledge: () => void;
  fail: (reason: string) => void;
  /** The publisher is closed under it. */
  close: () => void;
}

export class FakeBroker {
  readonly out: Out[] = [];
  opened = 0;
  closed = 0;
  losses = 0;
  refusal: string | undefined;

  async open(): Promise<Publisher> {
    if (this.refusal !== undefined) throw new PublishFailed(this.refusal);
    this.opened += 1;
    return {
      publish: (topic, payload, options) =>
        new Promise((resolve, reject) => {
          this.out.push({
            topic,
            payload: typeof payload === 'string' ? payload : Buffer.from(payload).toString('utf8'),
            timeLimit: options?.timeLimit,
            acknowledge: resolve,
            fail: (reason) => reject(new PublishFailed(reason)),
            close: () => reject(new Error('closed')),
          });
        }),
      ready: () => true,
      disconnects: () => this.losses,
      close: async () => {
        this.closed += 1;
      },
    };
  }

  topics(): string[] {
    return this.out.map(({ topic }) => topic);
  }
}

export function aHead(changes: Partial<OutboundHead> = {}): OutboundHead {
  return {
    v: 1,
    kind: 'response',
    cse: 1,
    receiver: '/id-in/C1',
    broker: 'default',
    topic: '/oneM2M/resp/C1/id-in/json',
    serialization: 'json',
    requestIdentifier: 'q1',
    ...changes,
  };
}

export async function aResponder(
  changes: { settings?: Partial<ResponderParts['settings']>; parts?: Partial<ResponderParts> } = {},
) {
  const clock = new FakeClock();
  const outbound = new FakeLog('outbound');
  const requests = new FakeLog('requests');
  const deadLetters = new FakeLog('dead-letters');
  const brokers = new Map<string, FakeBroker>([['default', new FakeBroker()]]);
  const passed: string[] = [];
  const metrics = createMetrics();
  const parts: ResponderParts = {
    outbound,
    requests,
    deadLetters,
    codec: {
      encode: async (batch) => batch.map(({ json }) => ({ payload: `<${Buffer.from(json).toString('utf8')}>` })),
    },
    publisherFor: async (broker) => {
      const known = brokers.get(broker);
      if (known === undefined) throw new PublishFailed('host not allowed');
      return known.open();
    },
    brokers: ['default'],
    clock,
    metrics,
    tracing: createUntraced(),
    log: createSilentLog(),
    failpoint: (name) => void passed.push(name),
    failed: (reason) => {
      throw reason;
    },
    settings: {
      group: 'responders',
      publishesInFlight: 100,
      queuedPerPartition: 100,
      encodeBatch: 10,
      foreignTimeLimit: 5000,
      foreignIdle: 60_000,
      ...changes.settings,
    },
    ...changes.parts,
  };
  const responder = createResponder(parts);
  await responder.start();
  outbound.handlers.assigned([0, 1]);
  const next = [0, 0];
  /** Lets the consumer fetch records: heads with their payloads, or raw bytes. */
  async function fetch(partition: number, ...records: (OutboundHead | Buffer)[]): Promise<void> {
    const fetchedOffset = next[partition] ?? 0;
    const values = records.map((record) =>
      Buffer.isBuffer(record) ? record : encodeRecord(record, JSON.stringify({ rqi: record.requestIdentifier })),
    );
    const nextOffset = fetchedOffset + values.length;
    next[partition] = nextOffset;
    outbound.handlers.batch({
      partition,
      fetchedOffset,
      nextOffset,
      records: values.map((value, index) => ({ offset: fetchedOffset + index, appendedAt: clock.time, value })),
    });
    await settle();
  }
  return {
    responder,
    clock,
    outbound,
    requests,
    deadLetters,
    brokers,
    broker: brokers.get('default')!,
    fetch,
    passed,
    metrics,
  };
}
