/** What CSEs have is counted by the flights themselves: whatever happens, it is what a recount gives (quotas as data). */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Change } from '../../../services/core/decision.ts';
import type { StoredResource } from '../../../services/core/resource.ts';
import { seedOf } from '../../../services/core/seed.ts';
import type { CseUsage } from '../../../services/ports/resource-store.ts';
import type { StoreContext } from './context.ts';
import { insertion, type Owner } from './owner.ts';
import { childOf, firstLevel, instanceOf, keyOf, noInstances, testNow, types } from './rows.ts';

export function usageTests(context: StoreContext): void {
  /** Of one CSE, after it was compared with a recount. */
  async function usageOf(owner: Owner, cse: number): Promise<Omit<CseUsage, 'cse'>> {
    const none = { applicationEntities: 0, resources: 0, bytes: 0 };
    const of = (all: CseUsage[]) => {
      const { cse: _, ...usage } = all.find((each) => each.cse === cse) ?? { cse, ...none };
      return usage;
    };
    const usage = of(await context.store.usage(owner.generation));
    assert.deepEqual(usage, of(await context.store.recountUsage()), 'usage is what a recount gives');
    return usage;
  }

  const bytes = (...rows: StoredResource[]) =>
    rows.reduce((sum, { attributes }) => sum + Buffer.byteLength(JSON.stringify(attributes)), 0);

  it('begins with nothing: CSEBase and seeded policy do not count', async () => {
    const cse = await context.cse();
    assert.deepEqual(await usageOf(await context.owner(), cse.number), {
      applicationEntities: 0,
      resources: 0,
      bytes: 0,
    });
  });

  it('counts AEs, resources, and UTF-8 bytes of attributes as stored; the flight tells them', async () => {
    const [cse, owner] = [await context.cse(), await context.owner()];
    const ae = firstLevel(cse, types.ae, 'ae', { attributes: { apn: 'Zähler "1" 🌡' } });
    const container = childOf(ae, types.container, 'cnt');
    const outcome = await owner.attempt({ changes: [insertion(ae), insertion(container)] });
    const expected = { applicationEntities: 1, resources: 2, bytes: bytes(ae, container) };
    assert.deepEqual(outcome, {
      kind: 'committed',
      usage: [{ partition: owner.partition, cse: cse.number, ...expected }],
    });
    assert.deepEqual(await usageOf(owner, cse.number), expected);
    assert.deepEqual(await owner.attempt(), { kind: 'committed' }, 'a flight that changes nothing has nothing to tell');
  });

  it('follows updates that grow and shrink, and removals', async () => {
    const [cse, owner] = [await context.cse(), await context.owner()];
    const ae = firstLevel(cse, types.ae, 'ae');
    const container = childOf(ae, types.container, 'cnt', { attributes: { lbl: ['a', 'b'] } });
    await owner.insert(ae, container);
    const { lbl: _, ...short } = container.attributes;
    const smaller = { ...container, attributes: short };
    const larger = { ...ae, attributes: { ...ae.attributes, apn: 'x'.repeat(5000) } };
    const outcome = await owner.attempt({
      changes: [
        { kind: 'update', resource: smaller },
        { kind: 'update', resource: larger },
      ],
    });
    const expected = { applicationEntities: 1, resources: 2, bytes: bytes(smaller, larger) };
    assert.deepEqual(outcome.kind === 'committed' && outcome.usage, [
      { partition: owner.partition, cse: cse.number, ...expected },
    ]);
    assert.deepEqual(await usageOf(owner, cse.number), expected);
    await owner.change({ kind: 'remove', resource: smaller });
    assert.deepEqual(await usageOf(owner, cse.number), { applicationEntities: 1, resources: 1, bytes: bytes(larger) });
  });

  it('a seeded policy begins to count with its first update', async () => {
    const [cse, owner] = [await context.cse(), await context.owner()];
    const { policy } = seedOf(cse, testNow);
    await owner.change({ kind: 'update', resource: policy });
    assert.deepEqual(await usageOf(owner, cse.number), { applicationEntities: 0, resources: 1, bytes: bytes(policy) });
  });

  it('R13: evicted instances go from it with their rows, now or by the sweep', async () => {
    const [cse, owner] = [await context.cse(), await context.owner()];
    const container = firstLevel(cse, types.container, 'cnt');
    const instances = [0, 1, 2, 3, 4].map((sequence) => instanceOf(container, sequence));
    const key = keyOf(container);
    const counters = { ...noInstances, instances: 5, bytes: 5, nextSequence: 5 };
    await owner.insert(container, ...instances);
    await owner.change({ kind: 'counters', key, counters });
    await owner.change({ kind: 'evict', container: key, belowSequence: 2, rows: 'now' });
    assert.equal((await usageOf(owner, cse.number)).resources, 4);
    await owner.change({ kind: 'evict', container: key, belowSequence: 4, rows: 'later' });
    assert.equal((await usageOf(owner, cse.number)).resources, 4, 'as long as the rows are there');
    await sweep(owner, container);
    const last = instances.at(-1) as StoredResource;
    assert.deepEqual(await usageOf(owner, cse.number), {
      applicationEntities: 0,
      resources: 2,
      bytes: bytes(container, last),
    });
  });

  it('an instance that comes and is evicted in one flight was never there', async () => {
    const [cse, owner] = [await context.cse(), await context.owner()];
    const container = firstLevel(cse, types.container, 'cnt');
    await owner.change(
      insertion(container),
      { kind: 'insert', resource: instanceOf(container, 0) },
      { kind: 'evict', container: keyOf(container), belowSequence: 1, rows: 'now' },
    );
    assert.deepEqual(await usageOf(owner, cse.number), {
      applicationEntities: 0,
      resources: 1,
      bytes: bytes(container),
    });
  });

  it('R13: a marked AE goes from it at once, what is below with the sweep; back under its ID it counts anew', async () => {
    const [cse, owner] = [await context.cse(), await context.owner()];
    const ae = firstLevel(cse, types.ae, 'ae');
    const container = childOf(ae, types.container, 'cnt');
    await owner.insert(ae, container, instanceOf(container, 0));
    await owner.change({ kind: 'removeSubtree', resource: ae });
    assert.deepEqual(await usageOf(owner, cse.number), {
      applicationEntities: 0,
      resources: 2,
      bytes: bytes(container, instanceOf(container, 0)),
    });
    const back = { ...ae };
    await owner.insert(back);
    assert.equal((await usageOf(owner, cse.number)).applicationEntities, 1);
    await sweep(owner, ae);
    assert.deepEqual(await usageOf(owner, cse.number), { applicationEntities: 1, resources: 1, bytes: bytes(back) });
  });

  it('R12: a flight that does not commit counts nothing', async () => {
    const [cse, owner] = [await context.cse(), await context.owner()];
    const ae = firstLevel(cse, types.ae, 'ae');
    await owner.insert(ae);
    const before = await usageOf(owner, cse.number);
    const changes = [insertion(childOf(ae, types.container, 'cnt'))];
    assert.equal((await owner.attempt({ changes, version: owner.version + 1 })).kind, 'fenced');
    const relied = [{ ...keyOf(ae), version: 77 }];
    assert.equal((await owner.attempt({ changes, relied })).kind, 'stale');
    assert.deepEqual(await usageOf(owner, cse.number), before);
  });

  it('is kept by partition and told without those that are known better', async () => {
    const cse = await context.cse();
    const [one, other] = await context.owners(2);
    assert.ok(one && other);
    await one.insert(firstLevel(cse, types.ae, 'one'));
    await other.insert(firstLevel(cse, types.ae, 'two'), firstLevel(cse, types.ae, 'three'));
    const count = async (except?: number[]) =>
      (await context.store.usage(one.generation, except)).find((each) => each.cse === cse.number)?.applicationEntities;
    assert.equal(await count(), 3);
    assert.equal(await count([other.partition]), 1);
    assert.equal(await count([one.partition, other.partition]), undefined);
    const [row] = await context.store.usageOfPartition(other.generation, other.partition);
    assert.deepEqual([row?.cse, row?.applicationEntities], [cse.number, 2]);
  });

  it('after 300 random flights it is what a recount gives', async () => {
    const [cse, owner] = [await context.cse(), await context.owner()];
    const work = new RandomWork(firstLevel(cse, types.container, 'root'));
    await owner.insert(work.root);
    for (let flight = 0; flight < 300; flight++) {
      const { changes, swept } = work.next();
      await owner.change(...changes);
      if (swept !== undefined) await sweep(owner, swept);
      if (flight % 30 === 0) await usageOf(owner, cse.number);
    }
    const { resources } = await usageOf(owner, cse.number);
    assert.ok(resources > 1, 'something is there at the end');
  });

  /** As the timer does it. */
  async function sweep(owner: Owner, of: StoredResource): Promise<void> {
    for (;;) {
      const { resources, more } = await context.store.sweep(keyOf(of), 3);
      if (resources.length === 0) return;
      await owner.change(...resources.map((resource): Change => ({ kind: 'remove', resource })));
      if (!more) return;
    }
  }
}

