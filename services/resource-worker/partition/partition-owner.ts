/** The owner of one partition: takes over, decides batch after batch, commits, emits (R2, R3, R10). */

import type { FetchedBatch, LogRecord } from '../../ports/request-log.ts';
import { type CseUsage, NeedsRefused } from '../../ports/resource-store.ts';
import { Batch } from '../batch/batch.ts';
import { BatchSpans } from '../batch/batch-spans.ts';
import { decideBatch } from '../batch/decide-batch.ts';
import { readRecord } from '../batch/read-records.ts';
import type { ForeignCache } from '../cache/foreign-cache.ts';
import { entryKey } from '../cache/resource-entry.ts';
import type { FlowContext } from '../flow-context.ts';
import type { WorkerParts } from '../parts.ts';
import { giveUp } from '../records/give-up.ts';
import { dueUntil } from '../timers/due-until.ts';
import { doTimerWork } from '../timers/timer-work.ts';
import type { CommitOutcome, Committer } from './committer.ts';
import { ConnectionLosses } from './connection-losses.ts';
import type { Emitter } from './emitter.ts';
import type { Emission } from './journal.ts';
import { hasProgress, type OpenRead, type PartitionState } from './partition-state.ts';
import { publishHomes } from './publish-homes.ts';
import { PartitionQueue } from './queue.ts';
import { takeOver } from './take-over.ts';

/** Pauses between tries while the store is away, ms. */
const shortestPause = 50;
const longestPause = 2000;

export class PartitionOwner {
  readonly partition: number;
  readonly #parts: WorkerParts;
  readonly #flow: FlowContext;
  readonly #foreign: ForeignCache;
  readonly #committer: Committer;
  readonly #emitter: Emitter;
  readonly #queue: PartitionQueue;
  /** The latest read of what is emitted per version: `emitted` follows the oldest that is not. */
  readonly #emitting = new Set<number>();
  #state: PartitionState | undefined;
  #isStopped = false;
  #tickIsDue = false;
  #wake = () => {};
  #batchLimit: number;
  readonly #losses = new ConnectionLosses();
  #pause = shortestPause;
  #finished: Promise<void> = Promise.resolve();

  constructor(
    partition: number,
    parts: WorkerParts,
    flow: FlowContext,
    foreign: ForeignCache,
    committer: Committer,
    emitter: Emitter,
  ) {
    this.partition = partition;
    this.#parts = parts;
    this.#flow = flow;
    this.#foreign = foreign;
    this.#committer = committer;
    this.#emitter = emitter;
    this.#batchLimit = parts.settings.batchRecords;
    this.#queue = new PartitionQueue(parts.requests, partition, parts.settings.queuedPerPartition);
  }

  /** `before`: settles when the owner that this worker had for the partition until lately has finished. */
  start(before: Promise<void> = Promise.resolve()): void {
    this.#finished = before.then(() => this.#run());
  }

  /** The partition is no longer ours, or the worker ends: what is being committed lands, nothing new begins. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#wake();
    await this.#finished;
  }

  /** True once everything that the fence must know is known. */
  get isReady(): boolean {
    return this.#state !== undefined;
  }

  /** Journal rows committed and not acknowledged by the logs. */
  get backlog(): number {
    return this.#emitting.size;
  }

  /** What is known of the partition, for who reports on it; undefined until it has been taken over. */
  get state(): Readonly<PartitionState> | undefined {
    return this.#state;
  }

  /** A fetch: never waits (R7). */
  accept(batch: FetchedBatch): void {
    if (this.#isStopped || this.#state === undefined) return;
    this.#parts.failpoint('fetched');
    const accepted = this.#queue.put(batch);
    if (accepted === 'suspicious') void this.#compareWithLog();
    if (accepted === 'queued') this.#wake();
  }

  /** A moment has passed: look for due items, write progress. */
  tick(): void {
    this.#tickIsDue = true;
    this.#wake();
  }

  async #run(): Promise<void> {
    while (!this.#isStopped) {
      try {
        await this.#own();
        this.#pause = shortestPause;
      } catch (error) {
        // The store or a log is away: nothing is answered for that, it waits (R12).
        this.#flow.log.warn({ error, partition: this.partition }, 'the partition waits for the store');
        await this.#rest();
      }
      this.#state = undefined;
    }
  }

