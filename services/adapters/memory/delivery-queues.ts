import type { DeliveryChange, DeliveryTarget, QueuedNotification } from '../../ports/resource-store.ts';
import type { Undo } from './resource-tree.ts';

interface Queue {
  /** Undefined until the target's row is written. */
  target: DeliveryTarget | undefined;
  /** In the order of their numbers. */
  notifications: QueuedNotification[];
}

interface SubscriptionKey {
  cse: number;
  shard: number;
  subscription: string;
}

/** The queues of subscriptions and their targets (R23). */
export class DeliveryQueues {
  readonly #bySubscription = new Map<string, Map<number, Queue>>();

  apply(change: DeliveryChange, undo: Undo[]): void {
    switch (change.kind) {
      case 'target':
        return this.#put(change.target, { target: { ...change.target } }, undo);
      case 'queue': {
        const { notifications } = this.#queue(change);
        const others = notifications.filter(({ number }) => number !== change.notification.number);
        const all = [...others, { ...change.notification }].sort((a, b) => a.number - b.number);
        return this.#put(change, { notifications: all }, undo);
      }
      case 'acknowledge':
        return this.#acknowledge(change, change.below, undo);
      case 'arrived': {
        const { notifications } = this.#queue(change);
        const marked = notifications.map((each) => (each.number === change.number ? { ...each, arrived: true } : each));
        return this.#put(change, { notifications: marked }, undo);
      }
      case 'removeTarget':
        return this.#remove(change, undo);
    }
  }

  /** All targets of the subscriptions, each with its notifications from `acknowledged` on, at most `limit`. */
  read(of: readonly SubscriptionKey[], limit: number): { target: DeliveryTarget; queued: QueuedNotification[] }[] {
    return of.flatMap((key) => {
      const queues = [...(this.#bySubscription.get(textOf(key))?.entries() ?? [])].sort(([a], [b]) => a - b);
      return queues.flatMap(([, { target, notifications }]) => {
        if (target === undefined) return [];
        const queued = notifications.filter(({ number }) => number >= target.acknowledged).slice(0, limit);
        return [{ target: { ...target }, queued: queued.map((each) => ({ ...each })) }];
      });
    });
  }

  #acknowledge(key: SubscriptionKey & { target: number }, below: number, undo: Undo[]): void {
    const { target, notifications } = this.#queue(key);
    const acknowledged = Math.max(target?.acknowledged ?? 0, below);
    this.#put(
      key,
      {
        notifications: notifications.filter(({ number }) => number >= below),
        ...(target === undefined ? {} : { target: { ...target, acknowledged } }),
      },
      undo,
    );
  }

  #queue(key: SubscriptionKey & { target: number }): Queue {
    return this.#bySubscription.get(textOf(key))?.get(key.target) ?? { target: undefined, notifications: [] };
  }

  #put(key: SubscriptionKey & { target: number }, change: Partial<Queue>, undo: Undo[]): void {
    const text = textOf(key);
    const queues = this.#bySubscription.get(text) ?? new Map<number, Queue>();
    const before = queues.get(key.target);
    this.#bySubscription.set(text, queues);
    queues.set(key.target, { ...this.#queue(key), ...change });
    undo.push(() => {
      if (before === undefined) this.#forget(key);
      else queues.set(key.target, before);
    });
  }

  #remove(key: SubscriptionKey & { target: number }, undo: Undo[]): void {
    const text = textOf(key);
    const before = this.#bySubscription.get(text)?.get(key.target);
    if (before === undefined) return;
    this.#forget(key);
    undo.push(() => {
      const queues = this.#bySubscription.get(text) ?? new Map<number, Queue>();
      this.#bySubscription.set(text, queues.set(key.target, before));
    });
  }

  #forget(key: SubscriptionKey & { target: number }): void {
    const queues = this.#bySubscription.get(textOf(key));
    queues?.delete(key.target);
    if (queues?.size === 0) this.#bySubscription.delete(textOf(key));
  }
}

function textOf({ cse, shard, subscription }: SubscriptionKey): string {
  return `${shard}/${cse}/${subscription}`;
}
