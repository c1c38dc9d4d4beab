/**
 * The truth (Postgres, PGlite, or memory): resources, fences, journals. Written only by flights.
 */

import type { CseDescription } from '../core/cse.ts';
import type { Change, Due, Need, QueryPage } from '../core/decision.ts';
import type { Deployment } from '../core/deployment.ts';
import type { Usage } from '../core/quotas.ts';
import type { Counters, InstanceSummary, StoredResource } from '../core/resource.ts';

/** Fence row of a partition (R2). */
export interface Fence {
  /** Offset of the first request that is not applied. */
  next: number;
  version: number;
  /** Drawn anew for every attempt of a flight: tells whose commit the last one was (R3). */
  batch: string;
  /** Version up to which the journal's outbound records are in the log (R25). */
  emitted: number;
  /** Highest append time consumed, and last `ct` given, ms; never going back. */
  logTime: number;
  lastTimestamp: number;
}

/** What a journal row keeps of a batch. */
export interface JournalRow {
  version: number;
  /** Append time of the batch's last record, ms: its place in the duplicate window (R17). */
  at: number;
  /** 16 bytes of key and 2 bytes of shard (big endian) for each remembered request. */
  keys: Buffer;
  /** For each key the position of its reply among the records of `out`; -1 for none. */
  replies: number[];
  /** The records to emit: for each one byte of log (0 requests, 1 outbound, 2 dead letters), 4 bytes of partition, 4 of length, the frame. */
  out: Buffer;
}

/** A journal row in which something was found. */
export type JournalHit = Pick<JournalRow, 'version' | 'at' | 'out'> & { partition: number };

/** One partition's part in a flight. */
export interface PartitionCommit {
  partition: number;
  /** Version that the owner knows; the flight makes it one higher. */
  version: number;
  /** Offset of the first record of the batch; the fence's `next` must not be beyond it. For timer work, `next` itself. */
  first: number;
  /** Offset behind the last record. */
  next: number;
  batch: string;
  emitted: number;
  logTime: number;
  lastTimestamp: number;
  changes: Change[];
  journal?: JournalRow;
  /** Highest internal record applied of each source partition (R5). */
  seen: { source: number; version: number; index: number }[];
  /** Rows of other shards that decided a write: their versions must still hold (R12, R24). version 0: must be absent. */
  relied: { cse: number; shard: number; id: string; version: number }[];
  /** Version of "subscriptions of the CSEBase" that was relied upon, per CSE (R22). */
  reliedBaseSubscriptions: { cse: number; version: number }[];
  /** Exchanges, queues and deliveries (R19, R23). */
  exchanges: ExchangeChange[];
  deliveries: DeliveryChange[];
}

/** What a CSE has. */
export interface CseUsage extends Usage {
  cse: number;
}

export type FlightOutcome =
  /** `usage`: what CSEs whose resources were changed have now in the partitions that changed them; absent for none. */
  | { kind: 'committed'; usage?: (CseUsage & { partition: number })[] }
  /** These partitions' fences were not as their owners knew: somebody else owns them. Nothing was written. */
  | { kind: 'fenced'; partitions: number[] }
  /** These relied-upon rows, CSEBase subscription versions or AE-IDs have changed or are taken. Nothing was written. */
  | { kind: 'stale'; partitions: number[]; what: string }
  /** Locks, serialization or deadlock: nothing was written; try the same again. */
  | { kind: 'busy' }
  /** The connection was lost: whether it is written shows the fence's `batch` (R3). */
  | { kind: 'unknown'; reason: Error }
  /** The database refused the content: nothing was written. Bisect (R12). */
  | { kind: 'refused'; reason: Error };

