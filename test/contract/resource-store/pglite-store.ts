import { PgliteDatabase } from '../../../services/adapters/pglite/pglite-database.ts';
import { planning } from '../../../services/adapters/postgres/lanes.ts';
import { migrateDatabase } from '../../../services/adapters/postgres/migrate.ts';
import { SqlResourceStore } from '../../../services/adapters/postgres/sql-resource-store.ts';
import { createSystemClock } from '../../../services/platform/system-clock.ts';

/** `folder`: undefined for one in memory. */
export async function openPgliteStore(folder?: string): Promise<SqlResourceStore> {
  const database = await PgliteDatabase.open(folder, [...planning, 'set synchronous_commit = on']);
  await migrateDatabase(database);
  return new SqlResourceStore(database, { clock: createSystemClock() });
}
