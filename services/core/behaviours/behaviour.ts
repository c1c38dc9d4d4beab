/** What a resource type does beyond what its attribute table says. One file for each type that has such rules. */
import type { AccessOperation } from '../access-control.ts';
import type { ExchangeIntent } from '../decision.ts';
import type { Effects, RequestSituation, Situation } from '../operations/situation.ts';
import type { Attributes, Operation } from '../primitives.ts';
import type { Counters, StoredResource } from '../resource.ts';
import type { ResourceTypeDefinition } from '../resource-types/definition.ts';

/** A resource that is being made. Its insertion is the first of the effects; `resource` may still be completed. */
export interface Creation {
  situation: RequestSituation;
  parent: StoredResource;
  definition: ResourceTypeDefinition;
  /** Attributes as the originator gave them, checked against the table. */
  given: Attributes;
  resource: StoredResource;
  effects: Effects;
}

/** A resource that is being changed. */
export interface Modification {
  situation: RequestSituation;
  definition: ResourceTypeDefinition;
  before: StoredResource;
  /** As asked for, checked against the table; null removes. */
  changes: Attributes;
  /** As it will be; may still be completed. */
  resource: StoredResource;
  /** Of a container, as they will be; may be replaced. */
  counters?: Counters;
  effects: Effects;
}

export interface Identity {
  id: string;
  /** Canonical creator, where it is not the originator. */
  creator?: string;
}

export interface Behaviour {
  /** Rights that a CREATE needs on the parent; CREATE alone if absent. */
  rightsOnParent?: readonly AccessOperation[];
  /** Decides instead of the parent's policies; throws what it refuses. */
  admit?(situation: RequestSituation, parent: StoredResource): void;
  /** Throws 4005 for what the type never, or not now, permits: asked before rights (TS-0004 7.3.3). */
  refuse?(situation: Situation, operation: Operation, resource: StoredResource): void;
  /** Identity of a new resource in a shard, where it is not just invented. */
  identify?(situation: RequestSituation, shard: number): Identity;
  /** Checks and completes a new resource, and adds what else changes. What it returns must be answered by others first (R19). */
  create?(creation: Creation): ExchangeIntent | undefined;
  /** The same for a change. */
  modify?(modification: Modification): ExchangeIntent | undefined;
  /** Adds what else changes when a resource goes. */
  remove?(situation: Situation, resource: StoredResource, parent: StoredResource | null, effects: Effects): void;
}
