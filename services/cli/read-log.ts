/** Reads a log from outside: what it holds now, without being one of its consumers. */
import { randomUUID } from 'node:crypto';
import type { LogRecord, RequestLog } from '../ports/request-log.ts';

export interface ReadLogOptions {
  /** Shown in lists of groups while this reads. */
  purpose: string;
  /** Where to begin, by partition; at the log's start where absent. */
  from?: ReadonlyMap<number, number>;
  take(record: LogRecord, partition: number): void;
}

/** Resolves with the ends up to which it has read, by partition: those the log had when it began. Rejects with what `take` throws. */
export async function readLog(log: RequestLog, { purpose, from, take }: ReadLogOptions): Promise<Map<number, number>> {
  // A group of its own that never says how far it is: Kafka forgets it.
  const consumer = await log.consumer({ group: `in-cse-${purpose}-${randomUUID()}` });
  const ends = new Map<number, number>();
  const open = new Set<number>();
  try {
    await new Promise<void>((resolve, reject) => {
      const begin = async (partitions: number[]) => {
        for (const partition of partitions) {
          const { start, end } = await consumer.bounds(partition);
          const first = Math.max(start, from?.get(partition) ?? start);
          ends.set(partition, end);
          if (first >= end) continue;
          open.add(partition);
          consumer.begin(partition, first);
        }
        if (open.size === 0) resolve();
      };
      void consumer
        .start({
          assigned: (partitions) => void begin(partitions).catch(reject),
          revoked: () => {},
          batch({ partition, nextOffset, records }) {
            const end = ends.get(partition) ?? 0;
            for (const record of records) if (record.offset < end) take(record, partition);
            if (nextOffset < end || !open.delete(partition)) return;
            consumer.pause(partition);
            if (open.size === 0) resolve();
          },
          // What `take` throws comes here too.
          failed: reject,
        })
        .catch(reject);
    });
  } finally {
    await consumer.stop();
  }
  return ends;
}
