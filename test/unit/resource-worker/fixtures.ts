/** What a batch of one partition needs, without a store or a log behind it. */

import type { CseDescription } from '../../../services/core/cse.ts';
import type { Counters, StoredResource } from '../../../services/core/resource.ts';
import { createSilentLog } from '../../../services/platform/logging.ts';
import { createMetrics } from '../../../services/platform/metrics.ts';
import { createUntraced } from '../../../services/platform/tracing/tracing.ts';
import { Batch } from '../../../services/resource-worker/batch/batch.ts';
import { BatchSpans } from '../../../services/resource-worker/batch/batch-spans.ts';
import { DuplicateWindow } from '../../../services/resource-worker/cache/duplicate-window.ts';
import { ForeignCache } from '../../../services/resource-worker/cache/foreign-cache.ts';
import { PartitionCache } from '../../../services/resource-worker/cache/partition-cache.ts';
import type { FlowContext } from '../../../services/resource-worker/flow-context.ts';
import type { HostedCses } from '../../../services/resource-worker/hosted-cses.ts';
import type { PartitionState } from '../../../services/resource-worker/partition/partition-state.ts';
import { defaultWorkerSettings, type WorkerSettings } from '../../../services/resource-worker/parts.ts';
import { KnownUsage } from '../../../services/resource-worker/usage/known-usage.ts';

export const partitions = 4;
/** Shards 0, 4, 8 … are of partition 0, the one under test. */
export const ownShard = 4;
export const foreignShard = 5;

export const cse: CseDescription = {
  number: 1,
  id: '/id-in',
  name: 'cse-in',
  serviceProvider: '//sp.example',
  baseId: 'rbase',
  registrationPatterns: ['*'],
  demandRegistration: false,
  ignoreUnknownParameters: false,
  maximumLifetime: 1e12,
  duplicateWindow: 120_000,
  credentialsPerDevice: false,
  pointsOfAccess: [],
  notificationHosts: [],
};

export function aResource(changes: Partial<StoredResource> & { id: string }): StoredResource {
  return {
    shard: ownShard,
    cse: 1,
    parentId: 'rbase',
    name: changes.id,
    type: 3,
    ancestors: '',
    path: changes.id,
    version: 1,
    sequence: 0,
    expiresAt: null,
    size: 0,
    creator: '/id-in/C1',
    attributes: {},
    ...changes,
  };
}

export function anInstance(parentId: string, sequence: number, changes: Partial<StoredResource> = {}): StoredResource {
  const id = `${parentId}-i${sequence}`;
  return aResource({ id, parentId, type: 4, sequence, size: 1, path: `${parentId}/${id}`, ...changes });
}

export function someCounters(changes: Partial<Counters> = {}): Counters {
  return { stateTag: 0, instances: 0, bytes: 0, nextSequence: 0, lowestSequence: 0, ...changes };
}

export function aState(changes: Partial<PartitionState> = {}): PartitionState {
  return {
    partition: 0,
    fence: { next: 0, version: 7, batch: '', emitted: 7, logTime: 1_000_000, lastTimestamp: 1_000_000 },
    position: 0,
    cache: new PartitionCache(1000),
    window: new DuplicateWindow(120_000, 10_000),
    exchanges: new Map(),
    exchangesByKey: new Map(),
    deliveries: new Map(),
    seen: new Map(),
    openReads: new Map(),
    nextDue: undefined,
    emitted: 7,
    journalled: 7,
    ...changes,
  };
}

/** A clock that stands still until `time` is set. */
export class StandingClock {
  time = 1_000_000;
  now = (): number => this.time;
  monotonic = (): number => this.time;
  after = (_ms: number, callback: () => void): (() => void) => {
    setImmediate(callback);
    return () => {};
  };
  soon = (callback: () => void): void => void setImmediate(callback);
}

export function aForeignCache(clock = new StandingClock()): ForeignCache {
  return new ForeignCache(clock, 1000);
}

export function aBatch(state = aState(), now = 1_000_000, foreign = aForeignCache()): Batch {
  return new Batch(1, partitions, state, foreign, now, new BatchSpans(createUntraced(), now), new KnownUsage());
}

export function aFlow(settings: Partial<WorkerSettings> = {}): FlowContext {
  let drawn = 0;
  return {
    deployment: {
      generation: 1,
      requestsTopic: 'requests',
      outboundTopic: 'outbound',
      deadLettersTopic: 'dead',
      requestPartitions: partitions,
      outboundPartitions: 2,
    },
    cses: { get: (number: number) => (number === 1 ? cse : undefined) } as unknown as HostedCses,
    chance: { token: () => `token${(drawn++).toString(36).padStart(5, '0')}`, fraction: () => 0.5 },
    metrics: createMetrics(),
    tracing: createUntraced(),
    log: createSilentLog(),
    settings: { ...defaultWorkerSettings, ...settings },
    usage: new KnownUsage(),
  };
}
