import type { PartitionCommit } from '../../../services/ports/resource-store.ts';

/** A part of a flight that changes nothing. */
export function aPart(partition: number, overrides: Partial<PartitionCommit> = {}): PartitionCommit {
  return {
    partition,
    version: 1,
    first: 0,
    next: 1,
    batch: 'b',
    emitted: 0,
    logTime: 0,
    lastTimestamp: 0,
    changes: [],
    seen: [],
    relied: [],
    reliedBaseSubscriptions: [],
    exchanges: [],
    deliveries: [],
    ...overrides,
  };
}
