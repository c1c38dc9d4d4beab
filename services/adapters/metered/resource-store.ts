/** A ResourceStore that reports how long its calls take and how they end. Costs nothing per request: calls come in batches. */
import type { Metrics } from '../../platform/metrics.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ResourceStore } from '../../ports/resource-store.ts';

type Call = 'load' | 'commit' | 'deliveries' | 'due' | 'sweep' | 'takeover' | 'ping';

export function meterStore(store: ResourceStore, metrics: Metrics, clock: Clock): ResourceStore {
  async function timed<Result>(call: Call, run: () => Promise<Result>): Promise<Result> {
    const began = clock.monotonic();
    try {
      return await run();
    } catch (error) {
      metrics.storeFailures.add(1, call);
      throw error;
    } finally {
      metrics.storeSeconds.observe((clock.monotonic() - began) / 1000, call);
    }
  }

  return {
    deployment: () => store.deployment(),
    cses: () => store.cses(),
    putCse: (cse) => store.putCse(cse),

    readFence: (generation, partition) => timed('takeover', () => store.readFence(generation, partition)),
    readWindow: (generation, partition, since) =>
      timed('takeover', () => store.readWindow(generation, partition, since)),
    readUnemitted: (generation, partition, above, limit) =>
      timed('takeover', () => store.readUnemitted(generation, partition, above, limit)),
    readOut: (generation, partition, version) => timed('load', () => store.readOut(generation, partition, version)),
    findKey: (generation, partition, key, since) =>
      timed('load', () => store.findKey(generation, partition, key, since)),
    fences: (generation) => timed('load', () => store.fences(generation)),
    findInJournal: (...of) => timed('load', () => store.findInJournal(...of)),
    readSeen: (generation, partition) => timed('takeover', () => store.readSeen(generation, partition)),

    load: (needs) => timed('load', () => store.load(needs)),
    versions: (rows) => timed('load', () => store.versions(rows)),
    due: (partition, partitions, until, limit) => timed('due', () => store.due(partition, partitions, until, limit)),
    nextDue: (partition, partitions) => timed('due', () => store.nextDue(partition, partitions)),
    sweep: (of, limit) => timed('sweep', () => store.sweep(of, limit)),
    deliveries: (of, limit) => timed('deliveries', () => store.deliveries(of, limit)),
    exchanges: (partition, partitions) => timed('takeover', () => store.exchanges(partition, partitions)),

    usage: (generation, except) => timed('load', () => store.usage(generation, except)),
    usageOfPartition: (generation, partition) => timed('takeover', () => store.usageOfPartition(generation, partition)),
    recountUsage: () => timed('load', () => store.recountUsage()),
    repairUsage: (generation) => store.repairUsage(generation),

    async commit(generation, parts) {
      const began = clock.monotonic();
      const outcome = await store.commit(generation, parts);
      const seconds = (clock.monotonic() - began) / 1000;
      metrics.storeSeconds.observe(seconds, 'commit');
      metrics.stageSeconds.observe(seconds, 'commit');
      metrics.batchSize.observe(parts.length, 'commit');
      metrics.flights.add(1, outcome.kind);
      if (outcome.kind === 'fenced') metrics.fenceFailures.add(outcome.partitions.length);
      else if (outcome.kind === 'unknown' || outcome.kind === 'refused') metrics.storeFailures.add(1, 'commit');
      return outcome;
    },

    maintain: (now, keep) => store.maintain(now, keep),
    ping: () => timed('ping', () => store.ping()),
    close: () => store.close(),
  };
}
