/** A courier for each broker in use; those of foreign brokers are closed when nobody needs them. */
import { isForeign } from './check-target.ts';
import { Courier, type CourierOptions } from './courier.ts';
import type { ResponderParts } from './parts.ts';

type Outcomes = Pick<CourierOptions, 'published' | 'failed' | 'unknown'>;

export interface Couriers {
  to(broker: string): Courier;
  /** To be called now and then. */
  closeIdle(): void;
  /** All own brokers can be published to. */
  ready(): boolean;
  close(): Promise<void>;
}

export function createCouriers(parts: ResponderParts, outcomes: Outcomes): Couriers {
  const { clock, settings } = parts;
  const couriers = new Map<string, Courier>();

  function to(broker: string): Courier {
    let courier = couriers.get(broker);
    if (courier === undefined) {
      const timeLimit = isForeign(broker) ? settings.foreignTimeLimit : undefined;
      courier = new Courier({ open: () => parts.publisherFor(broker), clock, timeLimit, ...outcomes });
      couriers.set(broker, courier);
    }
    return courier;
  }

  function closeIdle(): void {
    const before = clock.monotonic() - settings.foreignIdle;
    for (const [broker, courier] of couriers) {
      if (!isForeign(broker) || !courier.idle() || courier.lastUsed > before) continue;
      couriers.delete(broker);
      courier.close().catch(() => {});
    }
  }

  return {
    to,
    closeIdle,
    ready: () => parts.brokers.every((broker) => to(broker).ready()),
    async close() {
      await Promise.allSettled([...couriers.values()].map((courier) => courier.close()));
    },
  };
}
