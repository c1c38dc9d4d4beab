import type { CommitCoordinates } from '../../core/sharding.ts';
import type { Exchange, Fence } from '../../ports/resource-store.ts';
import type { DuplicateWindow } from '../cache/duplicate-window.ts';
import type { PartitionCache } from '../cache/partition-cache.ts';
import type { KnownTarget } from '../deliveries/known-target.ts';

/** What the owner of a partition knows; true as long as its fence holds (R2, R3). */
export interface PartitionState {
  readonly partition: number;
  fence: Fence;
  /** Offset behind the last record decided. Ahead of `fence.next` while only reads came (R14). */
  position: number;
  readonly cache: PartitionCache;
  readonly window: DuplicateWindow;
  /** Waiting requests by their ID, and by the duplicate key of the request (R16, R19). */
  readonly exchanges: Map<string, Exchange>;
  readonly exchangesByKey: Map<string, Exchange>;
  /** Queues of notifications by `<cse>/<subscription>/<target>`. */
  readonly deliveries: Map<string, KnownTarget>;
  /** Highest internal record applied, by source partition (R5). */
  readonly seen: Map<number, { version: number; index: number }>;
  /** Replies to reads that the outbound log has not acknowledged, and when it has: they go into the next journal row (R14). */
  readonly openReads: Map<OpenRead, Promise<void>>;
  /** Earliest moment at which timer work may be due, ms; undefined: nothing is planned (R21). */
  nextDue: number | undefined;
  /** Version up to which everything is emitted and acknowledged. */
  emitted: number;
  /** Version of the newest journal row that holds records to emit; what is emitted beyond it needs no commit to say so. */
  journalled: number;
}

export interface OpenRead {
  log: 0 | 1 | 2;
  partition: number;
  frame: Buffer;
}

/** Whether the fence has something to learn although nothing changed (R14, R25). */
export function hasProgress({ fence, position, emitted, journalled }: PartitionState): boolean {
  return position > fence.next || (emitted > fence.emitted && journalled > fence.emitted);
}

/** Coordinates of the commit that the batch in hand will make (R8). */
export function nextCommit(generation: number, state: PartitionState): CommitCoordinates {
  return { generation, partition: state.partition, version: state.fence.version + 1 };
}
