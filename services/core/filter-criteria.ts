/** Filter criteria (TS-0004 6.3.5.8, 7.3.3.17): read once into a filter, then asked of resources. */
import type { DescendantQuery } from './decision.ts';
import { type FilterConditions, type FilterTest, testsOf } from './filter-tests.ts';
import { Limits } from './limits.ts';
import type { FilterCriteria } from './primitives.ts';
import type { Counters, StoredResource } from './resource.ts';
import { isKnownResourceType } from './resource-types/known-types.ts';
import { CseError, Status } from './status-codes.ts';
import { parseAbsoluteOrRelative } from './timestamps.ts';

export interface Filter {
  /** 1 discovery, 2 conditional operation, which is also meant where it is absent. */
  usage?: 1 | 2;
  operation: 'and' | 'or';
  /** Most results. */
  limit?: number;
  /** First result, counted from 1. */
  offset?: number;
  /** Deepest level below the target, 1 = direct children. */
  level?: number;
  /** Path to be appended to each match. */
  applyRelativePath?: string;
  conditions: FilterConditions;
  /** One for each tag that is a condition. */
  tests: readonly FilterTest[];
}

/** Attributes that have tags of their own (TS-0004 7.3.3.17.9). */
const ownTags = new Set(['ct', 'lt', 'st', 'et', 'lbl', 'ty', 'cs', 'cnf']);

/** Tags of the standard that this CSE does not evaluate yet. */
const unsupportedTags = new Set(['lbq', 'clbl', 'palb', 'chty', 'pty', 'catr', 'patr', 'smf', 'cfs', 'cfq']);

/** Instances stand a level below the deepest container. */
const deepestLevel = Limits.treeLevels + 1;

type Reader = (filter: Filter, value: unknown, tag: string, receivedAt: number) => void;

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['fu', readUsage],
  ['fo', readOperation],
  ['lim', number(0, (filter, value) => (filter.limit = value))],
  ['ofst', number(1, (filter, value) => (filter.offset = value))],
  ['lvl', number(1, (filter, value) => (filter.level = value))],
  ['arp', readRelativePath],
  ['crb', instant((conditions, value) => (conditions.createdBefore = value))],
  ['cra', instant((conditions, value) => (conditions.createdAfter = value))],
  ['ms', instant((conditions, value) => (conditions.modifiedSince = value))],
  ['us', instant((conditions, value) => (conditions.unmodifiedSince = value))],
  ['exb', instant((conditions, value) => (conditions.expireBefore = value))],
  ['exa', instant((conditions, value) => (conditions.expireAfter = value))],
  ['sts', number(1, ({ conditions }, value) => (conditions.stateTagSmaller = value))],
  ['stb', number(0, ({ conditions }, value) => (conditions.stateTagBigger = value))],
  ['sza', number(0, ({ conditions }, value) => (conditions.sizeAbove = value))],
  ['szb', number(1, ({ conditions }, value) => (conditions.sizeBelow = value))],
  ['lbl', texts((conditions, value) => (conditions.labels = value))],
  ['cty', texts((conditions, value) => (conditions.contentTypes = value))],
  ['ty', readTypes],
  ['atr', readAttributes],
]);

/**
 * Reads `fc`. Relative instants count from `receivedAt` (ms). Throws a CseError: 4000 for what is malformed or unknown, 5001 for
 * what this CSE does not evaluate.
 */
export function readFilterCriteria(criteria: FilterCriteria, base: { receivedAt: number }): Filter {
  const filter: Filter = { operation: 'and', conditions: {}, tests: [] };
  let unsupported: string | undefined;
  for (const tag in criteria) {
    const value = criteria[tag];
    if (value === undefined) continue;
    const read = readers.get(tag);
    if (read !== undefined) read(filter, value, tag, base.receivedAt);
    else if (unsupportedTags.has(tag)) unsupported ??= `fc.${tag}`;
    else throw refuse(`fc has no member ${tag.slice(0, 40)}.`);
  }
  if (unsupported !== undefined)
    throw new CseError(Status.notImplemented, `This CSE does not evaluate ${unsupported}.`);
  return { ...filter, tests: testsOf(filter.conditions) };
}

function refuse(text: string): CseError {
  return new CseError(Status.badRequest, text);
}

