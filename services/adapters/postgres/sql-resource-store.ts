/** The port ResourceStore in SQL, over Postgres or PGlite. */

import type { CseDescription } from '../../core/cse.ts';
import type { Due, DueKind, Need } from '../../core/decision.ts';
import type { Deployment } from '../../core/deployment.ts';
import { shardCount } from '../../core/sharding.ts';
import type { Clock } from '../../ports/clock.ts';
import {
  type CseUsage,
  type DeliveryTarget,
  type Exchange,
  type Fact,
  type Fence,
  type FlightOutcome,
  type JournalHit,
  type JournalRow,
  NeedsRefused,
  type PartitionCommit,
  type QueuedNotification,
  type ResourceStore,
  type SweepPortion,
} from '../../ports/resource-store.ts';
import type { SqlDatabase, SqlStatement, SqlValue } from '../../ports/sql-database.ts';
import { numberArray } from './array-literals.ts';
import { readExchange } from './build-deliveries.ts';
import { flightCalls } from './build-flight.ts';
import { putCse, readCses } from './cses.ts';
import { findConflicts } from './find-conflicts.ts';
import { isRefusedForContent, outcomeOf } from './flight-outcome.ts';
import { begin, commit } from './flight-statements.ts';
import { committed, readUsageRow } from './flight-usage.ts';
import { ChangeFolder } from './fold-changes.ts';
import { placeOfKey, readReplies, readWindowRow } from './journal-rows.ts';
import { keyValues } from './load.ts';
import { loadNeeds } from './load-needs.ts';
import { readVersions } from './load-statements.ts';
import { emptyJournal } from './maintain-journal.ts';
import { readDeliveries } from './read-deliveries.ts';
import { repairUsage } from './repair-usage.ts';
import { readResource } from './rows.ts';
import * as sql from './store-statements.ts';
import { readUsage, readUsageOfPartition, recountUsage } from './usage-statements.ts';
export interface SqlStoreOptions {
  clock: Pick<Clock, 'now' | 'monotonic'>;
  /** ms after which a query gives what it has found so far (R13). */
  querySlice?: number;
  /** Version of the schema below which `ping` rejects; any will do unless given. */
  leastSchema?: number;
}

/** The schema is older than this build: the database is another one, or was set back. */
export class SchemaTooOld extends Error {
  override name = 'SchemaTooOld';
}

/** The database has no deployment yet: it was never migrated. */
export class NoDeployment extends Error {
  override name = 'NoDeployment';
}

export class SqlResourceStore implements ResourceStore {
  readonly #database: SqlDatabase;
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly #querySlice: number;
  readonly #leastSchema: number | undefined;

  /** `database`: with a schema that is current. The store closes it. */
  constructor(database: SqlDatabase, { clock, querySlice = 1000, leastSchema }: SqlStoreOptions) {
    this.#database = database;
    this.#clock = clock;
    this.#querySlice = querySlice;
    this.#leastSchema = leastSchema;
  }

  async deployment(): Promise<Deployment> {
    const [row] = (await this.#read(sql.readDeployment)) as [number, string, string, string, number, number][];
    if (row === undefined) throw new NoDeployment('The database has no deployment: run `in-cse migrate` first.');
    const [generation, requestsTopic, outboundTopic, deadLettersTopic, requestPartitions, outboundPartitions] = row;
    return { generation, requestsTopic, outboundTopic, deadLettersTopic, requestPartitions, outboundPartitions };
  }

  async cses(): Promise<CseDescription[]> {
    return this.#database.session('read', readCses);
  }

  async putCse(cse: Omit<CseDescription, 'number' | 'baseId'>): Promise<CseDescription> {
    return this.#database.session('read', (session) => putCse(session, cse, this.#clock.now()));
  }

  // ---- fences and journals -------------------------------------------------------------------------------------------

  async readFence(generation: number, partition: number): Promise<Fence> {
    const values = [generation, partition];
    const [, locked] = await this.#database.session('read', (session) =>
      session.run([
        { statement: sql.createFence, values },
        { statement: sql.readFence, values },
      ]),
    );
    const row = locked?.rows[0] as [number, number, string, number, number, number] | undefined;
    if (row === undefined) throw new Error(`the fence of partition ${partition} cannot be read`);
    const [next, version, batch, emitted, logTime, lastTimestamp] = row;
    return { next, version, batch, emitted, logTime, lastTimestamp };
  }

