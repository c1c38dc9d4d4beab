/** Dead letters of an embedded CSE. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deadLettersFile, type StoredDeadLetter } from '../../embedded/dead-letters.ts';
import { type DeadLetter, readDeadLetter } from './dead-letter.ts';

/** Oldest first, numbered from 1. A folder without any has none. */
export function readDeadLettersOfFolder(folder: string): DeadLetter[] {
  let text: string;
  try {
    text = readFileSync(join(folder, deadLettersFile), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  // What follows the last line feed was being written when the process ended.
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line, index) => {
    const { record } = JSON.parse(line) as StoredDeadLetter;
    return readDeadLetter(index + 1, Buffer.from(record, 'base64'));
  });
}
