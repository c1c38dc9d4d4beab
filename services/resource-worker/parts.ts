/** What the resource worker is made of: given by `main.ts`, by the embedded composition, and by the simulation. */

import type { CseDescription } from '../core/cse.ts';
import type { Deployment } from '../core/deployment.ts';
import type { Failpoint } from '../platform/failpoints.ts';
import type { Log } from '../platform/logging.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Tracing } from '../platform/tracing/tracing.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import type { LogConsumer, LogProducer } from '../ports/request-log.ts';
import type { ResourceCache } from '../ports/resource-cache.ts';
import type { ResourceStore } from '../ports/resource-store.ts';

export interface WorkerParts {
  deployment: Deployment;
  store: ResourceStore;
  requests: LogConsumer;
  producers: { requests: LogProducer; outbound: LogProducer; deadLetters: LogProducer };
  /** Homes of AE-IDs for ingress; speed, never truth (R24). */
  cache: ResourceCache | undefined;
  /** The CSEs hosted now; asked again every `cseRefresh`. */
  cses(): Promise<readonly CseDescription[]>;
  clock: Clock;
  chance: Chance;
  metrics: Metrics;
  tracing: Tracing;
  log: Log;
  failpoint: Failpoint;
  /** The worker cannot go on: the process must end. */
  failed(reason: Error): void;
  settings: WorkerSettings;
}

/** Times in ms. */
export interface WorkerSettings {
  /** Most requests, and most bytes of records, that one batch takes (R13). */
  batchRecords: number;
  batchBytes: number;
  /** Records of a partition that wait before fetching pauses (R7). */
  queuedPerPartition: number;
  /** Resources that the cache of a partition keeps. */
  cachedPerPartition: number;
  /** How often due items are looked for (R21), and progress without a commit is written (R14, R25). */
  tick: number;
  cseRefresh: number;
  /** How often what CSEs with quotas have in the partitions of other workers is read. */
  usageRefresh: number;
  /** CSE-IDs, `*` as wildcard, whose usage is a metric of its own. */
  usageMetrics: readonly string[];
  /** The longest duplicate window of any CSE, and how long the journal is kept beyond (R17). */
  longestDuplicateWindow: number;
  /** Bound of the window in keys, of about 50 bytes each (R17). */
  rememberedPerPartition: number;
  journalKept: number;
  deliveries: DeliverySettings;
}

/** The queues of notifications (R23). */
export interface DeliverySettings {
  /** Notifications out and not acknowledged, per subscription and target. */
  window: number;
  /** An answer that takes longer counts as a failure. */
  answerTimeLimit: number;
  /** First pause after a failure; doubles up to `longestPause`. */
  firstPause: number;
  longestPause: number;
  /** Bounds of a queue: beyond them the oldest is dropped, counted and visible. */
  queuedNotifications: number;
  notificationLifetime: number;
}

export const defaultWorkerSettings: WorkerSettings = {
  batchRecords: 500,
  batchBytes: 2_000_000,
  queuedPerPartition: 4000,
  cachedPerPartition: 20_000,
  tick: 1000,
  cseRefresh: 5000,
  usageRefresh: 2000,
  usageMetrics: [],
  longestDuplicateWindow: 120_000,
  rememberedPerPartition: 500_000,
  journalKept: 3_600_000,
  deliveries: {
    window: 32,
    answerTimeLimit: 20_000,
    firstPause: 1000,
    longestPause: 300_000,
    queuedNotifications: 10_000,
    notificationLifetime: 3_600_000,
  },
};
