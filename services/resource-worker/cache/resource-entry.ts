import type { Counters, InstanceSummary, StoredResource } from '../../core/resource.ts';

/** A resource with everything that decisions about it need beside the row. Immutable: a change makes a new entry. */
export interface ResourceEntry {
  readonly resource: StoredResource;
  readonly counters?: Counters;
  readonly subscriptions: readonly StoredResource[];
  /** Newest instance of a container; null: there is none; undefined: not known. */
  readonly latest?: StoredResource | null;
  /** The oldest instances of a container, as far as they were loaded; `oldestComplete`: these are all. */
  readonly oldest?: readonly InstanceSummary[];
  readonly oldestComplete?: boolean;
  /** Version of the subscriptions of a CSEBase (R22). */
  readonly baseSubscriptionsVersion?: number;
}

export function entryKey(cse: number, id: string): string {
  return `${cse}/${id}`;
}

/** Key of the knowledge that a resource is not in a shard: it may be in another one (R8). */
export function absenceKey(cse: number, shard: number, id: string): string {
  return `${cse}/${shard}/${id}`;
}
