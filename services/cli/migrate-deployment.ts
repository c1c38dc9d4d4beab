/** Everything that must be there before the processes of a cluster start: tables, topics, CSEs. */
import { parseKafkaConnection } from '../adapters/kafka/connection.ts';
import { ensureTopics } from '../adapters/kafka/topics.ts';
import { migrate } from '../adapters/postgres/migrate.ts';
import { openPostgresStore } from '../adapters/postgres/open-postgres.ts';
import { kafkaAddressOf, postgresAddressOf } from '../platform/addresses.ts';
import { createSystemClock } from '../platform/system-clock.ts';
import { csesOf } from '../resource-worker/cse-settings.ts';
import { topicsOf } from '../resource-worker/topics.ts';
import type { MigrateSettings } from './commands/migrate-settings.ts';

/** Idempotent. Rejects with a clear message for what cannot be used, or may lose what was acknowledged. */
export async function migrateDeployment(settings: MigrateSettings, say: (line: string) => void): Promise<void> {
  const { topics, partitions, outboundPartitions, development } = settings;
  // What is wrong in the settings is said before anything is changed.
  const cses = csesOf(settings);
  const connection = parseKafkaConnection(kafkaAddressOf(settings));
  const applied = await migrate(postgresAddressOf(settings), {
    requestsTopic: `${topics}.requests`,
    outboundTopic: `${topics}.outbound`,
    deadLettersTopic: `${topics}.dead-letters`,
    requestPartitions: partitions,
    outboundPartitions,
  });
  say(applied.length === 0 ? 'Tables: up to date.' : `Tables: ${applied.join(', ')}.`);
  const store = await openPostgresStore(postgresAddressOf(settings), { clock: createSystemClock(), development });
  try {
    const { created, warnings } = await ensureTopics({
      connection,
      clientId: 'in-cse-migrate',
      topics: topicsOf(await store.deployment(), settings),
      development,
    });
    say(created.length === 0 ? 'Topics: all there.' : `Topics: created ${created.join(', ')}.`);
    for (const warning of warnings) say(`Unsafe, allowed by --development: ${warning}.`);
    for (const cse of cses) {
      const { id, name } = await store.putCse(cse);
      say(`CSE: ${id}, CSEBase ${name}.`);
    }
  } finally {
    await store.close();
  }
}