/** Changes as decisions make them, of containers below one. The order of numbers is always the same. */
class RandomWork {
  readonly root: StoredResource;
  readonly #containers: { row: StoredResource; instances: StoredResource[]; next: number }[] = [];
  #seed = 1;
  #names = 0;

  constructor(root: StoredResource) {
    this.root = root;
  }

  next(): { changes: Change[]; swept?: StoredResource } {
    const at = this.#draw(this.#containers.length);
    const container = this.#containers[at];
    const dice = this.#draw(10);
    if (container === undefined || (dice === 0 && this.#containers.length < 6)) {
      const row = childOf(this.root, types.container, `c${this.#names++}`);
      this.#containers.push({ row, instances: [], next: 0 });
      return { changes: [insertion(row)] };
    }
    if (dice === 1) {
      this.#containers.splice(at, 1);
      return { changes: [{ kind: 'removeSubtree', resource: container.row }], swept: container.row };
    }
    if (dice === 2) {
      const lbl = Array.from({ length: this.#draw(5) }, () => 'é'.repeat(this.#draw(9)));
      container.row = { ...container.row, attributes: { ...container.row.attributes, lbl } };
      return { changes: [{ kind: 'update', resource: container.row }] };
    }
    const victim = container.instances[this.#draw(container.instances.length)];
    if (dice === 3 && victim !== undefined) {
      container.instances = container.instances.filter((each) => each !== victim);
      return { changes: [{ kind: 'remove', resource: victim }] };
    }
    if (dice === 4 && victim !== undefined) {
      const below = victim.sequence;
      container.instances = container.instances.filter(({ sequence }) => sequence >= below);
      const rows = this.#draw(2) === 0 ? 'now' : 'later';
      const evict: Change = { kind: 'evict', container: keyOf(container.row), belowSequence: below, rows };
      return rows === 'now' ? { changes: [evict] } : { changes: [evict], swept: container.row };
    }
    const added = Array.from({ length: 1 + this.#draw(4) }, () => instanceOf(container.row, container.next++));
    container.instances.push(...added);
    return { changes: added.map(insertion) };
  }

  #draw(below: number): number {
    this.#seed = (Math.imul(this.#seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return below === 0 ? 0 : (this.#seed >> 8) % below;
  }
}
