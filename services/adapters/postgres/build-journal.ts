/** Journal rows of a flight (R3, R17): all bytes in one value, so that they go as they are. */
import type { PartitionCommit } from '../../ports/resource-store.ts';
import type { SqlCall } from '../../ports/sql-database.ts';
import { plainNumberArray as numbers, textArray as texts } from './array-literals.ts';
import { putJournal } from './flight-statements.ts';

/** Parts of the journal, each an hour long: a ring. */
export const journalSlots = 23;
export const slotLength = 3_600_000;

export function slotOf(at: number): number {
  const hour = Math.floor(at / slotLength) % journalSlots;
  return hour < 0 ? hour + journalSlots : hour;
}

export function journalCall(generation: number, parts: readonly PartitionCommit[]): SqlCall | undefined {
  const rows = parts.flatMap(({ partition, journal }) => (journal === undefined ? [] : [{ partition, ...journal }]));
  if (rows.length === 0) return undefined;
  const keys = packed(rows.map((row) => row.keys));
  const out = packed(rows.map((row) => row.out));
  return {
    statement: putJournal,
    values: [
      generation,
      keys.bytes,
      out.bytes,
      numbers(rows.map(({ at }) => slotOf(at))),
      numbers(rows.map(({ partition }) => partition)),
      numbers(rows.map(({ version }) => version)),
      numbers(rows.map(({ at }) => at)),
      keys.starts,
      keys.lengths,
      out.starts,
      out.lengths,
      texts(rows.map(({ replies }) => numbers(replies))),
    ],
  };
}

/** Offsets count from 1, as SQL does. */
function packed(values: readonly Buffer[]): { bytes: Buffer; starts: string; lengths: string } {
  let start = 1;
  const starts = values.map(({ length }) => {
    const at = start;
    start += length;
    return at;
  });
  return {
    bytes: values.length === 1 && values[0] !== undefined ? values[0] : Buffer.concat(values),
    starts: numbers(starts),
    lengths: numbers(values.map(({ length }) => length)),
  };
}
