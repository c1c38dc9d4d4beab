/** Dead letters of a cluster. */
import { randomUUID } from 'node:crypto';
import type { RequestLog } from '../../ports/request-log.ts';
import { type DeadLetter, readDeadLetter } from './dead-letter.ts';

/** All that the log holds now, oldest first, numbered by their offsets. */
export async function readDeadLettersOfLog(log: RequestLog): Promise<DeadLetter[]> {
  // A group of its own that never says how far it is: Kafka forgets it.
  const consumer = await log.consumer({ group: `in-cse-dead-letters-${randomUUID()}` });
  const letters: DeadLetter[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      let end = 0;
      const begin = async (partitions: number[]) => {
        for (const partition of partitions) {
          const bounds = await consumer.bounds(partition);
          end = bounds.end;
          if (bounds.start >= end) resolve();
          else consumer.begin(partition, bounds.start);
        }
      };
      void consumer
        .start({
          assigned: (partitions) => void begin(partitions).catch(reject),
          revoked: () => {},
          batch(batch) {
            letters.push(...batch.records.map(({ offset, value }) => readDeadLetter(offset, value)));
            if (batch.nextOffset >= end) resolve();
          },
          failed: reject,
        })
        .catch(reject);
    });
  } finally {
    await consumer.stop();
  }
  return letters;
}
