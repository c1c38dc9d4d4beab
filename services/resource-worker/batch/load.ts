import { MissingFact, type Need, needKey } from '../../core/decision.ts';
import type { Clock } from '../../ports/clock.ts';
import type { ResourceStore } from '../../ports/resource-store.ts';
import { targetKey } from '../deliveries/known-target.ts';
import type { WorkerSettings } from '../parts.ts';
import { type Batch, MissingState } from './batch.ts';

/** What a batch lacks, gathered over its records and loaded in one round trip (R9). */
export class Wanted {
  readonly #needs = new Map<string, Need>();
  readonly #subscriptions = new Map<string, { cse: number; shard: number; subscription: string }>();

  get isEmpty(): boolean {
    return this.#needs.size === 0 && this.#subscriptions.size === 0;
  }

  /** Takes what a step has thrown; false for anything that is no want. */
  takes(thrown: unknown): boolean {
    if (thrown instanceof MissingFact) for (const need of thrown.needs) this.add(need);
    else if (thrown instanceof MissingState) for (const each of thrown.subscriptions) this.addQueue(each);
    else return false;
    return true;
  }

  add(need: Need): void {
    const key = needKey(need);
    const before = this.#needs.get(key);
    // The same container may be asked for more than before.
    if (before?.kind === 'oldestInstances' && need.kind === 'oldestInstances' && before.count >= need.count) return;
    this.#needs.set(key, need);
  }

  addQueue({ cse, shard, subscription }: { cse: number; shard: number; subscription: string }): void {
    this.#subscriptions.set(`${cse}/${subscription}`, { cse, shard, subscription });
  }

  async load(batch: Batch, store: ResourceStore, clock: Clock, settings: WorkerSettings): Promise<void> {
    const needs = [...this.#needs.values()];
    const subscriptions = [...this.#subscriptions.values()];
    const askedAt = clock.monotonic();
    const [facts] = await Promise.all([
      needs.length === 0 ? [] : store.load(needs),
      subscriptions.length === 0 ? undefined : loadQueues(batch, store, subscriptions, settings),
    ]);
    batch.working.learn(needs, facts, askedAt);
  }
}

/** A queue that the store does not have yet begins when its first notification is queued. */
async function loadQueues(
  batch: Batch,
  store: ResourceStore,
  subscriptions: { cse: number; shard: number; subscription: string }[],
  settings: WorkerSettings,
): Promise<void> {
  // A whole window may arrive within one batch, and the next window follows.
  const loaded = await store.deliveries(subscriptions, settings.deliveries.window * 2);
  const { deliveries } = batch.state;
  for (const { target, queued } of loaded) {
    const key = targetKey(target.cse, target.subscription, target.target);
    batch.loadedQueues.set(key, queued);
    if (deliveries.has(key)) continue;
    const arrived = new Set(queued.filter((each) => each.arrived === true).map(({ number }) => number));
    deliveries.set(key, { target, arrived, activeAt: batch.now, watched: false });
  }
  batch.knownQueues(subscriptions);
}
