/** Descendants in tree order, as far as they match, may be seen, and fit (TS-0004 7.3.3.14, 7.3.3.17; R9, R13). */
import { AccessOperation } from '../access-control.ts';
import type { DescendantQuery } from '../decision.ts';
import { type Filter, matchesFilter, queryOf } from '../filter-criteria.ts';
import type { Counters, StoredResource } from '../resource.ts';
import { CseError, Status } from '../status-codes.ts';
import { isCseBase } from './find-parent.ts';
import type { RequestSituation } from './situation.ts';
import { Visibility } from './visibility.ts';

export interface Descendant {
  resource: StoredResource;
  counters?: Counters;
}

export interface Walk {
  found: Descendant[];
  /** The first that matched and was left out; undefined if that is not known, or if `found` is all. */
  following?: StoredResource;
  complete: boolean;
}

/** Most resources in one answer: `lim` may ask for less. */
export const maximumResults = 1000;

/** Pages that one request may look through; a search that needs more is refused rather than let others wait. */
const maximumPages = 9;
const longestPage = 2000;
const shortestPage = 100;

/** `fits` is asked of each result and ends the walk with false. */
export function walkDescendants(
  situation: RequestSituation,
  root: StoredResource,
  filter: Filter | undefined,
  isDiscovery: boolean,
  fits: (descendant: Descendant) => boolean,
): Walk {
  const maximum = Math.min(filter?.limit ?? maximumResults, maximumResults);
  const right = isDiscovery ? AccessOperation.discovery : AccessOperation.retrieve;
  const visibility = new Visibility(situation, root, right, isDiscovery);
  const found: Descendant[] = [];
  let skip = (filter?.offset ?? 1) - 1;
  let query = firstQuery(root, filter, skip + maximum + 1);
  for (let pages = 0; pages < maximumPages; pages++) {
    const page = situation.known.query(query);
    for (const resource of visibility.visible(page.resources)) {
      const counters = page.counters.get(resource.id);
      if (filter !== undefined && !matchesFilter(filter, resource, counters)) continue;
      if (skip-- > 0) continue;
      const descendant = counters === undefined ? { resource } : { resource, counters };
      if (found.length >= maximum || !fits(descendant)) return { found, following: resource, complete: false };
      found.push(descendant);
    }
    if (!page.more) return { found, complete: true };
    query = { ...query, afterPath: page.lastPath };
  }
  if (found.length === 0) {
    throw new CseError(
      Status.internalServerError,
      'There are too many resources below the target to look through: ask closer to what is sought, or narrow the filter.',
    );
  }
  return { found, complete: false };
}

function firstQuery(root: StoredResource, filter: Filter | undefined, wanted: number): DescendantQuery {
  const query: DescendantQuery = {
    cse: root.cse,
    rootId: root.id,
    ...(filter === undefined ? {} : queryOf(filter)),
    limit: Math.min(longestPage, Math.max(shortestPage, wanted)),
  };
  if (!isCseBase(root)) query.shard = root.shard;
  return query;
}
