/**
 * One request out at a time, its retries included; idempotence off (facts "KafkaJS": sequence numbers are reused, and with
 * retries inside KafkaJS a partition whose leader moves to a node that has already answered is acknowledged unsent).
 */
import type { Kafka, Producer, RecordMetadata } from 'kafkajs';
import { type Append, AppendRefused, type LogProducer } from '../../ports/request-log.ts';
import { backOffTime, pause, persist } from './back-off.ts';
import { protocolErrorType, rootCause } from './client.ts';
import { type Entry, EntryQueue, type FlightLimits } from './entry-queue.ts';
import type { KafkaHooks } from './hooks.ts';

export interface ProducerSettings extends FlightLimits {
  topic: string;
  partitions: number;
  /** Largest value of one record, bytes. */
  recordBytes: number;
  /** ms that the leader waits for its replicas before it answers with an error; below the request timeout. */
  replicationTimeout: number;
}

/** Answers of a broker that will be the same for ever. */
const refusals = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_RECORD', 'INVALID_TIMESTAMP'];

export class KafkaLogProducer implements LogProducer {
  readonly #producer: Producer;
  readonly #settings: ProducerSettings;
  readonly #hooks: KafkaHooks;
  readonly #queue: EntryQueue;
  readonly #abort = new AbortController();
  #working = false;
  #closing = false;
  #idle: (() => void)[] = [];

  constructor(client: Kafka, settings: ProducerSettings, hooks: KafkaHooks) {
    this.#settings = settings;
    this.#hooks = hooks;
    this.#queue = new EntryQueue(settings);
    this.#producer = client.producer({
      allowAutoTopicCreation: false,
      idempotent: false,
      maxInFlightRequests: 1,
      retry: { retries: 0 },
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition as number,
    });
    this.#producer.on('producer.network.request_queue_size', ({ payload }) => {
      if (payload.queueSize > 0) hooks.throttled?.({ broker: payload.broker, waiting: payload.queueSize });
    });
  }

  /** Waits for the cluster as long as it takes. */
  async connect(): Promise<void> {
    await persist(
      () => this.#producer.connect(),
      this.#abort.signal,
      (error, attempts, retryIn) =>
        this.#hooks.log?.('warn', 'Kafka cannot be reached', { attempts, retryIn, error: rootCause(error).message }),
    );
  }

  append(records: Append[]): Promise<void> {
    if (this.#closing) return Promise.reject(new Error('the producer is closed'));
    const refusal = this.#refusal(records);
    if (refusal !== undefined) return Promise.reject(refusal);
    if (records.length === 0) return Promise.resolve();
    return new Promise((resolve, reject) => {
      this.#queue.add(records, { unacknowledged: records.length, settled: false, resolve, reject });
      this.#wake();
    });
  }

  pending(): { records: number; bytes: number } {
    return { records: this.#queue.records, bytes: this.#queue.bytes };
  }

  async close(): Promise<void> {
    this.#closing = true;
    if (this.#queue.records > 0) await new Promise<void>((resolve) => this.#idle.push(resolve));
    this.#abort.abort();
    await this.#producer.disconnect();
  }

  /** Closes without waiting: what is not acknowledged is rejected, though it may be in the log. */
  async abandon(): Promise<void> {
    this.#closing = true;
    this.#abort.abort();
    this.#queue.rejectAll(new Error('the log was closed'));
    this.#drained();
    await this.#producer.disconnect();
  }

  #refusal(records: Append[]): AppendRefused | undefined {
    const { partitions, recordBytes } = this.#settings;
    for (const { partition, value } of records) {
      if (!Number.isInteger(partition) || partition < 0 || partition >= partitions) {
        return new AppendRefused(`no partition ${partition} in ${this.#settings.topic}`);
      }
      if (value.length > recordBytes) {
        return new AppendRefused(`a record of ${value.length} bytes is over the limit of ${recordBytes}`);
      }
    }
    return undefined;
  }

  /** What is appended in the rest of this turn of the event loop goes with the first request. */
  #wake(): void {
    if (this.#working) return;
    this.#working = true;
    setImmediate(() => void this.#work());
  }

  async #work(): Promise<void> {
    while (this.#queue.records > 0 && !this.#abort.signal.aborted) await this.#deliver(this.#queue.take());
    this.#working = false;
    if (this.#queue.records === 0) this.#drained();
  }

  #drained(): void {
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  /** Sends until all is acknowledged or refused for good. A refused flight is halved until the culprit stands alone. */
  async #deliver(flight: Entry[]): Promise<void> {
    const outcome = await this.#send(flight);
    if (outcome.kind === 'acknowledged') return this.#queue.acknowledge(flight);
    if (outcome.kind === 'closed') return this.#queue.refuse(flight, new Error('the log was closed'));
    if (flight.length === 1) {
      return this.#queue.refuse(flight, new AppendRefused(`Kafka refused a record: ${outcome.reason}`));
    }
    const middle = flight.length >> 1;
    await this.#deliver(flight.slice(0, middle));
    await this.#deliver(flight.slice(middle));
  }

  async #send(flight: Entry[]): Promise<Outcome> {
    const { topic, replicationTimeout } = this.#settings;
    const { signal } = this.#abort;
    const started = performance.now();
    for (let attempt = 1; !signal.aborted; attempt++) {
      this.#queue.attempt(flight);
      try {
        const acknowledgements = await this.#producer.sendBatch({
          acks: -1,
          timeout: replicationTimeout,
          topicMessages: [{ topic, messages: flight }],
        });
        checkComplete(flight, acknowledgements);
        this.#hooks.sent?.({
          topic,
          records: flight.length,
          bytes: flight.reduce((sum, entry) => sum + entry.value.length, 0),
          milliseconds: performance.now() - started,
          attempts: attempt,
        });
        return { kind: 'acknowledged' };
      } catch (thrown) {
        const error = rootCause(thrown);
        const type = protocolErrorType(error);
        if (type !== undefined && refusals.includes(type)) return { kind: 'refused', reason: error.message };
        if (signal.aborted) break;
        const retryIn = backOffTime(attempt);
        this.#hooks.sendFailed?.({ topic, records: flight.length, attempt, retryIn, error });
        await pause(retryIn, signal);
      }
    }
    return { kind: 'closed' };
  }
}

type Outcome = { kind: 'acknowledged' } | { kind: 'refused'; reason: string } | { kind: 'closed' };

/** KafkaJS leaves out, without an error, the partitions that its metadata does not know. */
function checkComplete(flight: Entry[], acknowledgements: RecordMetadata[]): void {
  const acknowledged = new Set<number>();
  for (const { partition, errorCode } of acknowledgements) if (errorCode === 0) acknowledged.add(partition);
  for (const { partition } of flight) {
    if (!acknowledged.has(partition)) throw new Error(`partition ${partition} was not acknowledged`);
  }
}
