import type { Change } from '../../core/decision.ts';
import { inventedId, partitionOfShard } from '../../core/sharding.ts';
import type {
  DeliveryChange,
  Exchange,
  ExchangeChange,
  JournalRow,
  PartitionCommit,
  QueuedNotification,
} from '../../ports/resource-store.ts';
import type { ForeignCache } from '../cache/foreign-cache.ts';
import { type KnownTarget, targetKey } from '../deliveries/known-target.ts';
import { type Emission, packEmissions, packKeys, type RememberedKey, type TargetLog } from '../partition/journal.ts';
import { nextCommit, type PartitionState } from '../partition/partition-state.ts';
import type { KnownUsage } from '../usage/known-usage.ts';
import type { BatchSpans } from './batch-spans.ts';
import { BatchWorkingSet, type Reliance } from './working-set.ts';

/** State of a queue or of an earlier batch that must be loaded before the record in hand can be decided. */
export class MissingState {
  readonly subscriptions: { cse: number; shard: number; subscription: string }[];
  constructor(...subscriptions: { cse: number; shard: number; subscription: string }[]) {
    this.subscriptions = subscriptions;
  }
}

/** Everything that one commit of a partition will write and send. Grows record by record; a record is added whole or not at all. */
export class Batch {
  readonly state: PartitionState;
  readonly working: BatchWorkingSet;
  readonly generation: number;
  readonly partitions: number;
  readonly spans: BatchSpans;
  /** What the CSEs have, for their quotas. */
  readonly usage: KnownUsage;
  readonly emissions: Emission[] = [];
  /** Replies to reads among the emissions: alone they need no transaction (R14). */
  readReplies = 0;
  readonly remembered: RememberedKey[] = [];
  /** Position among the emissions of the reply to a key of this batch (base64url); -1: silence. */
  readonly replyByKey = new Map<string, number>();
  /** Notifications loaded for sending a backlog, by queue. */
  readonly loadedQueues = new Map<string, QueuedNotification[]>();
  /** Wall clock for `ct` and `lt`, ms, never going back. */
  now: number;
  /** Records decided. */
  count = 0;
  bytes = 0;

  readonly #changes: Change[] = [];
  readonly #exchangeChanges: ExchangeChange[] = [];
  readonly #exchanges = new Map<string, Exchange | null>();
  readonly #deliveryChanges: DeliveryChange[] = [];
  readonly #deliveries = new Map<string, KnownTarget | null>();
  readonly #queued = new Set<string>();
  readonly #knownQueues = new Set<string>();
  readonly #seen = new Map<number, { version: number; index: number }>();
  readonly #relied = new Map<string, Reliance>();
  readonly #reliedBase = new Map<number, number>();
  #ids = 0;
  #handOns = 0;
  #progress = false;

  constructor(
    generation: number,
    partitions: number,
    state: PartitionState,
    foreign: ForeignCache,
    now: number,
    spans: BatchSpans,
    usage: KnownUsage,
  ) {
    this.generation = generation;
    this.partitions = partitions;
    this.state = state;
    this.spans = spans;
    this.usage = usage;
    usage.begin(state.partition);
    this.now = Math.max(now, state.fence.lastTimestamp);
    this.working = new BatchWorkingSet(state.cache, foreign, (shard) => this.owns(shard), state.fence.version + 1);
    this.working.logTime = state.fence.logTime;
  }

  owns(shard: number): boolean {
    return partitionOfShard(shard, this.partitions) === this.state.partition;
  }

