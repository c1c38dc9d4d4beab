import type { DeliveryTarget } from '../../ports/resource-store.ts';

/** The queue of a subscription and target as its owner knows it. Immutable: a batch makes a new one. */
export interface KnownTarget {
  readonly target: Readonly<DeliveryTarget>;
  /** Numbers that have arrived though an earlier one has not. */
  readonly arrived: ReadonlySet<number>;
  /** Clock time of the last sending or progress, ms: what the answer's time limit counts from. */
  readonly activeAt: number;
  /** A due item for this queue is planned. */
  readonly watched: boolean;
}

export function targetKey(cse: number, subscription: string, target: number): string {
  return `${cse}/${subscription}/${target}`;
}