/** A waiting request (R19). */
export interface Exchange {
  cse: number;
  shard: number;
  id: string;
  purpose: 'verification';
  /** Duplicate key of the waiting request, base64url, and its requestIdentifier: while it waits, repeats get silence (R16). */
  key: string;
  originator: string;
  requestIdentifier: string;
  /** The request's record as it came, to be decided afresh. */
  record: Buffer;
  /** Append time of the first attempt, ms. */
  receivedAt: number;
  deadline: number;
  questions: { target: string; responder: string; random: string; responseStatusCode?: number }[];
}

export type ExchangeChange =
  | { kind: 'put'; exchange: Exchange }
  | { kind: 'remove'; cse: number; shard: number; id: string };

/** The queue of one subscription and target (R23). */
export interface DeliveryTarget {
  cse: number;
  shard: number;
  subscription: string;
  /** Number of the target within its subscription, never reused. */
  target: number;
  /** `nu` entry. */
  address: string;
  /** Number of the next notification to be queued, to be sent, and the first one not acknowledged. */
  next: number;
  sent: number;
  acknowledged: number;
  /** Failures in a row; the circuit is open until `retryAt` (ms, 0 = closed). */
  failures: number;
  retryAt: number;
  /** Notifications given up because of a bound in count, bytes or age. */
  dropped: number;
}

export interface QueuedNotification {
  number: number;
  requestIdentifier: string;
  /** ms since 1970. */
  at: number;
  /** The notification request's content as JSON text (`{"m2m:sgn":{…}}`). */
  content: string;
  counts: boolean;
  /** Arrived, though an earlier one has not: kept until the cursor passes. */
  arrived?: boolean;
  /** Of the request that caused it, where that is sampled. */
  traceparent?: string;
}

export type DeliveryChange =
  | { kind: 'target'; target: DeliveryTarget }
  | {
      kind: 'queue';
      cse: number;
      shard: number;
      subscription: string;
      target: number;
      notification: QueuedNotification;
    }
  /** Notifications below `acknowledged` are done. */
  | { kind: 'acknowledge'; cse: number; shard: number; subscription: string; target: number; below: number }
  | { kind: 'arrived'; cse: number; shard: number; subscription: string; target: number; number: number }
  | { kind: 'removeTarget'; cse: number; shard: number; subscription: string; target: number };

/** A resource with what a working set needs beside it. */
export interface LoadedResource {
  resource: StoredResource;
  counters?: Counters;
  /** Its subscription children, oldest first. */
  subscriptions: StoredResource[];
  /** For a CSEBase: the version of its subscriptions (R22). */
  baseSubscriptionsVersion?: number;
}

/** The answer to one need, in the order of the needs. */
export type Fact =
  | { kind: 'resource' | 'path'; found: LoadedResource | null }
  | { kind: 'latest' | 'oldest'; found: StoredResource | null }
  | { kind: 'oldestInstances'; instances: InstanceSummary[] }
  | { kind: 'cut'; lowestSequence: number; instances: number; bytes: number }
  | { kind: 'query'; page: QueryPage }
  | { kind: 'aeHome'; home: number | null }
  | { kind: 'latestChildExpiry'; at: number | null };

/** The store refuses what it was asked for what stands in it, and would do so again: waiting does not help (R12). */
export class NeedsRefused extends Error {
  override name = 'NeedsRefused';
}

/** Another service provider's CSE has this CSE-ID already: both would hear the same topics (R32). */
export class CseCollision extends Error {
  override name = 'CseCollision';
}

/** A portion of rows under a mark (R13), to be removed by timer work. */
export interface SweepPortion {
  /** Rows found, deepest first; at most the limit asked for. */
  resources: StoredResource[];
  more: boolean;
}

export interface ResourceStore {
  deployment(): Promise<Deployment>;
  /** All hosted CSEs; those named in the configuration are added first (R32). */
  cses(): Promise<CseDescription[]>;
  /** Adds or updates a CSE: its row, its CSEBase resource and its seeded policy, in one transaction. Rejects with CseCollision. */
  putCse(cse: Omit<CseDescription, 'number' | 'baseId'>): Promise<CseDescription>;

