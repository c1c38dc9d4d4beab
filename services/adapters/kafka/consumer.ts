/**
 * A member of a consumer group that only hands batches over (R7). KafkaJS forgets its positions at every rebalance and would
 * go on where the group committed, so this class keeps the position of each partition and seeks to it.
 */
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { LogConsumer, LogConsumerHandlers, LogRecord } from '../../ports/request-log.ts';
import { persist } from './back-off.ts';
import { rootCause } from './client.ts';
import { ThrottledCommits } from './commits.ts';
import type { KafkaHooks } from './hooks.ts';
import type { Bounds, LogOffsets } from './offsets.ts';

export interface ConsumerSettings {
  topic: string;
  partitions: number;
  group: string;
  /** The group's commits say where to begin. */
  fromCommitted: boolean;
  /** ms without a heartbeat after which the group goes on without this member. */
  sessionTimeout: number;
  heartbeatInterval: number;
  /** ms that the members have to join again. */
  rebalanceTimeout: number;
  /** ms that a fetch waits for records: also how late `begin` and `resume` may be noticed, and the pace when idle. */
  fetchWait: number;
  /** Bytes of a fetch per partition. */
  partitionFetchBytes: number;
  /** Bytes of a fetch. */
  fetchBytes: number;
  /** ms between two commits. */
  commitInterval: number;
}

interface PartitionState {
  /** Where the next fetch begins; undefined until `begin`. */
  position: number | undefined;
  paused: boolean;
  /** KafkaJS has skipped to here because everything before was hidden from it (markers of transactions). */
  skippedTo?: number | undefined;
}

export class KafkaLogConsumer implements LogConsumer {
  readonly #settings: ConsumerSettings;
  readonly #consumer: Consumer;
  readonly #offsets: LogOffsets;
  readonly #hooks: KafkaHooks;
  readonly #commits: ThrottledCommits;
  readonly #abort = new AbortController();
  readonly #assigned = new Map<number, PartitionState>();
  #member = '';
  #handlers: LogConsumerHandlers | undefined;
  #running: Promise<void> | undefined;
  #ending: Promise<void> | undefined;

