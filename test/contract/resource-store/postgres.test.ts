import { after } from 'node:test';
import { migrate } from '../../../services/adapters/postgres/migrate.ts';
import { openPostgresStore } from '../../../services/adapters/postgres/open-postgres.ts';
import { createSystemClock } from '../../../services/platform/system-clock.ts';
import type { ResourceStore } from '../../../services/ports/resource-store.ts';
import { createDatabase, type TestDatabase } from '../../parts/postgres-database.ts';
import { withParts } from '../../parts/with-parts.ts';
import { crashContract } from './crash.ts';
import { resourceStoreContract } from './suite.ts';

const given = withParts({ postgres: true });
const own = withParts({ postgres: true }, { own: true });
const databases: TestDatabase[] = [];

async function openOn(server: string): Promise<ResourceStore> {
  const database = await createDatabase(server);
  databases.push(database);
  await migrate(database.url);
  // The server is a test's, whatever its settings.
  return openPostgresStore(database.url, { clock: createSystemClock(), development: true });
}

if (given.skip === false) {
  resourceStoreContract({ name: 'postgres', open: async () => openOn((await given.postgres()).url) });
}

crashContract({
  name: 'postgres',
  skip: own.skip,
  server: () => own.postgres(),
  open: async () => openOn((await own.postgres()).url),
});

after(async () => {
  // A server that was started here goes with all its databases.
  for (const database of databases) await database.drop().catch(() => {});
});
