import { PgliteDatabase } from '../../../services/adapters/pglite/pglite-database.ts';
import { migrateDatabase } from '../../../services/adapters/postgres/migrate.ts';
import { SqlResourceStore } from '../../../services/adapters/postgres/sql-resource-store.ts';
import { createSystemClock } from '../../../services/platform/system-clock.ts';
import { resourceStoreContract } from './suite.ts';

resourceStoreContract({
  name: 'pglite',
  open: async () => {
    const database = await PgliteDatabase.open(undefined);
    await migrateDatabase(database);
    return new SqlResourceStore(database, { clock: createSystemClock() });
  },
});
