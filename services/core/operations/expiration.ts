/** How long a resource lives (TS-0004 7.3.3.5, TS-0001 9.6.1.3.2; TS-0001 9.6.1.3). */
import type { CseDescription } from '../cse.ts';
import type { Change, Due, DueKind } from '../decision.ts';
import type { StoredResource } from '../resource.ts';
import { CseError, Status } from '../status-codes.ts';
import { formatTimestamp, parseTimestamp } from '../timestamps.ts';

export interface Life {
  /** ms since 1970. */
  expiresAt: number;
  /** `et`. */
  text: string;
}

/**
 * The life of a child that asks for `wanted` (an `et`; null or undefined: the CSE chooses). Never longer than the parent's or
 * than the CSE allows. Throws 4000 for a time in the past.
 */
export function lifeBelow(parent: StoredResource, wanted: unknown, cse: CseDescription, now: number): Life {
  const longest = Math.min(parent.expiresAt ?? Number.POSITIVE_INFINITY, now + cse.maximumLifetime);
  const unasked = cse.defaultLifetime === undefined ? longest : now + cse.defaultLifetime;
  const asked = typeof wanted === 'string' ? askedFor(wanted, now) : unasked;
  if (asked < longest) return { expiresAt: asked, text: formatTimestamp(asked) };
  // The text of the parent is at hand: most instances live as long as their container.
  const inherited = longest === parent.expiresAt ? parent.attributes.et : undefined;
  return { expiresAt: longest, text: typeof inherited === 'string' ? inherited : formatTimestamp(longest) };
}

function askedFor(text: string, now: number): number {
  const at = parseTimestamp(text);
  if (at === undefined) throw new CseError(Status.badRequest, 'et must be a UTC time such as 20250301T101500.');
  if (at <= now) throw new CseError(Status.badRequest, 'et is in the past.');
  return at;
}

export function dueOf(kind: DueKind, resource: { shard: number; cse: number; id: string }, at: number): Due {
  return { shard: resource.shard, cse: resource.cse, kind, id: resource.id, at };
}

export function putDue(kind: DueKind, resource: { shard: number; cse: number; id: string }, at: number): Change {
  return { kind: 'due', action: 'put', due: dueOf(kind, resource, at) };
}

export function dropDue(kind: DueKind, resource: { shard: number; cse: number; id: string }, at: number): Change {
  return { kind: 'due', action: 'drop', due: dueOf(kind, resource, at) };
}
