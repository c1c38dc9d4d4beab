/** What a test may break from outside, by wrapping parts: the product has no switch for any of it. */
import type { Clock } from '../../services/ports/clock.ts';
import type { ResourceStore } from '../../services/ports/resource-store.ts';
import type { SimLink } from './sim-link.ts';
import type { SimDatabase, StoreSabotage } from './sim-store.ts';

export interface Sabotage {
  /** Changes what reaches the database in a commit. */
  commits?(database: SimDatabase): StoreSabotage;
  store?(store: ResourceStore): ResourceStore;
  link?(link: SimLink): SimLink;
  workerClock?(clock: Clock): Clock;
  /** ms; instead of two minutes. */
  duplicateWindow?: number;
}
