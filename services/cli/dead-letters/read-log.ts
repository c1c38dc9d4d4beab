/** Dead letters of a cluster. */
import type { RequestLog } from '../../ports/request-log.ts';
import { readLog } from '../read-log.ts';
import { type DeadLetter, readDeadLetter } from './dead-letter.ts';

/** All that the log holds now, oldest first, numbered by their offsets. */
export async function readDeadLettersOfLog(log: RequestLog): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  await readLog(log, {
    purpose: 'dead-letters',
    take: ({ offset, value }) => letters.push(readDeadLetter(offset, value)),
  });
  return letters;
}
