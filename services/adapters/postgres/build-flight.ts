/** A flight as the calls to send (R11): the guard, one statement for each kind of change that there is, the journal. */
import type { Due } from '../../core/decision.ts';
import type { ResourceKey, StoredResource } from '../../core/resource.ts';
import type { PartitionCommit } from '../../ports/resource-store.ts';
import type { SqlCall, SqlStatement, SqlValue } from '../../ports/sql-database.ts';
import { jsonTextArray, numberArray, plainNumberArray as numbers, textArray as texts } from './array-literals.ts';
import { deliveryCalls, exchangeCalls } from './build-deliveries.ts';
import { journalCall } from './build-journal.ts';
import * as sql from './flight-statements.ts';
import { FlightUsage } from './flight-usage.ts';
import type { FoldedChanges } from './fold-changes.ts';
import { creationTimes } from './rows.ts';

/** Without begin and commit. */
export function flightCalls(generation: number, parts: readonly PartitionCommit[], folded: FoldedChanges): SqlCall[] {
  const calls = [guardCall(generation, parts, folded), ...changeCalls(generation, folded)];
  calls.push(...exchangeCalls(parts), ...deliveryCalls(parts));
  const seen = parts.flatMap(({ partition, seen: each }) => each.map((of) => ({ partition, ...of })));
  push(calls, sql.putSeen, seen, (rows) => [
    generation,
    numbers(rows.map(({ partition }) => partition)),
    numbers(rows.map(({ source }) => source)),
    numbers(rows.map(({ version }) => version)),
    numbers(rows.map(({ index }) => index)),
  ]);
  const journal = journalCall(generation, parts);
  if (journal !== undefined) calls.push(journal);
  return calls;
}

/** Adds a call if there are rows for it. */
export function push<Row>(
  calls: SqlCall[],
  statement: SqlStatement,
  rows: readonly Row[],
  values: (rows: readonly Row[]) => SqlValue[],
): void {
  if (rows.length > 0) calls.push({ statement, values: values(rows) });
}

function guardCall(
  generation: number,
  parts: readonly PartitionCommit[],
  { bases, freed, taken }: FoldedChanges,
): SqlCall {
  const relied = parts.flatMap(({ partition, relied: rows }) => rows.map((row) => ({ partition, ...row })));
  const base = parts.flatMap(({ partition, reliedBaseSubscriptions: rows }) =>
    rows.map((row) => ({ partition, ...row })),
  );
  return {
    statement: sql.guard,
    values: [
      generation,
      numbers(parts.map(({ partition }) => partition)),
      numbers(parts.map(({ version }) => version)),
      numbers(parts.map(({ first }) => first)),
      numbers(parts.map(({ next }) => next)),
      texts(parts.map(({ batch }) => batch)),
      numbers(parts.map(({ emitted }) => emitted)),
      numbers(parts.map(({ logTime }) => logTime)),
      numbers(parts.map(({ lastTimestamp }) => lastTimestamp)),
      numbers(relied.map(({ partition }) => partition)),
      ...keyColumns(relied),
      numbers(relied.map(({ version }) => version)),
      numbers(base.map(({ partition }) => partition)),
      numbers(base.map(({ cse }) => cse)),
      numbers(base.map(({ version }) => version)),
      numbers([...bases]),
      ...keyColumns(freed),
      numbers(freed.map(({ home }) => home)),
      numbers(taken.map(({ part }) => part)),
      ...keyColumns(taken),
      numbers(taken.map(({ home }) => home)),
    ],
  };
}

function keyColumns(keys: readonly ResourceKey[]): [string, string, string] {
  return [
    numbers(keys.map(({ shard }) => shard)),
    numbers(keys.map(({ cse }) => cse)),
    texts(keys.map(({ id }) => id)),
  ];
}

