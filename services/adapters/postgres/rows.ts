/** Rows of the table `resource` and back. */
import type { Attributes } from '../../core/primitives.ts';
import type { Counters, StoredResource } from '../../core/resource.ts';
import { parseTimestamp } from '../../core/timestamps.ts';

const names = [
  'shard',
  'cse',
  'ri',
  'pi',
  'rn',
  'ty',
  'anc',
  'path',
  'ver',
  'seq',
  'et',
  'size',
  'cr',
  'acpi',
  'lbl',
  'body',
  'hidden',
] as const;

/** How many columns {@link resourceColumns} are. */
export const resourceWidth = names.length;

/** For a select list, in the order that {@link readResource} reads. */
export function resourceColumns(alias: string): string {
  return names.map((name) => `${alias}.${name}`).join(', ');
}

export const counterColumns = (alias: string): string =>
  ['st', 'cni', 'cbs', 'next_seq', 'low_seq'].map((name) => `${alias}.${name}`).join(', ');

/** True for a row that is not under a mark of one of its ancestors (R13); marked rows themselves are not in the table. */
export const isAlive = (alias: string): string =>
  `not exists (select 1 from dead d where d.shard = ${alias}.shard and d.cse = ${alias}.cse` +
  ` and d.ri = any (string_to_array(${alias}.anc, '/')) and d.until >= ${alias}.ver)`;

/** `at`: where its columns begin in the row. */
export function readResource(row: readonly unknown[], at: number): StoredResource {
  const policyIds = row[at + 13] as string[] | null;
  const labels = row[at + 14] as string[] | null;
  const hidden = row[at + 16] as string | null;
  const resource: StoredResource = {
    shard: row[at] as number,
    cse: row[at + 1] as number,
    id: row[at + 2] as string,
    parentId: row[at + 3] as string,
    name: row[at + 4] as string,
    type: row[at + 5] as number,
    ancestors: row[at + 6] as string,
    path: row[at + 7] as string,
    version: row[at + 8] as number,
    sequence: row[at + 9] as number,
    expiresAt: row[at + 10] as number | null,
    size: row[at + 11] as number,
    creator: row[at + 12] as string,
    attributes: JSON.parse(row[at + 15] as string) as Attributes,
  };
  if (policyIds !== null) resource.policyIds = policyIds;
  if (labels !== null) resource.labels = labels;
  if (hidden !== null) resource.hidden = JSON.parse(hidden) as Attributes;
  return resource;
}

/** Undefined where there is no row of counters. */
export function readCounters(row: readonly unknown[], at: number): Counters | undefined {
  if (row[at] === null) return undefined;
  return {
    stateTag: row[at] as number,
    instances: row[at + 1] as number,
    bytes: row[at + 2] as number,
    nextSequence: row[at + 3] as number,
    lowestSequence: row[at + 4] as number,
  };
}

/** Reads creation times for a column; instances of one batch mostly have the same. */
export function creationTimes(): (resource: StoredResource) => number {
  let known: unknown;
  let at = 0;
  return ({ attributes: { ct } }) => {
    if (ct !== known) {
      known = ct;
      at = typeof ct === 'string' ? (parseTimestamp(ct) ?? 0) : 0;
    }
    return at;
  };
}
