/** Answering the needs of a batch (R9): a statement for each kind of need, all from one snapshot. */
import type { Need } from '../../core/decision.ts';
import { shardOfDirectoryEntry } from '../../core/sharding.ts';
import type { Fact } from '../../ports/resource-store.ts';
import type { SqlCall, SqlResult, SqlStatement, SqlValue } from '../../ports/sql-database.ts';
import { numberArray, plainNumberArray as numbers, textArray as texts } from './array-literals.ts';
import * as sql from './load-statements.ts';
import { readCounters, readResource, resourceWidth } from './rows.ts';

type PlainNeed = Exclude<Need, { kind: 'query' }>;

/** A need with its position in the question. */
interface Asked<Kind extends Need['kind']> {
  ord: number;
  need: Extract<Need, { kind: Kind }>;
}

/** One call, and what its answer says about the needs that it asks for. */
interface Question {
  call: SqlCall;
  answer(result: SqlResult, facts: Fact[]): void;
}

/** The calls for all needs but queries; fills in `facts` what is said where nothing is found. */
export function questionsOf(needs: readonly Need[], facts: Fact[]): Question[] {
  const byKind = new Map<Need['kind'], Asked<Need['kind']>[]>();
  needs.forEach((need, ord) => {
    if (need.kind === 'query') return;
    facts[ord] = unknownFact(need);
    const group = need.kind === 'path' ? 'resource' : need.kind;
    const asked = byKind.get(group);
    if (asked === undefined) byKind.set(group, [{ ord, need }]);
    else asked.push({ ord, need });
  });
  return [...byKind].map(([kind, asked]) => questionOf(kind, asked));
}

function unknownFact(need: PlainNeed): Fact {
  switch (need.kind) {
    case 'resource':
    case 'path':
    case 'latest':
    case 'oldest':
      return { kind: need.kind, found: null };
    case 'oldestInstances':
      return { kind: 'oldestInstances', instances: [] };
    case 'cut':
      return { kind: 'cut', lowestSequence: 0, instances: 0, bytes: 0 };
    case 'aeHome':
      return { kind: 'aeHome', home: null };
    case 'latestChildExpiry':
      return { kind: 'latestChildExpiry', at: null };
  }
}

function questionOf(kind: Need['kind'], asked: Asked<Need['kind']>[]): Question {
  switch (kind) {
    case 'latest':
    case 'oldest':
      return edgeQuestion(kind, asked as Asked<'latest' | 'oldest'>[]);
    case 'oldestInstances':
      return oldestQuestion(asked as Asked<'oldestInstances'>[]);
    case 'cut':
      return cutQuestion(asked as Asked<'cut'>[]);
    case 'aeHome':
      return aeHomeQuestion(asked as Asked<'aeHome'>[]);
    case 'latestChildExpiry':
      return question(sql.loadLatestChildExpiries, parentValues(asked as Asked<'latestChildExpiry'>[]), (row) => ({
        kind: 'latestChildExpiry',
        at: row[1] as number | null,
      }));
    default:
      return resourceQuestion(asked as Asked<'resource' | 'path'>[]);
  }
}

/** Each row is a fact. */
function question(statement: SqlStatement, values: SqlValue[], read: (row: unknown[]) => Fact): Question {
  return {
    call: { statement, values },
    answer({ rows }, facts) {
      for (const row of rows) facts[row[0] as number] = read(row);
    },
  };
}

function resourceQuestion(asked: Asked<'resource' | 'path'>[]): Question {
  const values = [
    numbers(asked.map(({ ord }) => ord)),
    numbers(asked.map(({ need }) => need.shard)),
    numbers(asked.map(({ need }) => need.cse)),
    texts(asked.map(({ need }) => (need.kind === 'resource' ? need.id : null))),
    texts(asked.map(({ need }) => (need.kind === 'path' ? need.path : null))),
    texts(asked.map(({ need }) => (need.kind === 'path' ? parentPath(need.path) : null))),
    texts(asked.map(({ need }) => (need.kind === 'path' ? need.path.slice(need.path.lastIndexOf('/') + 1) : null))),
  ];
  return {
    call: { statement: sql.loadResources, values },
    answer({ rows }, facts) {
      for (const row of rows) {
        const fact = facts[row[0] as number];
        if (fact?.kind !== 'resource' && fact?.kind !== 'path') continue;
        const resource = readResource(row, 2);
        if (row[1] === 1) fact.found?.subscriptions.push(resource);
        else {
          const counters = readCounters(row, 2 + resourceWidth);
          const version = row[7 + resourceWidth] as number | null;
          fact.found = {
            resource,
            subscriptions: [],
            ...(counters === undefined ? {} : { counters }),
            ...(version === null ? {} : { baseSubscriptionsVersion: version }),
          };
        }
      }
    },
  };
}

/** Null for a first-level child, which is no instance. */
function parentPath(path: string): string | null {
  const end = path.lastIndexOf('/');
  return end < 0 ? null : path.slice(0, end);
}

function edgeQuestion(kind: 'latest' | 'oldest', asked: Asked<'latest' | 'oldest'>[]): Question {
  const values = [...parentValues(asked), numbers(asked.map(({ need }) => need.now))];
  const statement = kind === 'latest' ? sql.loadLatest : sql.loadOldest;
  return question(statement, values, (row) => ({ kind, found: readResource(row, 1) }));
}

function oldestQuestion(asked: Asked<'oldestInstances'>[]): Question {
  const values = [...parentValues(asked), numbers(asked.map(({ need }) => need.count))];
  return {
    call: { statement: sql.loadOldestInstances, values },
    answer({ rows }, facts) {
      for (const [ord, id, sequence, size, expiresAt] of rows as [number, string, number, number, number | null][]) {
        const fact = facts[ord];
        if (fact?.kind === 'oldestInstances') fact.instances.push({ id, sequence, size, expiresAt });
      }
    },
  };
}

function cutQuestion(asked: Asked<'cut'>[]): Question {
  const values = [
    ...parentValues(asked),
    numberArray(asked.map(({ need }) => need.keepCount ?? null)),
    numberArray(asked.map(({ need }) => need.keepBytes ?? null)),
  ];
  return question(sql.loadCuts, values, (row) => ({
    kind: 'cut',
    lowestSequence: row[1] as number,
    instances: row[2] as number,
    bytes: row[3] as number,
  }));
}

function aeHomeQuestion(asked: Asked<'aeHome'>[]): Question {
  const values = [
    numbers(asked.map(({ ord }) => ord)),
    numbers(asked.map(({ need }) => shardOfDirectoryEntry(need.cse, need.aeId))),
    numbers(asked.map(({ need }) => need.cse)),
    texts(asked.map(({ need }) => need.aeId)),
  ];
  return question(sql.loadAeHomes, values, (row) => ({ kind: 'aeHome', home: row[1] as number }));
}

function parentValues(
  asked: { ord: number; need: { cse: number; shard: number; parentId: string } }[],
): [string, string, string, string] {
  return keyValues(asked.map(({ ord, need }) => ({ ord, cse: need.cse, shard: need.shard, id: need.parentId })));
}

export function keyValues(
  keys: readonly { ord: number; cse: number; shard: number; id: string }[],
): [string, string, string, string] {
  return [
    numbers(keys.map(({ ord }) => ord)),
    numbers(keys.map(({ shard }) => shard)),
    numbers(keys.map(({ cse }) => cse)),
    texts(keys.map(({ id }) => id)),
  ];
}
