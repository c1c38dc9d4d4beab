/** The calls of a flight for exchanges (R19) and queues of notifications (R23). */
import type { Exchange, PartitionCommit } from '../../ports/resource-store.ts';
import type { SqlCall, SqlValue } from '../../ports/sql-database.ts';
import { booleanArray, jsonTextArray, plainNumberArray as numbers, textArray as texts } from './array-literals.ts';
import * as sql from './flight-statements.ts';
import { DeliveryFolder, foldExchanges, type QueueKey } from './fold-deliveries.ts';

export function exchangeCalls(parts: readonly PartitionCommit[]): SqlCall[] {
  const changes = parts.flatMap(({ exchanges }) => exchanges);
  if (changes.length === 0) return [];
  const { put, removed } = foldExchanges(changes);
  const calls: SqlCall[] = put.map((exchange) => ({ statement: sql.putExchange, values: exchangeValues(exchange) }));
  if (removed.length > 0) {
    calls.push({
      statement: sql.removeExchanges,
      values: [
        numbers(removed.map(({ shard }) => shard)),
        numbers(removed.map(({ cse }) => cse)),
        texts(removed.map(({ id }) => id)),
      ],
    });
  }
  return calls;
}

function exchangeValues({ shard, cse, id, record, ...state }: Exchange): SqlValue[] {
  return [shard, cse, id, record, JSON.stringify(state)];
}

/** See `exchangeValues`. */
export function readExchange(row: readonly unknown[], at: number): Exchange {
  const state = JSON.parse(row[at + 4] as string) as Omit<Exchange, 'shard' | 'cse' | 'id' | 'record'>;
  return {
    shard: row[at] as number,
    cse: row[at + 1] as number,
    id: row[at + 2] as string,
    record: row[at + 3] as Buffer,
    ...state,
  };
}

export function deliveryCalls(parts: readonly PartitionCommit[]): SqlCall[] {
  const folder = new DeliveryFolder();
  let any = false;
  for (const { deliveries } of parts) {
    for (const change of deliveries) {
      folder.take(change);
      any = true;
    }
  }
  if (!any) return [];
  const { removed, targets, queued, acknowledged, arrived } = folder.fold();
  const calls: SqlCall[] = [];
  if (removed.length > 0) calls.push({ statement: sql.removeQueues, values: queueColumns(removed) });
  if (queued.length > 0) {
    const notes = queued.map(({ notification }) => notification);
    calls.push({
      statement: sql.queueNotes,
      values: [
        ...queueColumns(queued.map(({ key }) => key)),
        numbers(notes.map(({ number }) => number)),
        texts(notes.map(({ requestIdentifier }) => requestIdentifier)),
        numbers(notes.map(({ at }) => at)),
        jsonTextArray(notes.map(({ content }) => content)),
        booleanArray(notes.map(({ counts }) => counts)),
        booleanArray(notes.map((note) => note.arrived === true)),
        texts(notes.map(({ traceparent }) => traceparent ?? null)),
      ],
    });
  }
  if (arrived.length > 0) {
    const values = [...queueColumns(arrived.map(({ key }) => key)), numbers(arrived.map(({ number }) => number))];
    calls.push({ statement: sql.noteArrivals, values });
  }
  if (acknowledged.length > 0) {
    const values = [
      ...queueColumns(acknowledged.map(({ key }) => key)),
      numbers(acknowledged.map(({ below }) => below)),
    ];
    calls.push({ statement: sql.acknowledgeNotes, values });
  }
  if (targets.length > 0) {
    const keys = targets.map(({ shard, cse, subscription, target }) => ({ shard, cse, subscription, target }));
    calls.push({
      statement: sql.putTargets,
      values: [
        ...queueColumns(keys),
        texts(targets.map(({ address }) => address)),
        numbers(targets.map(({ next }) => next)),
        numbers(targets.map(({ sent }) => sent)),
        numbers(targets.map(({ acknowledged: acked }) => acked)),
        numbers(targets.map(({ failures }) => failures)),
        numbers(targets.map(({ retryAt }) => retryAt)),
        numbers(targets.map(({ dropped }) => dropped)),
      ],
    });
  }
  return calls;
}

function queueColumns(keys: readonly QueueKey[]): SqlValue[] {
  return [
    numbers(keys.map(({ shard }) => shard)),
    numbers(keys.map(({ cse }) => cse)),
    texts(keys.map(({ subscription }) => subscription)),
    numbers(keys.map(({ target }) => target)),
  ];
}
