import type { CseDescription } from '../../core/cse.ts';
import type { Due, Need } from '../../core/decision.ts';
import type { Deployment } from '../../core/deployment.ts';
import { partitionOfShard } from '../../core/sharding.ts';
import type { Clock } from '../../ports/clock.ts';
import type {
  CseUsage,
  DeliveryTarget,
  Exchange,
  Fact,
  Fence,
  FlightOutcome,
  JournalHit,
  JournalRow,
  PartitionCommit,
  QueuedNotification,
  ResourceStore,
  SweepPortion,
} from '../../ports/resource-store.ts';
import { answerNeed } from './answer-need.ts';
import { copyOfResource } from './copies.ts';
import { fly } from './flight.ts';
import { MemoryRows } from './memory-rows.ts';
import { PartitionLog } from './partition-log.ts';
import { rowsToSweep } from './tree-walks.ts';

export interface MemoryStoreSettings {
  deployment: Deployment;
  clock: Pick<Clock, 'now'>;
  /** Most bytes of emitted journal to keep for each partition; the oldest goes first (R17). 16 MB by default. */
  journalBytes?: number;
}

/**
 * The truth in memory: gone with the process. Every method does its work when it is called and answers by a resolved promise,
 * so that a simulation owns the order of everything.
 */
export class MemoryResourceStore implements ResourceStore {
  readonly #deployment: Deployment;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #journalBytes: number;
  readonly #rows: MemoryRows;
  readonly #logs = new Map<string, PartitionLog>();

  constructor({ deployment, clock, journalBytes = 16 * 1024 * 1024 }: MemoryStoreSettings) {
    this.#deployment = deployment;
    this.#clock = clock;
    this.#journalBytes = journalBytes;
    this.#rows = new MemoryRows(deployment.requestPartitions);
  }

  async deployment(): Promise<Deployment> {
    return { ...this.#deployment };
  }

  async cses(): Promise<CseDescription[]> {
    return this.#rows.descriptions();
  }

  async putCse(cse: Omit<CseDescription, 'number' | 'baseId'>): Promise<CseDescription> {
    return this.#rows.putCse(cse, this.#clock.now());
  }

  async readFence(generation: number, partition: number): Promise<Fence> {
    const key = logKey(generation, partition);
    const log = this.#logs.get(key) ?? new PartitionLog(this.#journalBytes);
    this.#logs.set(key, log);
    return { ...log.fence };
  }

  async readWindow(generation: number, partition: number, since: number): Promise<Omit<JournalRow, 'out'>[]> {
    return this.#log(generation, partition)?.window(since) ?? [];
  }

  async readUnemitted(generation: number, partition: number, above: number, limit: number): Promise<JournalRow[]> {
    return this.#log(generation, partition)?.above(above, limit) ?? [];
  }

  async readOut(generation: number, partition: number, version: number): Promise<Buffer | undefined> {
    return this.#log(generation, partition)?.out(version);
  }

  async findKey(
    generation: number,
    partition: number,
    key: Buffer,
    since: number,
  ): Promise<{ version: number; reply: number } | undefined> {
    return this.#log(generation, partition)?.findKey(key, since);
  }

  async fences(generation: number): Promise<(Fence & { partition: number })[]> {
    return this.#logsOf(generation).map(([partition, { fence }]) => ({ partition, ...fence }));
  }

  async findInJournal(generation: number, bytes: Buffer, since: number, limit: number): Promise<JournalHit[]> {
    return this.#logsOf(generation)
      .flatMap(([partition, log]) => log.find(bytes, since).map((hit) => ({ partition, ...hit })))
      .sort((a, b) => b.at - a.at || b.version - a.version)
      .slice(0, limit);
  }

  async readSeen(generation: number, partition: number): Promise<{ source: number; version: number; index: number }[]> {
    return this.#log(generation, partition)?.seen() ?? [];
  }

  async load(needs: Need[]): Promise<Fact[]> {
    const now = this.#clock.now();
    return needs.map((need) => answerNeed(this.#rows, need, now));
  }

  async versions(rows: { cse: number; shard: number; id: string }[]): Promise<number[]> {
    return rows.map((row) => this.#rows.versionOf(row));
  }

  async due(partition: number, partitions: number, until: number, limit: number): Promise<Due[]> {
    return this.#rows.due.due(partition, partitions, until, limit);
  }

  async nextDue(partition: number, partitions: number): Promise<number | undefined> {
    return this.#rows.due.next(partition, partitions);
  }

  async sweep(of: { cse: number; shard: number; id: string }, limit: number): Promise<SweepPortion> {
    const tree = this.#rows.find(of.cse);
    const portion: SweepPortion = { resources: [], more: false };
    for (const { row } of tree === undefined ? [] : rowsToSweep(tree, of.shard, of.id)) {
      if (portion.resources.length === limit) {
        portion.more = true;
        break;
      }
      portion.resources.push(copyOfResource(row));
    }
    return portion;
  }

  async deliveries(
    of: { cse: number; shard: number; subscription: string }[],
    limit: number,
  ): Promise<{ target: DeliveryTarget; queued: QueuedNotification[] }[]> {
    return this.#rows.deliveries.read(of, limit);
  }

  async exchanges(partition: number, partitions: number): Promise<Exchange[]> {
    return this.#rows.exchangesOf((shard) => partitionOfShard(shard, partitions) === partition);
  }

  async usage(generation: number, except: readonly number[] = []): Promise<CseUsage[]> {
    return this.#rows.usage.sums(generation, (partition) => !except.includes(partition));
  }

  async usageOfPartition(generation: number, partition: number): Promise<CseUsage[]> {
    return this.#rows.usage.sums(generation, (each) => each === partition);
  }

  async recountUsage(): Promise<CseUsage[]> {
    return this.#rows.recountUsage();
  }

  /** Nobody else can have changed rows. */
  async repairUsage(): Promise<void> {}

  async commit(generation: number, parts: PartitionCommit[]): Promise<FlightOutcome> {
    return fly(this.#rows, generation, parts, (partition) => this.#log(generation, partition));
  }

  async maintain(now: number, keep: number): Promise<void> {
    for (const log of this.#logs.values()) log.forget(now - keep);
  }

  async ping(): Promise<void> {}

  async close(): Promise<void> {}

  #logsOf(generation: number): [partition: number, log: PartitionLog][] {
    const prefix = logKey(generation, '');
    return [...this.#logs]
      .filter(([key]) => key.startsWith(prefix))
      .map(([key, log]): [number, PartitionLog] => [Number(key.slice(prefix.length)), log])
      .sort(([a], [b]) => a - b);
  }

  #log(generation: number, partition: number): PartitionLog | undefined {
    return this.#logs.get(logKey(generation, partition));
  }
}

function logKey(generation: number, partition: number | ''): string {
  return `${generation}/${partition}`;
}