  /** Locks and reads the fence of a partition (R3); creates it at `next` 0, version 0 if there is none. */
  readFence(generation: number, partition: number): Promise<Fence>;
  /** Journal rows whose `at` is at least `since`, without `out`, in version order: the duplicate window (R17). */
  readWindow(generation: number, partition: number, since: number): Promise<Omit<JournalRow, 'out'>[]>;
  /** Journal rows above a version, in version order, at most `limit`: what is still to be emitted (R25). */
  readUnemitted(generation: number, partition: number, above: number, limit: number): Promise<JournalRow[]>;
  /** The records of a journal row, for the reply to a duplicate; undefined once it has been dropped. */
  readOut(generation: number, partition: number, version: number): Promise<Buffer | undefined>;
  /** Where a key was remembered, in the journal back to `since` (R17): version and position of the reply. */
  findKey(
    generation: number,
    partition: number,
    key: Buffer,
    since: number,
  ): Promise<{ version: number; reply: number } | undefined>;
  /** All fences of a generation, as committed: for who only looks, locks none and creates none. In order of partitions. */
  fences(generation: number): Promise<(Fence & { partition: number })[]>;
  /**
   * Journal rows of all partitions whose `at` is at least `since` and whose records hold these bytes, newest first, at most
   * `limit`. Reads every row since then: for an operator's question, not for a flow.
   */
  findInJournal(generation: number, bytes: Buffer, since: number, limit: number): Promise<JournalHit[]>;
  /** Highest internal record seen of each source (R5). */
  readSeen(generation: number, partition: number): Promise<{ source: number; version: number; index: number }[]>;

  /** Answers all needs in one round trip, from one snapshot. Rejects with NeedsRefused, or because the store is away. */
  load(needs: Need[]): Promise<Fact[]>;
  /** Versions of rows as they are now, 0 for absent: for reads that rely on other shards (R24). */
  versions(rows: { cse: number; shard: number; id: string }[]): Promise<number[]>;
  /** Due items of the shards of a partition up to `until`, oldest first, at most `limit`. */
  due(partition: number, partitions: number, until: number, limit: number): Promise<Due[]>;
  /** When the next item of a partition's shards is due; undefined for never. */
  nextDue(partition: number, partitions: number): Promise<number | undefined>;
  /** Rows below (and, at the end, of) a marked resource, or instances below the container's lowest sequence. */
  sweep(of: { cse: number; shard: number; id: string }, limit: number): Promise<SweepPortion>;
  /** Queue state of subscriptions' targets: all targets, and the notifications from `acknowledged` on, at most `limit` each. */
  deliveries(
    of: { cse: number; shard: number; subscription: string }[],
    limit: number,
  ): Promise<{ target: DeliveryTarget; queued: QueuedNotification[] }[]>;
  /** Pending exchanges of a partition's shards: for duplicates of waiting requests after a change of owner (R16). */
  exchanges(partition: number, partitions: number): Promise<Exchange[]>;

  /** What each CSE has in the partitions of a generation, without those of `except`. CSEs that never had anything are absent. */
  usage(generation: number, except?: readonly number[]): Promise<CseUsage[]>;
  /** The same of one partition: written by its flights only. */
  usageOfPartition(generation: number, partition: number): Promise<CseUsage[]>;
  /** What each CSE has, counted row by row: for who doubts that usage is right. */
  recountUsage(): Promise<CseUsage[]>;
  /**
   * Sets usage to a recount, partition after partition, while no flight of it commits. For what changed rows without counting:
   * a build that did not count yet (rolling upgrade), or hands on the database.
   */
  repairUsage(generation: number): Promise<void>;

  /** One transaction for all (R11). Never rejects. */
  commit(generation: number, parts: PartitionCommit[]): Promise<FlightOutcome>;

  /** Creates the journal's partitions of the coming hours and drops those that are past `keep` ms and fully emitted (R17). */
  maintain(now: number, keep: number): Promise<void>;
  /** Answers if the database does. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
