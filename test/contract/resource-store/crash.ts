import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Part } from '../../../infra/local/part.ts';
import type { StoredResource } from '../../../services/core/resource.ts';
import type { PartitionCommit, ResourceStore } from '../../../services/ports/resource-store.ts';
import { reportContract } from '../../parts/contract-report.ts';
import { describeCse } from './context.ts';
import { Owner } from './owner.ts';
import { firstLevel, instanceOf, keyOf, noInstances, types } from './rows.ts';

export interface CrashingStore {
  name: string;
  skip: string | false;
  /** A server of our own. */
  server(): Promise<Part>;
  /** A store on a fresh database of that server. */
  open(): Promise<ResourceStore>;
}

const partitions = 4;
const patience = 30_000;

/** The server dies in the middle of commits and comes back (promise 1, R3). */
export function crashContract(under: CrashingStore): void {
  describe(`ResourceStore: ${under.name}, when its server dies`, { skip: under.skip }, () => {
    reportContract('resource-store', under.name);
    let store: ResourceStore | undefined;
    after(() => store?.close());

    it('has every flight that was acknowledged, whole, and tells of the others whether they are there (R3)', async () => {
      const server = await under.server();
      store = await under.open();
      const cse = await store.putCse(describeCse('/crash'));
      const owners = Array.from({ length: partitions }, (_, n) => new Writer(store as ResourceStore, n));
      for (const [n, owner] of owners.entries()) {
        await owner.begin(firstLevel(cse, types.container, `cnt${n}`));
      }
      for (let crash = 0; crash < 3; crash++) {
        const atLeast = owners.map(({ count }) => count + 30);
        const traffic = owners.map((owner) => owner.writeUntilLost());
        while (owners.some(({ count }, n) => count < (atLeast[n] ?? 0))) await sleep(1);
        await server.kill();
        await Promise.all(traffic);
        await server.start();
        for (const owner of owners) await owner.resolve();
      }
      for (const owner of owners) await owner.verify();
    });
  });
}

/** An owner that writes an instance with each flight. */
class Writer {
  readonly #store: ResourceStore;
  readonly #owner: Owner;
  #container: StoredResource | undefined;
  #lost: PartitionCommit | undefined;
  /** Instances that are known to be committed. */
  count = 0;

  constructor(store: ResourceStore, partition: number) {
    this.#store = store;
    this.#owner = new Owner(store, 1, partition);
  }

  async begin(container: StoredResource): Promise<void> {
    await this.#owner.takeOver();
    await this.#owner.insert(container);
    this.#container = container;
  }

  async writeUntilLost(): Promise<void> {
    for (;;) {
      const part = this.#part();
      const outcome = await this.#store.commit(this.#owner.generation, [part]);
      if (outcome.kind === 'committed') this.#went(part);
      else if (outcome.kind === 'unknown') {
        this.#lost = part;
        return;
      } else assert.equal(outcome.kind, 'busy');
    }
  }

  /** What an owner does with an unknown outcome: it reads the fence (R3). */
  async resolve(): Promise<void> {
    const { generation, partition, version } = this.#owner;
    const fence = await patiently(() => this.#store.readFence(generation, partition));
    const lost = this.#lost;
    assert.ok(lost);
    if (fence.batch === lost.batch) this.#went(lost);
    else assert.equal(fence.version, version, 'neither mine nor the one before');
    assert.equal(fence.version, this.#owner.version);
    this.#lost = undefined;
  }

  async verify(): Promise<void> {
    const container = this.#theContainer();
    const { generation, partition } = this.#owner;
    const [newest, oldest, found] = await this.#store.load([
      { kind: 'latest', cse: container.cse, shard: container.shard, parentId: container.id, now: 0 },
      {
        kind: 'oldestInstances',
        cse: container.cse,
        shard: container.shard,
        parentId: container.id,
        count: this.count + 10,
      },
      { kind: 'resource', ...keyOf(container) },
    ]);
    assert.ok(newest?.kind === 'latest' && oldest?.kind === 'oldestInstances' && found?.kind === 'resource');
    assert.equal(newest.found?.sequence, this.count - 1);
    assert.deepEqual(
      oldest.instances.map(({ sequence }) => sequence),
      Array.from({ length: this.count }, (_, sequence) => sequence),
    );
    assert.equal(found.found?.counters?.instances, this.count);
    const journal = await this.#store.readUnemitted(generation, partition, 0, this.count + 10);
    assert.deepEqual(
      journal.map(({ out }) => out.toString()),
      Array.from({ length: this.count }, (_, sequence) => `reply ${sequence}`),
    );
  }

  #part(): PartitionCommit {
    const container = this.#theContainer();
    const resource = instanceOf(container, this.count);
    const counters = { ...noInstances, instances: this.count + 1, nextSequence: this.count + 1 };
    return this.#owner.part({
      changes: [
        { kind: 'insert', resource },
        { kind: 'counters', key: keyOf(container), counters },
      ],
      journal: { out: Buffer.from(`reply ${this.count}`) },
    });
  }

  #went(part: PartitionCommit): void {
    this.#owner.went(part);
    this.count++;
  }

  #theContainer(): StoredResource {
    assert.ok(this.#container);
    return this.#container;
  }
}

/** An outage waits (R12): reads reject meanwhile, and the flow asks again. */
async function patiently<Result>(ask: () => Promise<Result>): Promise<Result> {
  for (const end = Date.now() + patience; ; await sleep(50)) {
    try {
      return await ask();
    } catch (error) {
      if (Date.now() > end) throw error;
    }
  }
}
