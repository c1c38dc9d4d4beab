/** Quotas of a CSE: how much of a deployment one service provider may take, as data (R32). */
import { utf8Length } from './behaviours/content-size.ts';
import type { Attributes } from './primitives.ts';
import { CseError, Status } from './status-codes.ts';

/** What there is of a CSE in the store. Rows that no request wrote (CSEBase, seeded policy) do not count. */
export interface Usage {
  applicationEntities: number;
  /** Rows: also of instances, and of what is deleted and waits for the sweep (R13). */
  resources: number;
  /** UTF-8 bytes of the attributes of all of them, as JSON. */
  bytes: number;
}

/** Undefined: no bound. */
export interface Quotas {
  applicationEntities?: number;
  resources?: number;
  /** See {@link Usage}. */
  bytes?: number;
  /** Enforced by ingress, before a request costs anything. */
  requestsPerSecond?: number;
}

export const noUsage: Readonly<Usage> = { applicationEntities: 0, resources: 0, bytes: 0 };

/** Quotas that the store's content is measured by, with what a refusal calls them. */
const stored: readonly (readonly [quota: keyof Usage, what: string])[] = [
  ['applicationEntities', 'registered AEs'],
  ['resources', 'resources'],
  ['bytes', 'bytes'],
];

export type StoredQuota = keyof Usage;

/** A request would take more than the quota of its CSE leaves. */
export class QuotaExceeded extends CseError {
  readonly quota: StoredQuota;

  /**
   * 5207: the code that the standard has for content that does not fit the capacity set for it (TS-0004 7.4.7, mbs of a
   * container). Others would mislead: 5000 says that a repeat helps, 4126 and 4128 blame rules for AE-IDs or a subscription.
   */
  constructor(quota: StoredQuota, what: string, limit: number) {
    super(
      Status.notAcceptable,
      `This CSE may hold at most ${limit} ${what} (quota): delete some, or ask its operator.`,
    );
    this.quota = quota;
  }
}

/** Whether decisions must know what the CSE has. */
export function boundsContent(quotas: Quotas | undefined): quotas is Quotas {
  return quotas !== undefined && stored.some(([quota]) => quotas[quota] !== undefined);
}

/** Throws {@link QuotaExceeded} if something would grow beyond its quota. What shrinks or stays is always let through. */
export function demandRoom(quotas: Quotas, used: Usage, growth: Usage): void {
  for (const [quota, what] of stored) {
    const limit = quotas[quota];
    if (limit !== undefined && growth[quota] > 0 && used[quota] + growth[quota] > limit) {
      throw new QuotaExceeded(quota, what, limit);
    }
  }
}

/** As {@link Usage} counts them. */
export function bytesOf(attributes: Attributes): number {
  return utf8Length(JSON.stringify(attributes));
}

/** `usage` becomes larger by `growth`, which may be negative. */
export function addUsage(usage: Usage, growth: Readonly<Usage>): void {
  usage.applicationEntities += growth.applicationEntities;
  usage.resources += growth.resources;
  usage.bytes += growth.bytes;
}
