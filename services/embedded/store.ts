/** The database of an embedded CSE: PGlite in the data folder, or nothing that stays. */
import { join } from 'node:path';
import { MemoryResourceStore } from '../adapters/memory/resource-store.ts';
import { PgliteDatabase } from '../adapters/pglite/pglite-database.ts';
import { planning } from '../adapters/postgres/lanes.ts';
import { migrateDatabase } from '../adapters/postgres/migrate.ts';
import { SqlResourceStore } from '../adapters/postgres/sql-resource-store.ts';
import type { Deployment } from '../core/deployment.ts';
import type { Clock } from '../ports/clock.ts';
import type { ResourceStore } from '../ports/resource-store.ts';

export interface EmbeddedStoreOptions {
  /** Undefined: in memory. */
  folder: string | undefined;
  /** Of a new folder; one that has been used keeps its own. */
  partitions: number;
  clock: Clock;
}

export async function openEmbeddedStore({ folder, partitions, clock }: EmbeddedStoreOptions): Promise<ResourceStore> {
  const deployment = newDeployment(partitions);
  if (folder === undefined) return new MemoryResourceStore({ deployment, clock });
  const database = await PgliteDatabase.open(join(folder, 'pglite'), settings);
  try {
    await migrateDatabase(database, deployment);
    return new SqlResourceStore(database, { clock });
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** `off` would leave the log of a commit in the memory of this process (R33). */
const settings = [...planning, 'set synchronous_commit = on'];

function newDeployment(partitions: number): Deployment {
  return {
    generation: 1,
    requestsTopic: 'requests',
    outboundTopic: 'outbound',
    deadLettersTopic: 'dead-letters',
    requestPartitions: partitions,
    outboundPartitions: partitions,
  };
}
