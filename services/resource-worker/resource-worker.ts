/** The resource worker: owns the partitions that the requests log gives it, and applies their records to the store. */
import type { FetchedBatch } from '../ports/request-log.ts';
import { ForeignCache } from './cache/foreign-cache.ts';
import type { FlowContext } from './flow-context.ts';
import { HostedCses } from './hosted-cses.ts';
import { observePartitions } from './observe-partitions.ts';
import { Committer } from './partition/committer.ts';
import { Emitter } from './partition/emitter.ts';
import { PartitionOwner } from './partition/partition-owner.ts';
import type { WorkerParts } from './parts.ts';
import { KnownUsage } from './usage/known-usage.ts';
import { lookAtOthers } from './usage/look-at-others.ts';
import { observeUsage } from './usage/observe-usage.ts';

export interface ResourceWorker {
  start(): Promise<void>;
  /** Leaves the group after what is being committed has landed and been sent. */
  drain(): Promise<void>;
  /** Readiness, by name. */
  checks: Record<string, () => boolean>;
}

/** How often the journal's tables are looked after, ms. */
const maintenance = 60_000;

export function createResourceWorker(parts: WorkerParts): ResourceWorker {
  const { clock, metrics, log, settings, deployment, store, chance } = parts;
  const cses = new HostedCses(parts);
  const usage = new KnownUsage();
  const others = lookAtOthers(parts, cses, usage);
  const flow: FlowContext = { deployment, cses, chance, metrics, tracing: parts.tracing, log, settings, usage };
  const foreign = new ForeignCache(clock, settings.cachedPerPartition);
  const committer = new Committer(store, deployment.generation, clock, parts.failpoint, parts.tracing);
  const emitter = new Emitter(parts.producers, metrics, log);
  const owners = new Map<number, PartitionOwner>();
  const observation = observePartitions(metrics, owners);
  const usageObservation = observeUsage(metrics, usage, cses, settings.usageMetrics);
  /** Owners that still land what they have begun, by partition. */
  const leaving = new Map<number, Promise<void>>();
  let isStarted = false;
  let hasJoined = false;
  let isStopping = false;
  let cancelTick = () => {};
  let maintainedAt = Number.NEGATIVE_INFINITY;

  function assigned(partitions: number[]): void {
    hasJoined = true;
    for (const partition of partitions) {
      if (owners.has(partition)) continue;
      const owner = new PartitionOwner(partition, parts, flow, foreign, committer, emitter);
      owners.set(partition, owner);
      // One owner at a time: two parts of one partition in one flight would both find the fence as they know it (R11).
      owner.start(leaving.get(partition));
    }
    log.info({ partitions: [...owners.keys()] }, 'partitions assigned');
  }

  function revoked(partitions: number[]): void {
    for (const partition of partitions) {
      const owner = owners.get(partition);
      if (owner === undefined) continue;
      owners.delete(partition);
      usage.leave(partition);
      observation.forget(partition);
      const left = owner.stop().finally(() => {
        if (leaving.get(partition) === left) leaving.delete(partition);
      });
      leaving.set(partition, left);
    }
    // A rebalance says right away what comes instead; who has lost the group has nothing.
    if (owners.size === 0) hasJoined = false;
  }

  function batch(fetched: FetchedBatch): void {
    owners.get(fetched.partition)?.accept(fetched);
  }

  function tick(): void {
    if (isStopping) return;
    for (const owner of owners.values()) owner.tick();
    if (clock.monotonic() - maintainedAt > maintenance) void maintain();
    cancelTick = clock.after(settings.tick, tick);
  }

  async function maintain(): Promise<void> {
    maintainedAt = clock.monotonic();
    try {
      await store.maintain(clock.now(), settings.journalKept);
    } catch (error) {
      log.warn({ error }, 'the journal could not be maintained');
    }
  }

  return {
    checks: {
      partitions: () => isStarted && hasJoined && !isStopping && [...owners.values()].every((owner) => owner.isReady),
    },
    async start() {
      await maintain();
      await cses.start();
      await others.start();
      await parts.requests.start({ assigned, revoked, batch, failed: parts.failed });
      isStarted = true;
      cancelTick = clock.after(settings.tick, tick);
    },
    async drain() {
      isStopping = true;
      cancelTick();
      cses.stop();
      others.stop();
      observation.stop();
      usageObservation.stop();
      revoked([...owners.keys()]);
      await Promise.all(leaving.values());
      await parts.requests.stop();
      await Promise.all(Object.values(parts.producers).map((producer) => producer.close()));
    },
  };
}
