/** Where the records of a moment begin, and how far a group is: for an operator's look into a log, not for a flow. */
import { createClient } from './client.ts';
import type { KafkaConnection } from './connection.ts';

export interface LogPlace {
  connection: KafkaConnection;
  topic: string;
  clientId: string;
}

/** By partition: offset of the first record appended at `since` (ms since 1970) or later, or the log's end. */
export async function offsetsAt(
  { connection, topic, clientId }: LogPlace,
  since: number,
): Promise<Map<number, number>> {
  const admin = createClient(connection, clientId, {}).admin({ retry: { retries: 2 } });
  try {
    await admin.connect();
    const found = await admin.fetchTopicOffsetsByTimestamp(topic, since);
    return new Map(found.map(({ partition, offset }) => [partition, Number(offset)]));
  } finally {
    await admin.disconnect();
  }
}

/** By partition: the offset behind what a group has committed; absent where it never did. */
export async function committedOffsets(
  { connection, topic, clientId }: LogPlace,
  group: string,
): Promise<Map<number, number>> {
  const admin = createClient(connection, clientId, {}).admin({ retry: { retries: 2 } });
  try {
    await admin.connect();
    const [found] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
    const committed = (found?.partitions ?? []).map(({ partition, offset }): [number, number] => [
      partition,
      Number(offset),
    ]);
    return new Map(committed.filter(([, offset]) => offset >= 0));
  } finally {
    await admin.disconnect();
  }
}