  /** From taking over until the fence is in doubt or the partition goes away. */
  async #own(): Promise<void> {
    const { state, unemitted, usage } = await takeOver(this.#parts, this.partition);
    if (this.#isStopped) return;
    this.#flow.usage.take(this.partition, usage);
    this.#state = state;
    this.#emitting.clear();
    for (const { version, emissions } of unemitted) this.#emit(state, version, emissions, []);
    this.#queue.begin(state.position);
    while (!this.#isStopped && (await this.#step(state))) {
      if (this.#queue.length === 0 && !this.#tickIsDue) await this.#something();
    }
  }

  async #something(): Promise<void> {
    await new Promise<void>((wake) => {
      this.#wake = wake;
      if (this.#isStopped || this.#queue.length > 0 || this.#tickIsDue) wake();
    });
  }

  async #rest(): Promise<void> {
    const pause = this.#pause;
    this.#pause = Math.min(longestPause, this.#pause * 2);
    await new Promise<void>((resume) => {
      const cancel = this.#parts.clock.after(pause, resume);
      this.#wake = () => {
        if (!this.#isStopped) return;
        cancel();
        resume();
      };
    });
  }

  /** One batch, of due items or of records. False: the fence is in doubt. */
  async #step(state: PartitionState): Promise<boolean> {
    if (this.#tickIsDue) {
      this.#tickIsDue = false;
      return this.#timerBatch(state);
    }
    const records = this.#queue.first(this.#batchLimit);
    if (records.length === 0) return true;
    return this.#losses.isPoison(state.position) ? this.#putAside(state) : this.#recordBatch(state, records);
  }

  #newBatch(state: PartitionState): Batch {
    const { generation, requestPartitions } = this.#flow.deployment;
    const { clock, tracing } = this.#parts;
    const spans = new BatchSpans(tracing, clock.monotonic());
    return new Batch(generation, requestPartitions, state, this.#foreign, clock.now(), spans, this.#flow.usage);
  }

  async #recordBatch(state: PartitionState, records: readonly LogRecord[]): Promise<boolean> {
    const began = this.#parts.clock.monotonic();
    const batch = this.#newBatch(state);
    const isDecided = await this.#whileStoreIsAway(() => this.#decide(batch, records));
    if (this.#isStopped) return false;
    if (isDecided === false) return this.#bisect(state, records.length);
    this.#flow.metrics.stageSeconds.observe((this.#parts.clock.monotonic() - began) / 1000, 'decide');
    this.#flow.metrics.batchSize.observe(batch.count, 'decide');
    const next = batch.count === this.#queue.length ? this.#queue.end : (records[batch.count - 1]?.offset ?? 0) + 1;
    if (!batch.needsCommit()) {
      this.#queue.drop(batch.count);
      this.#finishReads(state, batch, next);
      return true;
    }
    const outcome = await this.#commit(state, batch, state.position, next);
    if (outcome === 'committed') {
      this.#queue.drop(batch.count);
      this.#batchLimit = Math.min(this.#parts.settings.batchRecords, this.#batchLimit * 2);
    } else if (outcome === 'refused') return this.#bisect(state, batch.count);
    else if (outcome === 'unknown') this.#batchLimit = this.#losses.limitAfter(state.position, batch.count);
    return outcome === 'committed' || outcome === 'stale';
  }

  /** False: the store refuses what one of the records asks. */
  async #decide(batch: Batch, records: readonly LogRecord[]): Promise<boolean> {
    try {
      await decideBatch(this.#parts, this.#flow, batch, records);
      return true;
    } catch (error) {
      if (!(error instanceof NeedsRefused)) throw error;
      this.#flow.log.error({ error, partition: this.partition }, 'the store refuses what a request asks');
      return false;
    }
  }

