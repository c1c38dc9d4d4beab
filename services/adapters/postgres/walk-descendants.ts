/**
 * Pages of descendants in tree order (R13): portion after portion, each of bounded cost whatever the conditions are, until the
 * page is full, the tree at its end, or the time is up. Then the page says how far it came, and the next goes on behind it.
 */
import type { DescendantQuery, QueryPage } from '../../core/decision.ts';
import type { SqlSession, SqlValue } from '../../ports/sql-database.ts';
import { plainNumberArray as numbers, textArray as texts } from './array-literals.ts';
import { findRoot, listFirstLevel, walkOn } from './descendant-statements.ts';
import { readCounters, readResource, resourceWidth } from './rows.ts';

const instanceType = 4;
const deepest = 1_000_000;
/** Most resources looked at in one statement, and first-level subtrees. */
const largestPortion = 4000;
const subtreesAtOnce = 100;

export interface WalkTerms {
  /** For what has expired, ms since 1970. */
  now: number;
  /** True when the time of the query is up. */
  isOver(): boolean;
}

/** Roots of one portion: below the root of the query, or some first-level children of the CSEBase themselves. */
interface Roots {
  shards: number[];
  ids: string[];
  depth: 0 | 1;
}

export async function walkDescendants(
  session: SqlSession,
  query: DescendantQuery,
  terms: WalkTerms,
): Promise<QueryPage> {
  const page: QueryPage = { resources: [], counters: new Map(), more: false, lastPath: query.afterPath ?? '' };
  if (query.level !== undefined && query.level < 1) return page;
  if (query.shard === undefined) await walkAll(session, query, terms, page);
  else {
    const call = { statement: findRoot, values: [query.shard, query.cse, query.rootId] };
    const [found] = await session.run([call]);
    if (found?.rows.length === 1) {
      await walkBelow(session, query, { shards: [query.shard], ids: [query.rootId], depth: 0 }, terms, page);
    }
  }
  return page;
}

/** Below the CSEBase: some first-level subtrees at a time, since there may be very many. */
async function walkAll(session: SqlSession, query: DescendantQuery, terms: WalkTerms, page: QueryPage): Promise<void> {
  const [firstOfPath = ''] = page.lastPath.split('/');
  for (let from: string | undefined = firstOfPath; from !== undefined; ) {
    const values = [query.cse, from, subtreesAtOnce + 1];
    const [listed] = await session.run([{ statement: listFirstLevel, values }]);
    const rows = (listed?.rows ?? []) as [number, string, string][];
    const subtrees = rows.slice(0, subtreesAtOnce);
    const roots: Roots = { shards: subtrees.map(([shard]) => shard), ids: subtrees.map(([, id]) => id), depth: 1 };
    const before = page.lastPath;
    if (!(await walkBelow(session, query, roots, terms, page))) return;
    // The path of a first-level child is its name.
    from = rows[subtreesAtOnce]?.[2];
    page.more = from !== undefined && terms.isOver() && page.lastPath !== before;
    if (page.more) return;
  }
}

/** False when the page is full or the time is up: `page.more` says so then. */
async function walkBelow(
  session: SqlSession,
  query: DescendantQuery,
  roots: Roots,
  terms: WalkTerms,
  page: QueryPage,
): Promise<boolean> {
  for (;;) {
    const [answer] = await session.run([
      { statement: walkOn, values: walkValues(query, roots, terms.now, page.lastPath) },
    ]);
    const rows = answer?.rows ?? [];
    const [total, lookedAtLast] = (rows[0] ?? [0, null]) as [number, string | null];
    for (const row of rows) {
      if (row[2] === null) break;
      if (page.resources.length === query.limit) {
        page.more = true;
        return false;
      }
      addTo(page, row);
    }
    if (lookedAtLast !== null) page.lastPath = lookedAtLast;
    if (total < portionOf(query)) return true;
    if (terms.isOver()) {
      page.more = true;
      return false;
    }
  }
}

function addTo(page: QueryPage, row: unknown[]): void {
  const resource = readResource(row, 2);
  const counters = readCounters(row, 2 + resourceWidth);
  page.resources.push(resource);
  if (counters !== undefined) page.counters.set(resource.id, counters);
  page.lastPath = resource.path;
}

/** Where every resource fits the conditions, one more than the page holds is enough. */
function portionOf({ types, labels, createdAfter, createdBefore, limit }: DescendantQuery): number {
  const everyFits = (types ?? labels ?? createdAfter ?? createdBefore) === undefined;
  return everyFits ? Math.min(limit + 1, largestPortion) : largestPortion;
}

function walkValues(query: DescendantQuery, roots: Roots, now: number, behind: string): SqlValue[] {
  const { types, labels, createdAfter, createdBefore, level = deepest } = query;
  return [
    numbers(roots.shards),
    numbers(roots.shards.map(() => query.cse)),
    texts(roots.ids),
    numbers(roots.shards.map(() => roots.depth)),
    level,
    behind,
    now,
    types === undefined ? null : numbers(types),
    labels === undefined ? null : texts(labels),
    portionOf(query),
    createdAfter ?? null,
    createdBefore ?? null,
    types === undefined || types.includes(instanceType),
  ];
}
