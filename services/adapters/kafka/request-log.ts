/** The port RequestLog on Kafka: one topic. */
import type { LogConsumer, LogProducer, RequestLog } from '../../ports/request-log.ts';
import { createClient, defaultRequestTimeout } from './client.ts';
import type { KafkaConnection } from './connection.ts';
import { type ConsumerSettings, KafkaLogConsumer } from './consumer.ts';
import { batchOverhead, recordOverhead } from './entry-queue.ts';
import type { KafkaHooks } from './hooks.ts';
import { LogOffsets } from './offsets.ts';
import { KafkaLogProducer, type ProducerSettings } from './producer.ts';

type Timing = Pick<ConsumerSettings, 'sessionTimeout' | 'heartbeatInterval' | 'rebalanceTimeout' | 'fetchWait'>;

export interface KafkaLogOptions extends Partial<Timing> {
  connection: KafkaConnection;
  topic: string;
  partitions: number;
  /** Shown in the broker's logs and metrics. */
  clientId: string;
  /** `max.message.bytes` of the topic: a record batch is no larger. Default 1 MiB. */
  batchBytes?: number;
  /** Largest value of a record; default the batch limit less its frame. */
  recordBytes?: number;
  /** Bytes of a produce request; default 4 MiB. */
  requestBytes?: number;
  /** ms after which a request is given up and its connection with it; default 15 s. */
  requestTimeout?: number;
  /** ms between two commits; default 1 s, for a consumer that begins where it committed 200 ms. */
  commitInterval?: number;
  hooks?: KafkaHooks;
}

const defaultBatchBytes = 1_048_576;
const defaultTiming: Timing = {
  // The least that brokers take by default: a member whose coordinator died with it is waited for this long.
  sessionTimeout: 6_000,
  heartbeatInterval: 1_000,
  rebalanceTimeout: 30_000,
  fetchWait: 100,
};

export interface KafkaLog extends RequestLog {
  /** Resolves when a node of the cluster answers, however long that takes; rejects only when closed. */
  answers(): Promise<void>;
}

export function kafkaRequestLog(options: KafkaLogOptions): KafkaLog {
  return new KafkaRequestLog(options);
}

class KafkaRequestLog implements KafkaLog {
  readonly name: string;
  readonly partitions: number;
  readonly #options: KafkaLogOptions;
  readonly #hooks: KafkaHooks;
  readonly #offsets: LogOffsets;
  readonly #producers = new Set<KafkaLogProducer>();
  readonly #consumers = new Set<KafkaLogConsumer>();

  constructor(options: KafkaLogOptions) {
    this.name = options.topic;
    this.partitions = options.partitions;
    this.#options = options;
    this.#hooks = options.hooks ?? {};
    this.#offsets = new LogOffsets(this.#client(), options.topic, this.#hooks);
  }

  async producer(): Promise<LogProducer> {
    const producer = new KafkaLogProducer(this.#client(), this.#producerSettings(), this.#hooks);
    this.#producers.add(producer);
    await producer.connect();
    return producer;
  }

  async consumer(options: { group: string; fromCommitted?: boolean }): Promise<LogConsumer> {
    const consumer = new KafkaLogConsumer(this.#client(), this.#offsets, this.#consumerSettings(options), this.#hooks);
    this.#consumers.add(consumer);
    return consumer;
  }

  answers(): Promise<void> {
    return this.#offsets.answers();
  }

  /** Ends everything; appends that are not acknowledged are rejected. Close the producers first to avoid that. */
  async close(): Promise<void> {
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop()));
    await Promise.all([...this.#producers].map((producer) => producer.abandon()));
    await this.#offsets.close();
  }

  #client() {
    const { connection, clientId, requestTimeout } = this.#options;
    return createClient(connection, clientId, this.#hooks, requestTimeout);
  }

  #producerSettings(): ProducerSettings {
    const { topic, partitions, batchBytes = defaultBatchBytes } = this.#options;
    return {
      topic,
      partitions,
      batchBytes,
      recordBytes: this.#options.recordBytes ?? batchBytes - batchOverhead - recordOverhead,
      requestBytes: this.#options.requestBytes ?? 4 * 1_048_576,
      requestRecords: 2000,
      replicationTimeout: Math.floor((this.#options.requestTimeout ?? defaultRequestTimeout) * 0.9),
    };
  }

  #consumerSettings({ group, fromCommitted = false }: { group: string; fromCommitted?: boolean }): ConsumerSettings {
    const { topic, partitions, batchBytes = defaultBatchBytes } = this.#options;
    return {
      topic,
      partitions,
      group,
      fromCommitted,
      sessionTimeout: this.#options.sessionTimeout ?? defaultTiming.sessionTimeout,
      heartbeatInterval: this.#options.heartbeatInterval ?? defaultTiming.heartbeatInterval,
      rebalanceTimeout: this.#options.rebalanceTimeout ?? defaultTiming.rebalanceTimeout,
      fetchWait: this.#options.fetchWait ?? defaultTiming.fetchWait,
      partitionFetchBytes: batchBytes,
      fetchBytes: 8 * 1_048_576,
      commitInterval: this.#options.commitInterval ?? (fromCommitted ? 200 : 1000),
    };
  }
}
