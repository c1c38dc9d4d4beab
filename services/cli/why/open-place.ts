/** Where the answers to `in-cse why` are: a cluster, or the folder of an embedded CSE that does not run. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseKafkaConnection } from '../../adapters/kafka/connection.ts';
import { openPostgresStore } from '../../adapters/postgres/open-postgres.ts';
import { openDataFolder } from '../../embedded/data-folder.ts';
import { openEmbeddedStore } from '../../embedded/store.ts';
import type { Address } from '../../platform/addresses.ts';
import { createSystemClock } from '../../platform/system-clock.ts';
import type { ResourceStore } from '../../ports/resource-store.ts';
import { readDeadLettersOfCluster } from '../dead-letters/read-cluster.ts';
import { readDeadLettersOfFolder } from '../dead-letters/read-file.ts';
import { CommandFailed, ExitCode } from '../exit-codes.ts';
import { type Evidence, lettersOf, readStore } from './evidence.ts';
import type { Question, Wanted } from './question.ts';
import { readLogs } from './read-logs.ts';

export interface Place {
  store: ResourceStore;
  find(wanted: Wanted, question: Question): Promise<Evidence>;
  close(): Promise<void>;
}

/** `kafka` may be absent where nothing is looked for in the logs. */
export async function openCluster(of: {
  postgres: Address;
  kafka: Address | undefined;
  responderGroup: string;
}): Promise<Place> {
  const store = await openPostgresStore(of.postgres, { clock: createSystemClock(), development: true });
  return {
    store,
    async find(wanted, question) {
      const { kafka, postgres } = of;
      if (kafka === undefined) throw new Error('the logs are not known');
      const connection = parseKafkaConnection(kafka);
      const deployment = await store.deployment();
      const [logs, letters] = await Promise.all([
        readLogs(connection, deployment, of.responderGroup, wanted, question),
        readDeadLettersOfCluster({ kafka, postgres }),
      ]);
      // Behind the logs: what was answered meanwhile is not said to wait.
      const stored = await readStore(store, wanted, question);
      const answers = [...logs.answers, ...stored.answers];
      return { ...stored, ...logs, answers, letters: lettersOf(letters, wanted, question.since) };
    },
    close: () => store.close(),
  };
}

export async function openFolder(folder: string): Promise<Place> {
  if (!existsSync(join(folder, 'pglite'))) {
    throw new CommandFailed(ExitCode.failed, `There are no data of an embedded CSE in ${folder}.`);
  }
  const data = await openDataFolder(folder, () => {});
  let store: ResourceStore;
  try {
    store = await openEmbeddedStore({ folder: data.path, partitions: 1, clock: createSystemClock() });
  } catch (error) {
    await data.release();
    throw error;
  }
  return {
    store,
    async find(wanted, question) {
      const letters = lettersOf(readDeadLettersOfFolder(folder), wanted, question.since);
      // Its logs end with the process: the journal is what is left.
      return { ...(await readStore(store, wanted, question)), requests: [], published: undefined, letters };
    },
    async close() {
      await store.close();
      await data.release();
    },
  };
}
