/** Changes of the queues of notifications (R23) and of exchanges (R19) in a flight, each row at most once. */
import type {
  DeliveryChange,
  DeliveryTarget,
  Exchange,
  ExchangeChange,
  QueuedNotification,
} from '../../ports/resource-store.ts';

export interface QueueKey {
  shard: number;
  cse: number;
  subscription: string;
  target: number;
}

interface QueueState {
  key: QueueKey;
  target?: DeliveryTarget;
  queued: Map<number, QueuedNotification>;
  acknowledgedBelow: number;
  arrived: Set<number>;
  /** The target and all its rows go, before anything else. */
  removed: boolean;
}

export interface FoldedDeliveries {
  removed: QueueKey[];
  targets: DeliveryTarget[];
  queued: { key: QueueKey; notification: QueuedNotification }[];
  acknowledged: { key: QueueKey; below: number }[];
  arrived: { key: QueueKey; number: number }[];
}

export class DeliveryFolder {
  readonly #queues = new Map<string, QueueState>();

  take(change: DeliveryChange): void {
    if (change.kind === 'target') {
      const { cse, shard, subscription, target } = change.target;
      this.#queue({ cse, shard, subscription, target }).target = change.target;
      return;
    }
    const { cse, shard, subscription, target } = change;
    const state = this.#queue({ cse, shard, subscription, target });
    switch (change.kind) {
      case 'queue':
        state.queued.set(change.notification.number, change.notification);
        return;
      case 'acknowledge':
        state.acknowledgedBelow = Math.max(state.acknowledgedBelow, change.below);
        return;
      case 'arrived': {
        const queued = state.queued.get(change.number);
        if (queued === undefined) state.arrived.add(change.number);
        else state.queued.set(change.number, { ...queued, arrived: true });
        return;
      }
      case 'removeTarget':
        this.#queues.set(textOf(state.key), { ...emptyQueue(state.key), removed: true });
        return;
    }
  }

  fold(): FoldedDeliveries {
    const folded: FoldedDeliveries = { removed: [], targets: [], queued: [], acknowledged: [], arrived: [] };
    for (const { key, target, queued, acknowledgedBelow, arrived, removed } of this.#queues.values()) {
      if (removed) folded.removed.push(key);
      if (target !== undefined) folded.targets.push(target);
      for (const notification of queued.values()) {
        if (notification.number >= acknowledgedBelow) folded.queued.push({ key, notification });
      }
      if (acknowledgedBelow > 0) folded.acknowledged.push({ key, below: acknowledgedBelow });
      for (const number of arrived) if (number >= acknowledgedBelow) folded.arrived.push({ key, number });
    }
    return folded;
  }

  #queue(key: QueueKey): QueueState {
    const text = textOf(key);
    const known = this.#queues.get(text);
    if (known !== undefined) return known;
    const state = emptyQueue(key);
    this.#queues.set(text, state);
    return state;
  }
}

/** The last change of each exchange. */
export function foldExchanges(changes: Iterable<ExchangeChange>): {
  put: Exchange[];
  removed: { cse: number; shard: number; id: string }[];
} {
  const last = new Map<string, ExchangeChange>();
  for (const change of changes) {
    const { cse, shard, id } = change.kind === 'put' ? change.exchange : change;
    last.set(`${shard}/${cse}/${id}`, change);
  }
  const put: Exchange[] = [];
  const removed: { cse: number; shard: number; id: string }[] = [];
  for (const change of last.values()) {
    if (change.kind === 'put') put.push(change.exchange);
    else removed.push(change);
  }
  return { put, removed };
}

function emptyQueue(key: QueueKey): QueueState {
  return { key, queued: new Map(), acknowledgedBelow: 0, arrived: new Set(), removed: false };
}

function textOf({ shard, cse, subscription, target }: QueueKey): string {
  return `${shard}/${cse}/${subscription}/${target}`;
}