/** See {@link FoldedChanges} for the order. */
function changeCalls(generation: number, folded: FoldedChanges): SqlCall[] {
  const calls: SqlCall[] = [];
  const usage = new FlightUsage(folded);
  const counted = (keys: readonly ResourceKey[]) => {
    usage.touch(keys);
    return [usage.partsOf(keys), generation];
  };
  const insert = (rows: readonly StoredResource[]) => {
    const bodies = rows.map(bodyOf);
    usage.insert(rows, bodies);
    return insertValues(rows, bodies);
  };
  push(calls, sql.removeResources, folded.removals, (rows) => [
    ...keyColumns(rows),
    numbers(rows.map(({ version }) => version)),
    ...counted(rows),
  ]);
  push(calls, sql.updateResources, folded.updates, (rows) => [...updateValues(rows), ...counted(rows)]);
  push(calls, sql.insertResources, folded.inserts, insert);
  push(calls, sql.markResources, folded.marks, (rows) => {
    const keys = rows.map(({ resource }) => resource);
    return [...keyColumns(keys), numbers(rows.map(({ until }) => until)), ...counted(keys)];
  });
  push(calls, sql.insertResources, folded.returns, insert);
  push(calls, sql.evictInstances, folded.evictions, (rows) => [
    ...floorValues(rows),
    ...counted(rows.map(({ key }) => key)),
  ]);
  const usageCall = usage.call(generation);
  if (usageCall !== undefined) calls.push(usageCall);
  push(calls, sql.raiseFloors, folded.floors, floorValues);
  push(calls, sql.putCounters, folded.counters, (rows) => [
    ...keyColumns(rows.map(({ key }) => key)),
    numbers(rows.map(({ counters }) => counters.stateTag)),
    numbers(rows.map(({ counters }) => counters.instances)),
    numbers(rows.map(({ counters }) => counters.bytes)),
    numbers(rows.map(({ counters }) => counters.nextSequence)),
    numbers(rows.map(({ counters }) => counters.lowestSequence)),
  ]);
  push(calls, sql.dropDue, folded.drops, dueValues);
  push(calls, sql.putDue, folded.puts, dueValues);
  return calls;
}

function floorValues(rows: readonly { key: ResourceKey; below: number }[]): SqlValue[] {
  return [...keyColumns(rows.map(({ key }) => key)), numbers(rows.map(({ below }) => below))];
}

function dueValues(rows: readonly Due[]): SqlValue[] {
  return [
    numbers(rows.map(({ shard }) => shard)),
    numbers(rows.map(({ at }) => at)),
    numbers(rows.map(({ cse }) => cse)),
    texts(rows.map(({ kind }) => kind)),
    texts(rows.map(({ id }) => id)),
  ];
}

function updateValues(rows: readonly StoredResource[]): SqlValue[] {
  return [
    ...keyColumns(rows),
    numbers(rows.map(({ version }) => version)),
    numberArray(rows.map(({ expiresAt }) => expiresAt)),
    numbers(rows.map(({ size }) => size)),
    texts(rows.map(({ creator }) => creator)),
    ...bodyColumns(rows, rows.map(bodyOf)),
  ];
}

/** `bodies`: of each row, see {@link bodyOf}. */
export function insertValues(rows: readonly StoredResource[], bodies: readonly string[]): SqlValue[] {
  return [
    ...keyColumns(rows),
    texts(rows.map(({ parentId }) => parentId)),
    texts(rows.map(({ name }) => name)),
    numbers(rows.map(({ type }) => type)),
    texts(rows.map(({ ancestors }) => ancestors)),
    texts(rows.map(({ path }) => path)),
    numbers(rows.map(({ version }) => version)),
    numbers(rows.map(({ sequence }) => sequence)),
    numberArray(rows.map(({ expiresAt }) => expiresAt)),
    numbers(rows.map(({ size }) => size)),
    numbers(rows.map(creationTimes())),
    texts(rows.map(({ creator }) => creator)),
    ...bodyColumns(rows, bodies),
  ];
}

/** The attributes as they are stored. */
export function bodyOf({ attributes }: StoredResource): string {
  return JSON.stringify(attributes);
}

/** acpi, lbl, body, hidden. Arrays inside of rows are texts, since `unnest` would take them apart. */
function bodyColumns(rows: readonly StoredResource[], bodies: readonly string[]): [string, string, string, string] {
  return [
    texts(rows.map(({ policyIds }) => (policyIds === undefined ? null : texts(policyIds)))),
    texts(rows.map(({ labels }) => (labels === undefined ? null : texts(labels)))),
    jsonTextArray(bodies),
    jsonTextArray(rows.map(({ hidden }) => (hidden === undefined ? null : JSON.stringify(hidden)))),
  ];
}
