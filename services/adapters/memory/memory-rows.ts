import type { CseDescription } from '../../core/cse.ts';
import { cseBaseId, renewedBase, seedOf } from '../../core/seed.ts';
import { CseCollision, type CseUsage, type Exchange, type ExchangeChange } from '../../ports/resource-store.ts';
import { copyOfJson } from './copies.ts';
import { DeliveryQueues } from './delivery-queues.ts';
import { DueItems } from './due-items.ts';
import { ResourceTree, type Undo } from './resource-tree.ts';
import { addTo, bodyBytes, inOrder, UsageCounts } from './usage-counts.ts';

interface CseRows {
  description: CseDescription;
  tree: ResourceTree;
  /** Of the subscriptions of the CSEBase (R22). */
  subscriptionsVersion: number;
  /** Home shards by AE-ID (R8). */
  aeHomes: Map<string, number>;
}

/** Everything but fences and journals: what flights change and loads read. */
export class MemoryRows {
  readonly deliveries = new DeliveryQueues();
  readonly usage = new UsageCounts();
  readonly due: DueItems;
  readonly #cses = new Map<number, CseRows>();
  readonly #exchanges = new Map<string, Exchange>();

  constructor(partitions: number) {
    this.due = new DueItems(partitions);
  }

  // ---- CSEs ----------------------------------------------------------------------------------------------------------

  descriptions(): CseDescription[] {
    return [...this.#cses.values()].map(({ description }) => copyOfJson(description));
  }

  /** Adds a CSE with its seed, or updates its description. */
  putCse(cse: Omit<CseDescription, 'number' | 'baseId'>, now: number): CseDescription {
    const known = [...this.#cses.values()].find(({ description }) => description.id === cse.id);
    if (known !== undefined && known.description.serviceProvider !== cse.serviceProvider) {
      throw new CseCollision(`${cse.id} is a CSE of ${known.description.serviceProvider} already`);
    }
    const number = known?.description.number ?? this.#cses.size + 1;
    const description = copyOfJson<CseDescription>({ ...cse, number, baseId: cseBaseId });
    if (known === undefined) {
      const seed = seedOf(description, now);
      const tree = new ResourceTree(seed.base, this.usage);
      tree.insert(seed.policy, undefined, []);
      this.#cses.set(number, { description, tree, subscriptionsVersion: 1, aeHomes: new Map() });
    } else {
      known.description = description;
      const base = renewedBase(known.tree.base.row, description, now);
      if (base !== undefined) known.tree.update(base, []);
    }
    return copyOfJson(description);
  }

  find(cse: number): ResourceTree | undefined {
    return this.#cses.get(cse)?.tree;
  }

  /** Throws if there is no such CSE. */
  tree(cse: number): ResourceTree {
    return this.#cse(cse).tree;
  }

  // ---- versions ------------------------------------------------------------------------------------------------------

  /** 0 for what is not there or hidden. */
  versionOf({ cse, shard, id }: { cse: number; shard: number; id: string }): number {
    return this.#cses.get(cse)?.tree.visible(shard, id)?.row.version ?? 0;
  }

  baseSubscriptionsVersion(cse: number): number {
    return this.#cses.get(cse)?.subscriptionsVersion ?? 0;
  }

  raiseBaseSubscriptions(cse: number, undo: Undo[]): void {
    const rows = this.#cse(cse);
    rows.subscriptionsVersion++;
    undo.push(() => {
      rows.subscriptionsVersion--;
    });
  }

  // ---- the directory of AE-IDs (R8) ----------------------------------------------------------------------------------

  aeHome(cse: number, aeId: string): number | null {
    return this.#cses.get(cse)?.aeHomes.get(aeId) ?? null;
  }

  /** False if somebody has it. */
  addAeHome(cse: number, aeId: string, home: number, undo: Undo[]): boolean {
    const { aeHomes } = this.#cse(cse);
    if (aeHomes.has(aeId)) return false;
    aeHomes.set(aeId, home);
    undo.push(() => aeHomes.delete(aeId));
    return true;
  }

  removeAeHome(cse: number, aeId: string, undo: Undo[]): void {
    const { aeHomes } = this.#cse(cse);
    const home = aeHomes.get(aeId);
    if (home === undefined) return;
    aeHomes.delete(aeId);
    undo.push(() => aeHomes.set(aeId, home));
  }

  // ---- exchanges (R19) -----------------------------------------------------------------------------------------------

  exchangesOf(owns: (shard: number) => boolean): Exchange[] {
    return [...this.#exchanges.values()].filter(({ shard }) => owns(shard)).map(copyOfExchange);
  }

  changeExchange(change: ExchangeChange, undo: Undo[]): void {
    const { cse, id } = change.kind === 'put' ? change.exchange : change;
    const key = `${cse}/${id}`;
    const before = this.#exchanges.get(key);
    if (change.kind === 'put') this.#exchanges.set(key, copyOfExchange(change.exchange));
    else this.#exchanges.delete(key);
    undo.push(() => {
      if (before === undefined) this.#exchanges.delete(key);
      else this.#exchanges.set(key, before);
    });
  }

  /** What each CSE has, by looking at every row. */
  recountUsage(): CseUsage[] {
    const sums = new Map<number, CseUsage>();
    for (const [cse, { tree }] of this.#cses) {
      for (const { row } of tree.rows()) {
        if (row.version <= 0) continue;
        addTo(sums, cse, { applicationEntities: row.type === 2 ? 1 : 0, resources: 1, bytes: bodyBytes(row) });
      }
    }
    return inOrder(sums);
  }

  /** Nothing will be taken back any more. */
  settle(): void {
    for (const { tree } of this.#cses.values()) tree.settle();
  }

  #cse(number: number): CseRows {
    const rows = this.#cses.get(number);
    if (rows === undefined) throw new Error(`there is no CSE with the number ${number}`);
    return rows;
  }
}

function copyOfExchange(exchange: Exchange): Exchange {
  return { ...exchange, questions: exchange.questions.map((question) => ({ ...question })) };
}