  async readWindow(generation: number, partition: number, since: number): Promise<Omit<JournalRow, 'out'>[]> {
    return (await this.#read(sql.readWindow, [generation, partition, since])).map(readWindowRow);
  }

  async readUnemitted(generation: number, partition: number, above: number, limit: number): Promise<JournalRow[]> {
    const rows = await this.#read(sql.readUnemitted, [generation, partition, above, limit]);
    return rows.map((row) => ({ ...readWindowRow(row), out: row[4] as Buffer }));
  }

  async readOut(generation: number, partition: number, version: number): Promise<Buffer | undefined> {
    const [row] = await this.#read(sql.readOut, [generation, partition, version]);
    return row?.[0] as Buffer | undefined;
  }

  async findKey(
    generation: number,
    partition: number,
    key: Buffer,
    since: number,
  ): Promise<{ version: number; reply: number } | undefined> {
    const rows = await this.#read(sql.findKey, [generation, partition, since, key]);
    for (const [version, keys, replies] of rows as [number, Buffer, string][]) {
      const place = placeOfKey(keys, key);
      if (place >= 0) return { version, reply: readReplies(replies)[place] ?? -1 };
    }
    return undefined;
  }

  async fences(generation: number): Promise<(Fence & { partition: number })[]> {
    const rows = await this.#read(sql.readFences, [generation]);
    return (rows as [number, number, number, string, number, number, number][]).map(
      ([partition, next, version, batch, emitted, logTime, lastTimestamp]) => ({
        partition,
        next,
        version,
        batch,
        emitted,
        logTime,
        lastTimestamp,
      }),
    );
  }

  async findInJournal(generation: number, bytes: Buffer, since: number, limit: number): Promise<JournalHit[]> {
    const rows = await this.#read(sql.findInJournal, [generation, since, bytes, limit]);
    return (rows as [number, number, number, Buffer][]).map(([partition, version, at, out]) => ({
      partition,
      version,
      at,
      out,
    }));
  }

  async readSeen(generation: number, partition: number): Promise<{ source: number; version: number; index: number }[]> {
    const rows = (await this.#read(sql.readSeen, [generation, partition])) as [number, number, number][];
    return rows.map(([source, version, index]) => ({ source, version, index }));
  }

  // ---- loads ---------------------------------------------------------------------------------------------------------

  async load(needs: Need[]): Promise<Fact[]> {
    const deadline = this.#clock.monotonic() + this.#querySlice;
    const terms = { now: this.#clock.now(), isOver: () => this.#clock.monotonic() >= deadline };
    try {
      return await loadNeeds(this.#database, needs, terms);
    } catch (error) {
      throw isRefusedForContent(error) ? new NeedsRefused(error.message) : error;
    }
  }

  async versions(rows: { cse: number; shard: number; id: string }[]): Promise<number[]> {
    if (rows.length === 0) return [];
    const versions = rows.map(() => 0);
    const found = await this.#read(readVersions, keyValues(rows.map((row, ord) => ({ ord, ...row }))));
    for (const [ord, version] of found as [number, number][]) versions[ord] = version;
    return versions;
  }

  async due(partition: number, partitions: number, until: number, limit: number): Promise<Due[]> {
    const rows = await this.#read(sql.readDue, [partition, partitions, shardCount, until, limit]);
    return (rows as [number, number, DueKind, string, number][]).map(([shard, cse, kind, id, at]) => ({
      shard,
      cse,
      kind,
      id,
      at,
    }));
  }

  async nextDue(partition: number, partitions: number): Promise<number | undefined> {
    const [row] = await this.#read(sql.readNextDue, [partition, partitions, shardCount]);
    return (row?.[0] as number | null | undefined) ?? undefined;
  }

  async sweep({ cse, shard, id }: { cse: number; shard: number; id: string }, limit: number): Promise<SweepPortion> {
    const marked = await this.#read(sql.sweepMarked, [shard, cse, id, limit + 1]);
    if (marked.length > 0) {
      return { resources: marked.slice(0, limit).map((row) => readResource(row, 1)), more: marked.length > limit };
    }
    const evicted = await this.#read(sql.sweepEvicted, [shard, cse, id, limit + 1]);
    return { resources: evicted.slice(0, limit).map((row) => readResource(row, 0)), more: evicted.length > limit };
  }

  async deliveries(
    of: { cse: number; shard: number; subscription: string }[],
    limit: number,
  ): Promise<{ target: DeliveryTarget; queued: QueuedNotification[] }[]> {
    return of.length === 0 ? [] : readDeliveries(this.#database, of, limit);
  }

  async exchanges(partition: number, partitions: number): Promise<Exchange[]> {
    const rows = await this.#read(sql.readExchanges, [partition, partitions, shardCount]);
    return rows.map((row) => readExchange(row, 0));
  }

  async usage(generation: number, except: readonly number[] = []): Promise<CseUsage[]> {
    return (await this.#read(readUsage, [generation, numberArray(except)])).map(readUsageRow);
  }

  async usageOfPartition(generation: number, partition: number): Promise<CseUsage[]> {
    return (await this.#read(readUsageOfPartition, [generation, partition])).map(readUsageRow);
  }

  async recountUsage(): Promise<CseUsage[]> {
    return (await this.#read(recountUsage)).map(readUsageRow);
  }

  async repairUsage(generation: number): Promise<void> {
    const { requestPartitions } = await this.deployment();
    return repairUsage(this.#database, generation, requestPartitions);
  }

  // ---- flights -------------------------------------------------------------------------------------------------------

  async commit(generation: number, parts: PartitionCommit[]): Promise<FlightOutcome> {
    const conflicts = findConflicts(parts);
    if (conflicts.length > 0) return { kind: 'stale', partitions: conflicts, what: 'what another part of it changes' };
    try {
      const folder = new ChangeFolder();
      for (const { partition, version, changes } of parts) {
        for (const change of changes) folder.take(partition, version + 1, change);
      }
      const calls = flightCalls(generation, parts, folder.fold());
      const flight = [{ statement: begin }, ...calls, { statement: commit }];
      const results = await this.#database.session('flight', (session) => session.run(flight));
      // A transaction that failed answers COMMIT with ROLLBACK, and no error (R12).
      return results.at(-1)?.command === 'COMMIT' ? committed(flight, results) : { kind: 'busy' };
    } catch (error) {
      return outcomeOf(error);
    }
  }

  async maintain(now: number, keep: number): Promise<void> {
    await emptyJournal(this.#database, now, keep);
    await this.#database.tidy?.();
  }

  async ping(): Promise<void> {
    if (this.#leastSchema === undefined) return void (await this.#read(sql.ping));
    const [row] = await this.#read(sql.readSchema);
    const version = Number(row?.[0] ?? 0);
    if (version < this.#leastSchema) throw new SchemaTooOld(`the schema is ${version}, below ${this.#leastSchema}`);
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  async #read(statement: SqlStatement, values: SqlValue[] = []): Promise<unknown[][]> {
    const [result] = await this.#database.session('read', (session) => session.run([{ statement, values }]));
    return result?.rows ?? [];
  }
}
