/**
 * Publishing to brokers that a URL names (`nu`, `poa`; TS-0010 6.6): a few connections, made on demand and closed when idle.
 * Whether a host may be spoken to is decided before (R27).
 */
import { randomBytes } from 'node:crypto';
import { type Publisher, PublishFailed } from '../../ports/device-link.ts';
import type { BrokerAddress } from './broker-address.ts';
import type { MqttHooks } from './hooks.ts';
import { MqttPublisher } from './publisher.ts';

export interface ForeignPublishersOptions {
  /** First part of the client ids. */
  clientName: string;
  /** Most brokers connected at a time; 32. */
  maximum?: number;
  /** ms without a publish after which a connection is closed; 60 000. */
  idleTime?: number;
  /** ms for a publish, connecting included, unless the call says otherwise; 5000. */
  timeLimit?: number;
  /** Publishes out at a time to one broker; 100. */
  window?: number;
  /** For `mqtts:`. */
  tls?: BrokerAddress['tls'];
  hooks?: MqttHooks;
}

export interface ForeignPublishers {
  /**
   * Resolves at PUBACK, rejects with PublishFailed: no such host, refused, time limit passed. A path of the URL is put in
   * front of the topic, as the `poa` of a oneM2M entity means it (TS-0010 6.6); pass a URL without one to use the topic as it is.
   */
  publish(url: string, topic: string, payload: Uint8Array | string, options?: { timeLimit?: number }): Promise<void>;
  /** One foreign broker as a publisher: its connection is made and closed as needed. */
  publisherOf(url: string): Publisher;
  /** Connections open now. */
  size(): number;
  close(): Promise<void>;
}

interface Entry {
  publisher: MqttPublisher;
  usedAt: number;
}

export function createForeignPublishers(options: ForeignPublishersOptions): ForeignPublishers {
  const { maximum = 32, idleTime = 60_000, timeLimit: usualTimeLimit = 5000, hooks = {} } = options;
  // Least recently used first.
  const entries = new Map<string, Entry>();
  const sweeper = setInterval(closeIdle, Math.max(10, idleTime / 4)).unref();
  let closed = false;

  function drop(key: string, entry: Entry): Promise<void> {
    if (entries.get(key) === entry) entries.delete(key);
    return entry.publisher.close();
  }

  function closeIdle(): void {
    const before = performance.now() - idleTime;
    for (const [key, entry] of entries) {
      if (entry.usedAt < before && entry.publisher.pending === 0) void drop(key, entry);
    }
  }

  function makeRoom(): void {
    if (entries.size < maximum) return;
    for (const [key, entry] of entries) {
      if (entry.publisher.pending > 0) continue;
      void drop(key, entry);
      return;
    }
    throw new PublishFailed(`${maximum} foreign brokers are in use already`);
  }

  function open(key: string, url: string): Entry {
    makeRoom();
    const publisher: MqttPublisher = new MqttPublisher({
      line: {
        address: { url, ...(options.tls === undefined ? {} : { tls: options.tls }) },
        clientId: `${options.clientName}~foreign-${randomBytes(6).toString('hex')}`,
        clean: true,
        sessionExpiry: 0,
        keepalive: 30,
        connectTimeLimit: usualTimeLimit,
      },
      window: options.window ?? 100,
      windowBytes: 4 << 20,
      closeTimeLimit: 1000,
      hooks,
      connectFailed() {
        if (entries.get(key) === entry) entries.delete(key);
        return false;
      },
    });
    const entry: Entry = { publisher, usedAt: 0 };
    entries.set(key, entry);
    return entry;
  }

  function publish(url: string, topic: string, payload: Uint8Array | string, timeLimit: number): Promise<void> {
    const { key, prefix } = takeApart(url);
    const entry = entries.get(key) ?? open(key, key);
    entry.usedAt = performance.now();
    entries.delete(key);
    entries.set(key, entry);
    return entry.publisher.publish(underPrefix(prefix, topic), payload, { timeLimit });
  }

  const publishers: ForeignPublishers = {
    async publish(url, topic, payload, { timeLimit = usualTimeLimit } = {}) {
      if (closed) throw new PublishFailed('closed');
      await publish(url, topic, payload, timeLimit);
    },
    publisherOf: (url) => ({
      publish: (topic, payload, publishOptions) => publishers.publish(url, topic, payload, publishOptions),
      ready: () => true,
      disconnects: () => 0,
      close: async () => {},
    }),
    size: () => entries.size,
    async close() {
      closed = true;
      clearInterval(sweeper);
      await Promise.all([...entries].map(([key, entry]) => drop(key, entry)));
    },
  };
  return publishers;
}

/** The broker with its credentials, and the levels in front of topics. */
function takeApart(text: string): { key: string; prefix: string } {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new PublishFailed('not a URL');
  }
  const { protocol } = url;
  if ((protocol !== 'mqtt:' && protocol !== 'mqtts:') || url.hostname === '') {
    throw new PublishFailed(`not a broker that can be published to: ${protocol}//${url.host}`);
  }
  const port = url.port === '' ? (protocol === 'mqtt:' ? '1883' : '8883') : url.port;
  const user = url.username === '' ? '' : `${url.username}${url.password === '' ? '' : `:${url.password}`}@`;
  try {
    const prefix = decodeURIComponent(url.pathname.replace(/^\/|\/$/g, ''));
    return { key: `${protocol}//${user}${url.hostname.toLowerCase()}:${port}`, prefix };
  } catch {
    throw new PublishFailed('a URL whose path cannot be decoded');
  }
}

function underPrefix(prefix: string, topic: string): string {
  if (prefix === '') return topic;
  return topic.startsWith('/') ? `${prefix}${topic}` : `${prefix}/${topic}`;
}
