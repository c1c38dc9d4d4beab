/** Behaviours by resource type. A type without one has no rules but those of its table. */
import { applicationEntityBehaviour } from './ae.ts';
import type { Behaviour } from './behaviour.ts';
import { containerBehaviour } from './container.ts';
import { contentInstanceBehaviour } from './content-instance.ts';
import { subscriptionBehaviour } from './subscription.ts';

const byType: ReadonlyMap<number, Behaviour> = new Map([
  [2, applicationEntityBehaviour],
  [3, containerBehaviour],
  [4, contentInstanceBehaviour],
  [23, subscriptionBehaviour],
]);

const none: Behaviour = {};

export function behaviourOf(type: number): Behaviour {
  return byType.get(type) ?? none;
}
