import type { Attributes } from './primitives.ts';

/** Where a resource lives: every key of the store starts so. */
export interface ResourceKey {
  shard: number;
  cse: number;
  /** resourceID, unstructured and CSE-relative. */
  id: string;
}

/** A resource as it is stored. `attributes` holds everything a representation shows except the counters of containers. */
export interface StoredResource extends ResourceKey {
  /** resourceID of the parent; empty for a CSEBase. */
  parentId: string;
  name: string;
  /** resourceType number. */
  type: number;
  /** Resource IDs from the first-level ancestor down to the parent, joined by `/`; empty for a CSEBase and its children. */
  ancestors: string;
  /** Names below the CSEBase joined by `/` (`ae1/cnt1`); empty for a CSEBase. Names never change. */
  path: string;
  /** Version of the fence that wrote the row (R24). */
  version: number;
  /** Position among the instances of its container (R15); 0 for other types. */
  sequence: number;
  /** expirationTime in ms since 1970, or null for none. */
  expiresAt: number | null;
  /** Content size in bytes of an instance (`cs`); 0 for other types. */
  size: number;
  /** Canonical originator of the CREATE: the only one with access where no policy is linked (TS-0001 9.6.1.3.2). */
  creator: string;
  /** accessControlPolicyIDs as given; undefined where absent. Also in `attributes`. */
  policyIds?: string[];
  /** labels; undefined where absent. Also in `attributes`. */
  labels?: string[];
  attributes: Attributes;
  /**
   * What the CSE remembers and nobody sees: for an AE the topic level and broker it registered with (`topicLevel`, `broker`),
   * for a subscription the numbers of its targets.
   */
  hidden?: Attributes;
}

/** The narrow row beside a container, written once per batch (architecture "The resource worker"). */
export interface Counters {
  /** stateTag. */
  stateTag: number;
  /** currentNrOfInstances. */
  instances: number;
  /** currentByteSize. */
  bytes: number;
  /** Sequence number of the next instance. */
  nextSequence: number;
  /** Instances below this number are gone, whether their rows are or not (R13). */
  lowestSequence: number;
}

/** What eviction must know of an instance. */
export interface InstanceSummary {
  id: string;
  sequence: number;
  size: number;
  expiresAt: number | null;
}