  /** Only the unexpected comes here (R12): halves the batch until one record is alone, which is then put aside. */
  async #bisect(state: PartitionState, refused: number): Promise<boolean> {
    if (refused > 1) {
      this.#batchLimit = Math.ceil(refused / 2);
      return true;
    }
    return this.#putAside(state);
  }

  /** The first record alone is what the store cannot take: answered 5000, and kept for the operator. */
  async #putAside(state: PartitionState): Promise<boolean> {
    const [record] = this.#queue.first(1);
    if (record === undefined) return true;
    const batch = this.#newBatch(state);
    giveUp(
      this.#flow,
      batch,
      readRecord(record, this.#flow.cses),
      'commit',
      new Error('the store refuses its changes or what it asks'),
    );
    batch.advanceLogTime(record.appendedAt);
    const outcome = await this.#commit(state, batch, state.position, record.offset + 1);
    if (outcome === 'committed') this.#queue.drop(1);
    return outcome === 'committed';
  }

  async #timerBatch(state: PartitionState): Promise<boolean> {
    const batch = this.#newBatch(state);
    const until = await dueUntil(this.#parts, state);
    const isDue = state.nextDue !== undefined && state.nextDue <= until;
    if (isDue) {
      const { more } = await doTimerWork(this.#parts, this.#flow, batch, until);
      if (more) this.#tickIsDue = true;
    }
    if (hasProgress(state)) batch.demandCommit();
    const outcome = batch.needsCommit()
      ? await this.#commit(state, batch, state.position, state.position)
      : ('committed' as const);
    if (outcome === 'stale') this.#tickIsDue = true;
    // The batch may have planned something late while the store holds something early.
    else if (outcome === 'committed' && isDue) await this.#planNext(state);
    return outcome === 'committed' || outcome === 'stale';
  }

  async #planNext(state: PartitionState): Promise<void> {
    state.nextDue = await this.#parts.store.nextDue(this.partition, this.#flow.deployment.requestPartitions);
  }

  // ---- commit --------------------------------------------------------------------------------------------------------

  async #commit(
    state: PartitionState,
    batch: Batch,
    first: number,
    next: number,
  ): Promise<'committed' | 'stale' | 'refused' | 'lost' | 'unknown'> {
    const attempt = this.#parts.chance.token(64);
    const openReads = [...state.openReads];
    const part = batch.toCommit(first, next, attempt);
    const outcome = await this.#committer.commit(part, batch.spans.sampled);
    if (await this.#hasCommitted(state, outcome, attempt)) {
      this.#flow.usage.landed(this.partition, await this.#usageAfter(outcome));
      batch.mergeIntoState(next, attempt);
      batch.spans.end(this.#parts.clock.monotonic());
      state.position = next;
      if (part.journal !== undefined && part.journal.out.length > 0) state.journalled = state.fence.version;
      // What the journal holds now needs no other guard.
      for (const [read] of openReads) state.openReads.delete(read);
      this.#emit(
        state,
        state.fence.version,
        batch.emissions,
        openReads.map(([, sent]) => sent),
      );
      this.#done(next);
      publishHomes(this.#parts.cache, batch, state.fence.version);
      return 'committed';
    }
    switch (outcome.kind) {
      case 'stale':
        this.#foreign.clear();
        for (const { cse } of part.reliedBaseSubscriptions) this.#forgetBase(state, cse);
        return 'stale';
      case 'refused':
        this.#flow.log.error({ error: outcome.reason, partition: this.partition }, 'the store refused a batch');
        return 'refused';
      case 'fenced':
        return 'lost';
      default:
        return 'unknown';
    }
  }

  /** A commit of unknown outcome has happened if the fence carries this attempt's mark (R3). */
  async #hasCommitted(state: PartitionState, outcome: CommitOutcome, attempt: string): Promise<boolean> {
    if (outcome.kind !== 'unknown') return outcome.kind === 'committed';
    this.#flow.log.warn({ error: outcome.reason, partition: this.partition }, 'the outcome of a commit is unknown');
    const { generation } = this.#flow.deployment;
    const fence = await this.#whileStoreIsAway(() => this.#parts.store.readFence(generation, this.partition));
    return fence !== undefined && fence.version === state.fence.version + 1 && fence.batch === attempt;
  }

  /** What the CSEs have that the commit has changed; a commit that was not heard of has not told. */
  async #usageAfter(outcome: CommitOutcome): Promise<readonly CseUsage[]> {
    if (outcome.kind === 'committed') return outcome.usage ?? [];
    const { generation } = this.#flow.deployment;
    return (await this.#whileStoreIsAway(() => this.#parts.store.usageOfPartition(generation, this.partition))) ?? [];
  }

  /** The owner of a CSEBase knows its subscriptions no better than others: they are written in shards of their own (R22). */
  #forgetBase(state: PartitionState, cse: number): void {
    const description = this.#flow.cses.get(cse);
    if (description !== undefined) state.cache.entries.delete(entryKey(cse, description.baseId));
  }

  /** Repeats until the store answers or the partition goes away; undefined then. */
  async #whileStoreIsAway<Result>(attempt: () => Promise<Result>): Promise<Result | undefined> {
    for (;;) {
      if (this.#isStopped) return undefined;
      try {
        const result = await attempt();
        this.#pause = shortestPause;
        return result;
      } catch (error) {
        this.#flow.log.warn({ error, partition: this.partition }, 'the partition waits for the store');
        await this.#rest();
      }
    }
  }

  // ---- afterwards ----------------------------------------------------------------------------------------------------

  /** Replies to reads go out without a transaction; until acknowledged, the next journal row carries them (R14). */
  #finishReads(state: PartitionState, batch: Batch, next: number): void {
    const reads: OpenRead[] = batch.emissions;
    const sent = this.#emitter.emit(batch.emissions);
    for (const read of reads) state.openReads.set(read, sent);
    state.fence = { ...state.fence, logTime: batch.working.logTime };
    state.position = next;
    batch.spans.end(this.#parts.clock.monotonic());
    sent
      .then(() => {
        for (const read of reads) state.openReads.delete(read);
        this.#done(next);
      })
      .catch((error: unknown) => this.#emissionFailed(error));
  }

  /** `emitted` follows the oldest version whose records, earlier reads in its row included, are not all acknowledged (R25). */
  #emit(state: PartitionState, version: number, emissions: readonly Emission[], reads: readonly Promise<void>[]): void {
    this.#emitting.add(version);
    const sent = this.#emitter.emit(emissions);
    (reads.length === 0 ? sent : Promise.all([sent, ...reads]))
      .then(() => {
        this.#parts.failpoint('emitted');
        this.#emitting.delete(version);
        const [oldest] = this.#emitting;
        state.emitted = oldest === undefined ? Math.max(state.emitted, version) : Math.max(state.emitted, oldest - 1);
      })
      .catch((error: unknown) => this.#emissionFailed(error));
  }

  /** Producers retry for ever; a rejection means that they were closed. */
  #emissionFailed(error: unknown): void {
    if (!this.#isStopped) this.#flow.log.warn({ error, partition: this.partition }, 'an emission was given up');
  }

  #done(next: number): void {
    this.#parts.failpoint('offset-hint');
    if (!this.#isStopped) this.#parts.requests.done(this.partition, next);
  }

  /** R4: the log has lost what was not applied, or is another one: this partition stops, with an alarm. */
  async #compareWithLog(): Promise<void> {
    try {
      const { start, end } = await this.#parts.requests.bounds(this.partition);
      if (start <= this.#queue.end && end >= this.#queue.end) return;
      const fields = { partition: this.partition, expected: this.#queue.end, start, end };
      this.#flow.log.fatal(fields, 'the requests log does not hold what this partition must apply next; it stops');
      this.#isStopped = true;
      this.#wake();
    } catch (error) {
      this.#flow.log.warn({ error, partition: this.partition }, 'the bounds of the log could not be read');
    }
  }
}
