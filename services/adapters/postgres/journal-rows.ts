/** Rows of the journal as they are read back (R17, R25). */
import type { JournalRow } from '../../ports/resource-store.ts';

const keyEntryLength = 18;
const keyLength = 16;

/** `{1,-1}`, as the database writes it. */
export function readReplies(text: string): number[] {
  return text === '{}' ? [] : text.slice(1, -1).split(',').map(Number);
}

/** Columns version, at, keys, refs. */
export function readWindowRow(row: readonly unknown[]): Omit<JournalRow, 'out'> {
  return {
    version: row[0] as number,
    at: row[1] as number,
    keys: row[2] as Buffer,
    replies: readReplies(row[3] as string),
  };
}

/** Place of a key among the entries of a packed column; -1 if it is none of them. */
export function placeOfKey(keys: Buffer, key: Buffer): number {
  for (let at = 0, place = 0; at + keyEntryLength <= keys.length; at += keyEntryLength, place++) {
    if (keys.compare(key, 0, keyLength, at, at + keyLength) === 0) return place;
  }
  return -1;
}