function readUsage(filter: Filter, value: unknown, tag: string): void {
  if (value === 1 || value === 2) filter.usage = value;
  else throw outOfStandard(tag, value, [3, 4], '1 (discovery) or 2 (conditional operation)');
}

function readOperation(filter: Filter, value: unknown, tag: string): void {
  if (value === 1 || value === 2) filter.operation = value === 1 ? 'and' : 'or';
  else throw outOfStandard(tag, value, [3], '1 (AND) or 2 (OR)');
}

/** 5001 for values that the standard has and this CSE has not. */
function outOfStandard(tag: string, value: unknown, known: unknown[], expected: string): CseError {
  return known.includes(value)
    ? new CseError(Status.notImplemented, `This CSE does not have fc.${tag} ${String(value)}.`)
    : refuse(`fc.${tag} must be ${expected}.`);
}

function readRelativePath(filter: Filter, value: unknown, tag: string): void {
  if (typeof value !== 'string' || value === '') throw refuse(`fc.${tag} must be a path.`);
  filter.applyRelativePath = value;
}

function number(minimum: number, store: (filter: Filter, value: number) => void): Reader {
  return (filter, value, tag) => {
    if (!Number.isSafeInteger(value) || (value as number) < minimum) {
      throw refuse(`fc.${tag} must be an integer from ${minimum} on.`);
    }
    store(filter, value as number);
  };
}

function instant(store: (conditions: FilterConditions, value: number) => void): Reader {
  return ({ conditions }, value, tag, receivedAt) => {
    const at = typeof value === 'string' ? parseAbsoluteOrRelative(value, receivedAt) : undefined;
    if (at === undefined) throw refuse(`fc.${tag} must be a UTC time such as 20250301T101500.`);
    store(conditions, at);
  };
}

function texts(store: (conditions: FilterConditions, value: string[]) => void): Reader {
  return ({ conditions }, value, tag) => {
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
      throw refuse(`fc.${tag} must be an array of strings.`);
    }
    store(conditions, value);
  };
}

function readTypes({ conditions }: Filter, value: unknown, tag: string): void {
  if (!Array.isArray(value) || !value.every((item) => typeof item === 'number' && isKnownResourceType(item))) {
    throw refuse(`fc.${tag} must be an array of numbers of resource types.`);
  }
  conditions.types = value;
}

function readAttributes({ conditions }: Filter, value: unknown, tag: string): void {
  if (!Array.isArray(value)) throw refuse(`fc.${tag} must be an array of objects with nm and val.`);
  conditions.attributes = value.map((item: { nm?: unknown; val?: unknown } | null) => {
    const wanted = item?.val;
    if (typeof item?.nm !== 'string' || typeof wanted === 'object' || wanted === undefined) {
      throw refuse(`fc.${tag} must hold objects with nm (a name) and val (a simple value).`);
    }
    if (ownTags.has(item.nm))
      throw refuse(`fc.${tag} cannot ask for ${item.nm}: there is a condition of its own for it.`);
    return { name: item.nm, value: String(wanted) };
  });
}

/** Whether a resource meets the conditions: all of them, or with `fo` 2 any. A filter without conditions matches everything. */
export function matchesFilter(filter: Filter, resource: StoredResource, counters?: Counters): boolean {
  const { tests } = filter;
  if (tests.length === 0) return true;
  if (filter.operation === 'or') return tests.some((test) => test(resource, counters));
  for (const test of tests) if (!test(resource, counters)) return false;
  return true;
}

/** What the store can narrow a query by. With OR only the depth: any other condition may be the one that does not hold. */
export function queryOf(
  filter: Filter,
): Pick<DescendantQuery, 'types' | 'labels' | 'createdAfter' | 'createdBefore' | 'level'> {
  const { conditions, level } = filter;
  const query: ReturnType<typeof queryOf> = {};
  // Deeper than any tree, and within what a store can count with.
  if (level !== undefined) query.level = Math.min(level, deepestLevel);
  if (filter.operation === 'or') return query;
  if (conditions.types !== undefined) query.types = conditions.types;
  if (conditions.labels !== undefined) query.labels = conditions.labels;
  if (conditions.createdAfter !== undefined) query.createdAfter = conditions.createdAfter;
  if (conditions.createdBefore !== undefined) query.createdBefore = conditions.createdBefore;
  return query;
}