  constructor(client: Kafka, offsets: LogOffsets, settings: ConsumerSettings, hooks: KafkaHooks) {
    this.#settings = settings;
    this.#offsets = offsets;
    this.#hooks = hooks;
    this.#consumer = client.consumer({
      groupId: settings.group,
      allowAutoTopicCreation: false,
      sessionTimeout: settings.sessionTimeout,
      heartbeatInterval: settings.heartbeatInterval,
      rebalanceTimeout: settings.rebalanceTimeout,
      maxWaitTimeInMs: settings.fetchWait,
      minBytes: 1,
      maxBytes: settings.fetchBytes,
      maxBytesPerPartition: settings.partitionFetchBytes,
      // Few: a restart, with its new connections, is what gets KafkaJS over a dead node.
      retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 5, restartOnFailure: async () => !this.#stopped },
    });
    this.#commits = new ThrottledCommits(
      settings.commitInterval,
      (offsets) => this.#commit(offsets),
      (error) => this.#warn('offsets were not committed', error),
    );
  }

  async start(handlers: LogConsumerHandlers): Promise<void> {
    this.#handlers = handlers;
    const { events } = this.#consumer;
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) =>
      this.#joined(payload.memberId, payload.memberAssignment[this.#settings.topic] ?? []),
    );
    this.#consumer.on(events.REBALANCING, () => void this.#commits.flush());
    this.#consumer.on(events.START_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) this.#skipped(payload.partition, Number(payload.lastOffset) + 1);
    });
    this.#consumer.on(events.CRASH, ({ payload }) => this.#crashed(payload.error, payload.restart));
    await persist(
      async () => {
        await this.#consumer.connect();
        await this.#consumer.subscribe({ topics: [this.#settings.topic], fromBeginning: true });
      },
      this.#abort.signal,
      (error, attempts) => this.#warn(`the consumer cannot connect (attempt ${attempts})`, error),
    );
    this.#running = this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: this.#settings.partitions,
      eachBatch: (payload) => this.#take(payload),
    });
    await this.#running;
  }

  begin(partition: number, offset: number): void {
    const state = this.#assigned.get(partition);
    if (state === undefined || this.#stopped) return;
    state.position = offset;
    state.skippedTo = undefined;
    this.#seek(partition, state);
  }

  pause(partition: number): void {
    const state = this.#assigned.get(partition);
    if (state === undefined) return;
    state.paused = true;
    this.#setFetching(partition, false);
  }

  resume(partition: number): void {
    const state = this.#assigned.get(partition);
    if (state === undefined) return;
    state.paused = false;
    if (state.position !== undefined) this.#setFetching(partition, true);
  }

  bounds(partition: number): Promise<Bounds> {
    return this.#offsets.bounds(partition);
  }

  done(partition: number, offset: number): void {
    if (this.#assigned.has(partition) && !this.#stopped) this.#commits.done(partition, offset);
  }

  stop(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    await this.#commits.flush();
    this.#abort.abort();
    this.#commits.stop();
    // Before its first join is through, KafkaJS would join after it was told to stop, and live on.
    await this.#running?.catch(() => undefined);
    await this.#consumer.disconnect();
  }

  get #stopped(): boolean {
    return this.#abort.signal.aborted;
  }

  #joined(member: string, partitions: number[]): void {
    if (this.#stopped) {
      void this.#consumer.disconnect().catch(() => undefined);
      return;
    }
    // Under a new member ID others may have had everything in between.
    const kept = member === this.#member ? partitions.filter((partition) => this.#assigned.has(partition)) : [];
    this.#member = member;
    this.#revoke([...this.#assigned.keys()].filter((partition) => !kept.includes(partition)));
    for (const partition of kept) {
      const state = this.#assigned.get(partition);
      if (state !== undefined) this.#seek(partition, state);
    }
    const gained = partitions.filter((partition) => !this.#assigned.has(partition));
    for (const partition of gained) {
      this.#assigned.set(partition, { position: undefined, paused: false });
      this.#setFetching(partition, false);
    }
    // With none at all the caller is told too: it has joined, and others do the work.
    if (gained.length === 0 && this.#assigned.size > 0) return;
    this.#handlers?.assigned(gained);
    if (this.#settings.fromCommitted && gained.length > 0) void this.#beginWhereCommitted(gained, member);
  }

  async #beginWhereCommitted(partitions: number[], member: string): Promise<void> {
    try {
      const committed = await this.#offsets.committed(this.#settings.group);
      for (const partition of partitions) {
        const offset = committed.get(partition);
        const fresh = this.#assigned.get(partition)?.position === undefined && this.#member === member;
        if (fresh && offset !== undefined) this.begin(partition, offset);
      }
    } catch (error) {
      if (!this.#stopped) this.#handlers?.failed(rootCause(error));
    }
  }

  #revoke(partitions: number[]): void {
    if (partitions.length === 0) return;
    for (const partition of partitions) {
      this.#assigned.delete(partition);
      this.#commits.forget(partition);
    }
    this.#handlers?.revoked(partitions);
  }

  #crashed(error: Error, restart: boolean): void {
    if (this.#stopped) return;
    this.#warn(restart ? 'the consumer starts again' : 'the consumer cannot go on', error);
    this.#member = '';
    this.#revoke([...this.#assigned.keys()]);
    if (!restart) this.#handlers?.failed(rootCause(error));
  }

  #skipped(partition: number, to: number): void {
    const state = this.#assigned.get(partition);
    if (state !== undefined) state.skippedTo = to;
  }

  /** Hands a batch over; must return at once, since KafkaJS fetches from a node only when all its batches are back. */
  #take({ batch, resolveOffset, isStale }: EachBatchPayload): Promise<void> {
    const state = this.#assigned.get(batch.partition);
    const last = batch.messages.at(-1);
    if (state?.position === undefined || last === undefined || this.#stopped || isStale()) return Promise.resolve();
    const fetched = Number((batch as unknown as { fetchedOffset: string }).fetchedOffset);
    // A gap that only hidden records fill is none; any other jump is the owner's to judge (R4).
    const fetchedOffset = fetched === state.skippedTo ? state.position : fetched;
    const nextOffset = Number(batch.lastOffset()) + 1;
    state.position = nextOffset;
    state.skippedTo = undefined;
    resolveOffset(last.offset);
    const records: LogRecord[] = batch.messages.map(({ offset, timestamp, value }) => ({
      offset: Number(offset),
      appendedAt: Number(timestamp),
      value: value ?? Buffer.alloc(0),
    }));
    try {
      this.#handlers?.batch({ partition: batch.partition, fetchedOffset, nextOffset, records });
    } catch (error) {
      this.#handlers?.failed(rootCause(error));
    }
    return Promise.resolve();
  }

  /** Between a crash and the restart KafkaJS has no group to tell; the join that follows sets everything anew. */
  #seek(partition: number, state: PartitionState): void {
    if (state.position === undefined) return;
    try {
      this.#consumer.seek({ topic: this.#settings.topic, partition, offset: String(state.position) });
    } catch (error) {
      this.#warn('a seek came while the group was away', error);
    }
    this.#setFetching(partition, !state.paused);
  }

  #setFetching(partition: number, on: boolean): void {
    const topics = [{ topic: this.#settings.topic, partitions: [partition] }];
    try {
      if (on) this.#consumer.resume(topics);
      else this.#consumer.pause(topics);
    } catch (error) {
      this.#warn('a pause came while the group was away', error);
    }
  }

  #commit(offsets: Map<number, number>): Promise<void> {
    const { topic } = this.#settings;
    return this.#consumer.commitOffsets(
      [...offsets].map(([partition, offset]) => ({ topic, partition, offset: String(offset) })),
    );
  }

  #warn(message: string, error: unknown): void {
    const { topic, group } = this.#settings;
    this.#hooks.log?.('warn', message, { topic, group, error: rootCause(error).message });
  }
}