  inventId(letter: string, shard: number): string {
    return inventedId(letter, shard, nextCommit(this.generation, this.state), this.#ids++);
  }

  /** Consumed log time moves on with every record (R21). */
  advanceLogTime(appendedAt: number): void {
    if (appendedAt > this.working.logTime) this.working.logTime = appendedAt;
  }

  // ---- what is known -------------------------------------------------------------------------------------------------

  exchange(id: string): Exchange | undefined {
    const changed = this.#exchanges.get(id);
    return changed === undefined ? this.state.exchanges.get(id) : (changed ?? undefined);
  }

  /** The waiting request with this duplicate key (R16). */
  exchangeByKey(key: string): Exchange | undefined {
    for (const exchange of this.#exchanges.values()) if (exchange?.key === key) return exchange;
    const known = this.state.exchangesByKey.get(key);
    return known !== undefined && this.#exchanges.get(known.id) !== null ? known : undefined;
  }

  /** A waiting request of this originator with this identifier, whatever its content (R16). */
  exchangeByRequest(cse: number, originator: string, requestIdentifier: string): Exchange | undefined {
    if (this.state.exchanges.size === 0 && this.#exchanges.size === 0) return undefined;
    const fits = (each: Exchange) =>
      each.cse === cse && each.originator === originator && each.requestIdentifier === requestIdentifier;
    for (const exchange of this.#exchanges.values()) if (exchange !== null && fits(exchange)) return exchange;
    for (const exchange of this.state.exchanges.values()) {
      if (fits(exchange) && this.#exchanges.get(exchange.id) !== null) return exchange;
    }
    return undefined;
  }

  /** The queue of a subscription and target; throws MissingState where it is not known. */
  delivery(cse: number, shard: number, subscription: string, target: number): KnownTarget | null {
    const key = targetKey(cse, subscription, target);
    const changed = this.#deliveries.get(key);
    if (changed !== undefined) return changed;
    const known = this.state.deliveries.get(key);
    if (known !== undefined) return known;
    if (this.#knownQueues.has(`${cse}/${subscription}`)) return null;
    throw new MissingState({ cse, shard, subscription });
  }

  /** All queues of these subscriptions that there are have been loaded. */
  knownQueues(subscriptions: readonly { cse: number; subscription: string }[]): void {
    for (const { cse, subscription } of subscriptions) this.#knownQueues.add(`${cse}/${subscription}`);
  }

  /** True if this batch has put something into a queue: what the store has of it is not all. */
  hasQueued(key: string): boolean {
    return this.#queued.has(key);
  }

  seenOf(source: number): { version: number; index: number } | undefined {
    return this.#seen.get(source) ?? this.state.seen.get(source);
  }

  // ---- what is added -------------------------------------------------------------------------------------------------

  /**
   * What the record in hand has read of other shards becomes a condition of the commit: also where a write is refused, for a
   * refusal by a policy of yesterday is no answer (R24).
   */
  bindReliances(): void {
    for (const [key, reliance] of this.working.reliances) this.#relied.set(key, reliance);
  }

  /** Changes of resources; `reliances` of the working set since the last call become conditions of the commit. */
  addChanges(changes: readonly Change[]): void {
    if (changes.length === 0) return;
    for (const change of changes) {
      this.#changes.push(change);
      if (change.kind === 'due' && change.due.at < (this.state.nextDue ?? Number.POSITIVE_INFINITY)) {
        this.state.nextDue = change.due.at;
      }
      if (change.kind === 'baseSubscriptions' && change.action === 'rely') {
        const version = this.working.baseVersions.get(change.cse);
        if (version !== undefined) this.#reliedBase.set(change.cse, version);
      }
    }
    this.bindReliances();
    this.working.apply(changes);
  }

  /** The record in hand begins: nothing that an earlier one read binds it. */
  beginRecord(): void {
    if (this.working.reliances.size > 0) this.working.reliances.clear();
    if (this.working.baseVersions.size > 0) this.working.baseVersions.clear();
  }

  emit(log: TargetLog, partition: number, frame: Buffer): number {
    this.bytes += frame.length;
    return this.emissions.push({ log, partition, frame }) - 1;
  }

  remember(key: string, shard: number, reply: number): void {
    this.remembered.push({ key: Buffer.from(key, 'base64url'), shard, reply });
    this.replyByKey.set(key, reply);
  }

  putExchange(exchange: Exchange): void {
    this.#exchanges.set(exchange.id, exchange);
    this.#exchangeChanges.push({ kind: 'put', exchange });
  }

  removeExchange({ cse, shard, id }: Exchange): void {
    this.#exchanges.set(id, null);
    this.#exchangeChanges.push({ kind: 'remove', cse, shard, id });
  }

  putDelivery(known: KnownTarget): void {
    const { cse, subscription, target } = known.target;
    this.#deliveries.set(targetKey(cse, subscription, target), known);
  }

  addDeliveryChange(change: DeliveryChange): void {
    this.#deliveryChanges.push(change);
    if (change.kind === 'queue') this.#queued.add(targetKey(change.cse, change.subscription, change.target));
    if (change.kind === 'removeTarget') {
      this.#deliveries.set(targetKey(change.cse, change.subscription, change.target), null);
    }
  }

  see(source: number, version: number, index: number): void {
    this.#seen.set(source, { version, index });
  }

  /** Number of the next record that this batch sends to another shard (R5). */
  nextSource(): { partition: number; version: number; index: number } {
    return { ...nextCommit(this.generation, this.state), index: this.#handOns++ };
  }

  /** AE-IDs whose home this batch has changed; null: released. */
  homes(): { cse: number; aeId: string; home: number | null }[] {
    return this.#changes.flatMap((change) =>
      change.kind === 'aeHome'
        ? [{ cse: change.cse, aeId: change.aeId, home: change.action === 'insert' ? change.home : null }]
        : [],
    );
  }

  /** Progress must be written although nothing changed: the second is over (R14, R25). */
  demandCommit(): void {
    this.#progress = true;
  }

  /** Reads alone need no transaction (R14). */
  needsCommit(): boolean {
    return (
      this.#progress ||
      this.#changes.length > 0 ||
      this.remembered.length > 0 ||
      this.#seen.size > 0 ||
      this.#exchangeChanges.length > 0 ||
      this.#deliveryChanges.length > 0 ||
      this.#deliveries.size > 0 ||
      this.emissions.length > this.readReplies
    );
  }

  // ---- the end -------------------------------------------------------------------------------------------------------

  /** This partition's part of a flight. `first` and `next`: offsets of the batch. */
  toCommit(first: number, next: number, attempt: string): PartitionCommit {
    const { partition, fence, openReads, emitted } = this.state;
    return {
      partition,
      version: fence.version,
      first,
      next,
      batch: attempt,
      emitted,
      logTime: this.working.logTime,
      lastTimestamp: this.now,
      changes: this.#changes,
      ...this.#journal([...openReads.keys()]),
      seen: [...this.#seen].map(([source, seen]) => ({ source, ...seen })),
      relied: [...this.#relied.values()],
      reliedBaseSubscriptions: [...this.#reliedBase].map(([cse, version]) => ({ cse, version })),
      exchanges: this.#exchangeChanges,
      deliveries: [
        ...this.#deliveryChanges,
        ...[...this.#deliveries.values()]
          .filter((known) => known !== null)
          .map(({ target }) => ({
            kind: 'target' as const,
            target,
          })),
      ],
    };
  }

  #journal(openReads: Emission[]): { journal?: JournalRow } {
    if (this.emissions.length + openReads.length + this.remembered.length === 0) return {};
    return {
      journal: {
        version: this.state.fence.version + 1,
        at: this.working.logTime,
        keys: packKeys(this.remembered),
        replies: this.remembered.map(({ reply }) => reply),
        // Replies of earlier reads stand behind those that keys point to.
        out: packEmissions([...this.emissions, ...openReads]),
      },
    };
  }

  /** The commit has succeeded: what the batch knew is what the owner knows. */
  mergeIntoState(next: number, attempt: string): void {
    const { state } = this;
    state.fence = {
      next,
      version: state.fence.version + 1,
      batch: attempt,
      emitted: state.emitted,
      logTime: this.working.logTime,
      lastTimestamp: this.now,
    };
    this.working.overlay.mergeIntoCache();
    for (const { key, reply } of this.remembered) {
      state.window.remember(key, { version: state.fence.version, reply, at: this.working.logTime });
    }
    for (const [source, seen] of this.#seen) state.seen.set(source, seen);
    for (const [key, known] of this.#deliveries) {
      if (known === null) state.deliveries.delete(key);
      else state.deliveries.set(key, known);
    }
    for (const [id, exchange] of this.#exchanges) {
      const before = state.exchanges.get(id);
      if (before !== undefined) state.exchangesByKey.delete(before.key);
      if (exchange === null) state.exchanges.delete(id);
      else {
        state.exchanges.set(id, exchange);
        state.exchangesByKey.set(exchange.key, exchange);
      }
    }
  }
}
