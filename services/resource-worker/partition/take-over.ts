/** Taking over a partition (R3, R17, R25): what its owner must know before it decides anything. */
import type { CseUsage, Exchange } from '../../ports/resource-store.ts';
import { DuplicateWindow } from '../cache/duplicate-window.ts';
import { PartitionCache } from '../cache/partition-cache.ts';
import type { WorkerParts } from '../parts.ts';
import { type Emission, unpackEmissions, unpackKeys } from './journal.ts';
import type { PartitionState } from './partition-state.ts';

/** Journal rows read at a time. */
const rowsAtOnce = 200;

export interface TakenOver {
  state: PartitionState;
  /** Committed and not known to be in the logs, by journal row in version order: to be emitted before anything new. */
  unemitted: { version: number; emissions: Emission[] }[];
  /** What the CSEs have in the partition. */
  usage: CseUsage[];
}

export async function takeOver(parts: WorkerParts, partition: number): Promise<TakenOver> {
  const { store, deployment, settings } = parts;
  const { generation, requestPartitions } = deployment;
  const fence = await store.readFence(generation, partition);
  const window = new DuplicateWindow(settings.longestDuplicateWindow, settings.rememberedPerPartition);
  const rows = await store.readWindow(generation, partition, fence.logTime - settings.longestDuplicateWindow);
  for (const { keys, replies, version, at } of rows) {
    unpackKeys(keys).forEach((key, index) => {
      window.remember(key, { version, reply: replies[index] ?? -1, at });
    });
  }
  const seen = await store.readSeen(generation, partition);
  const exchanges = await store.exchanges(partition, requestPartitions);
  const unemitted = await readUnemitted(parts, partition, fence.emitted);
  return {
    state: {
      partition,
      fence,
      position: fence.next,
      cache: new PartitionCache(settings.cachedPerPartition),
      window,
      exchanges: new Map(exchanges.map((exchange) => [exchange.id, exchange])),
      exchangesByKey: new Map(exchanges.map((exchange: Exchange) => [exchange.key, exchange])),
      deliveries: new Map(),
      seen: new Map(seen.map(({ source, version, index }) => [source, { version, index }])),
      openReads: new Map(),
      nextDue: await store.nextDue(partition, requestPartitions),
      emitted: fence.emitted,
      journalled: unemitted.at(-1)?.version ?? fence.emitted,
    },
    unemitted,
    usage: await store.usageOfPartition(generation, partition),
  };
}

async function readUnemitted(
  { store, deployment }: WorkerParts,
  partition: number,
  emitted: number,
): Promise<TakenOver['unemitted']> {
  const all: TakenOver['unemitted'] = [];
  for (let above = emitted; ; ) {
    const rows = await store.readUnemitted(deployment.generation, partition, above, rowsAtOnce);
    for (const { version, out } of rows) all.push({ version, emissions: unpackEmissions(out) });
    const last = rows.at(-1);
    if (last === undefined || rows.length < rowsAtOnce) return all;
    above = last.version;
  }
}
