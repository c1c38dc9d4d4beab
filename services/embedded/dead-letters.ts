/** Dead letters of an embedded CSE: one line of a file each, or only counted where nothing is kept. */
import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogProducer, RequestLog } from '../ports/request-log.ts';

/** Lines of JSON: append time and the frame in base64. */
export const deadLettersFile = 'dead-letters.ndjson';

export interface StoredDeadLetter {
  /** ms since 1970. */
  appendedAt: number;
  /** Frame in base64. */
  record: string;
}

export async function openDeadLetters(name: string, folder: string | undefined): Promise<RequestLog> {
  const file = folder === undefined ? undefined : await open(join(folder, deadLettersFile), 'a');
  return {
    name,
    partitions: 1,
    producer: async () => producerTo(file),
    consumer: () => Promise.reject(new Error('dead letters are read from their file')),
    close: async () => file?.close(),
  };
}

function producerTo(file: FileHandle | undefined): LogProducer {
  let last = Promise.resolve();
  return {
    append(records) {
      if (file === undefined) return Promise.resolve();
      const lines = records.map(({ value }) => lineOf({ appendedAt: Date.now(), record: value.toString('base64') }));
      last = last.then(async () => {
        await file.appendFile(lines.join(''));
        await file.datasync();
      });
      return last;
    },
    pending: () => ({ records: 0, bytes: 0 }),
    close: () => last,
  };
}

function lineOf(letter: StoredDeadLetter): string {
  return `${JSON.stringify(letter)}\n`;
}
