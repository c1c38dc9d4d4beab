/** The conditions of a filter, and how a resource meets them (TS-0004 7.3.3.17). */
import { matchesPattern } from './identifiers.ts';
import { isVerbatimJson } from './primitives.ts';
import type { Counters, StoredResource } from './resource.ts';
import { parseTimestamp } from './timestamps.ts';

/** Several values of one tag are alternatives; instants are ms since 1970. */
export interface FilterConditions {
  createdBefore?: number;
  createdAfter?: number;
  modifiedSince?: number;
  unmodifiedSince?: number;
  stateTagSmaller?: number;
  stateTagBigger?: number;
  expireBefore?: number;
  expireAfter?: number;
  sizeAbove?: number;
  sizeBelow?: number;
  labels?: string[];
  types?: number[];
  contentTypes?: string[];
  attributes?: { name: string; value: string }[];
}

export type FilterTest = (resource: StoredResource, counters: Counters | undefined) => boolean;

const contentInstanceType = 4;

/** One test for each tag that is there. A missing value never meets a condition. */
export function testsOf(conditions: FilterConditions): FilterTest[] {
  const tests: FilterTest[] = [];
  const below = (limit: number | undefined, read: Reader) => {
    if (limit !== undefined) tests.push((resource, counters) => (read(resource, counters) ?? Number.NaN) < limit);
  };
  const from = (limit: number | undefined, read: Reader) => {
    if (limit !== undefined) tests.push((resource, counters) => (read(resource, counters) ?? Number.NaN) >= limit);
  };
  below(conditions.createdBefore, creationTime);
  from(conditions.createdAfter, creationTime);
  below(conditions.unmodifiedSince, modificationTime);
  from(conditions.modifiedSince, modificationTime);
  below(conditions.expireBefore, expirationTime);
  from(conditions.expireAfter, expirationTime);
  below(conditions.stateTagSmaller, stateTag);
  from(conditions.stateTagBigger, stateTag);
  below(conditions.sizeBelow, contentSize);
  from(conditions.sizeAbove, contentSize);
  const { labels, types, contentTypes, attributes } = conditions;
  if (types !== undefined) tests.push(({ type }) => types.includes(type));
  if (labels !== undefined) tests.push((resource) => labels.some((label) => resource.labels?.includes(label)));
  if (contentTypes !== undefined) tests.push((resource) => contentTypes.includes(mediaType(resource)));
  if (attributes !== undefined) {
    tests.push((resource, counters) =>
      attributes.some(({ name, value }) => attributeMatches(attributeOf(resource, counters, name), value)),
    );
  }
  return tests;
}

type Reader = (resource: StoredResource, counters: Counters | undefined) => number | undefined;

const creationTime: Reader = ({ attributes }) => timeIn(attributes.ct);
const modificationTime: Reader = ({ attributes }) => timeIn(attributes.lt);
const expirationTime: Reader = ({ expiresAt }) => expiresAt ?? undefined;
const contentSize: Reader = ({ type, size }) => (type === contentInstanceType ? size : undefined);
const stateTag: Reader = ({ attributes }, counters) => counters?.stateTag ?? (attributes.st as number | undefined);

function timeIn(value: unknown): number | undefined {
  return typeof value === 'string' ? parseTimestamp(value) : undefined;
}

/** Of `text/plain:0` the part before the colon. */
function mediaType({ attributes }: StoredResource): string {
  const { cnf } = attributes;
  return typeof cnf === 'string' ? cnf.split(':', 1)[0]! : '';
}

function attributeOf(resource: StoredResource, counters: Counters | undefined, name: string): unknown {
  if (counters !== undefined && name === 'cni') return counters.instances;
  if (counters !== undefined && name === 'cbs') return counters.bytes;
  return Object.hasOwn(resource.attributes, name) ? resource.attributes[name] : undefined;
}

/** Numbers and booleans are compared by their text, since XML has no other; of a list any value may match. */
function attributeMatches(value: unknown, pattern: string): boolean {
  if (value === undefined || value === null) return false;
  if (typeof value === 'string') return matchesPattern(pattern, value);
  if (Array.isArray(value)) return value.some((item) => attributeMatches(item, pattern));
  if (isVerbatimJson(value)) return matchesPattern(pattern, value.$json);
  return typeof value === 'object' ? false : matchesPattern(pattern, String(value));
}
