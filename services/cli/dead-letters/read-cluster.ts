import { parseKafkaConnection } from '../../adapters/kafka/connection.ts';
import { kafkaRequestLog } from '../../adapters/kafka/request-log.ts';
import { openPostgresStore } from '../../adapters/postgres/open-postgres.ts';
import type { Address } from '../../platform/addresses.ts';
import { createSystemClock } from '../../platform/system-clock.ts';
import type { DeadLetter } from './dead-letter.ts';
import { readDeadLettersOfLog } from './read-log.ts';

/** Of the deployment in this database, oldest first. */
export async function readDeadLettersOfCluster(of: { kafka: Address; postgres: Address }): Promise<DeadLetter[]> {
  const store = await openPostgresStore(of.postgres, { clock: createSystemClock(), development: true });
  try {
    const { deadLettersTopic: topic } = await store.deployment();
    const connection = parseKafkaConnection(of.kafka);
    const log = kafkaRequestLog({ connection, topic, partitions: 1, clientId: 'in-cse-dead-letters' });
    try {
      return await readDeadLettersOfLog(log);
    } finally {
      await log.close();
    }
  } finally {
    await store.close();
  }
}
