import assert from 'node:assert/strict';
import type { CseDescription } from '../../../services/core/cse.ts';
import type { Need } from '../../../services/core/decision.ts';
import type { StoredResource } from '../../../services/core/resource.ts';
import type { Fact, LoadedResource, ResourceStore } from '../../../services/ports/resource-store.ts';
import { Owner } from './owner.ts';

export interface StoreUnderTest {
  /** As it stands in the report. */
  name: string;
  /** An empty store of a deployment with 24 partitions. */
  open(): Promise<ResourceStore>;
  /** Ends what `open` needed, after the store was closed. */
  stop?(): Promise<void>;
}

/** The member of the union whose kinds include this one. */
type Of<Kind, Each> = Each extends { kind: infer Kinds } ? (Kind extends Kinds ? Each : never) : never;

/** One store for all tests of a suite: each has CSEs and a generation of its own. */
export class StoreContext {
  #store: ResourceStore | undefined;
  #cses = 0;
  #generations = 100;

  async open(under: StoreUnderTest): Promise<void> {
    this.#store = await under.open();
  }

  get store(): ResourceStore {
    assert.ok(this.#store, 'the store is open');
    return this.#store;
  }

  cse(more: Partial<CseDescription> = {}): Promise<CseDescription> {
    return this.store.putCse(describeCse(`/test-${++this.#cses}`, more));
  }

  /** Owners of the first partitions of a generation of their own. */
  async owners(count: number): Promise<Owner[]> {
    const generation = ++this.#generations;
    const owners = Array.from({ length: count }, (_, partition) => new Owner(this.store, generation, partition));
    for (const owner of owners) await owner.takeOver();
    return owners;
  }

  async owner(): Promise<Owner> {
    const [owner] = await this.owners(1);
    assert.ok(owner);
    return owner;
  }

  async fact<Kind extends Need['kind']>(need: Of<Kind, Need> & { kind: Kind }): Promise<Of<Kind, Fact>> {
    const [fact] = await this.store.load([need]);
    assert.equal(fact?.kind, need.kind);
    return fact as Of<Kind, Fact>;
  }

  /** By ID. */
  async find({ cse, shard, id }: { cse: number; shard: number; id: string }): Promise<LoadedResource | null> {
    return (await this.fact({ kind: 'resource', cse, shard, id })).found;
  }

  /** By path. */
  async findAt({ cse, shard, path }: { cse: number; shard: number; path: string }): Promise<LoadedResource | null> {
    return (await this.fact({ kind: 'path', cse, shard, path })).found;
  }

  async isThere(resource: StoredResource): Promise<boolean> {
    return (await this.find(resource))?.resource.id === resource.id;
  }
}

export function describeCse(id: string, more: Partial<CseDescription> = {}): Omit<CseDescription, 'number' | 'baseId'> {
  const { number: _number, baseId: _baseId, ...rest } = more;
  return {
    id,
    name: 'cse-in',
    serviceProvider: '//sp.example',
    admin: `${id}/CAdmin`,
    registrationPatterns: ['*'],
    demandRegistration: false,
    ignoreUnknownParameters: false,
    maximumLifetime: 315_360_000_000,
    duplicateWindow: 120_000,
    credentialsPerDevice: false,
    pointsOfAccess: ['mqtt://127.0.0.1:1883'],
    notificationHosts: [],
    ...rest,
  };
}
