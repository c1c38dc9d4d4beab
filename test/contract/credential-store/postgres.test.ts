import { after } from 'node:test';
import { SqlCredentialStore } from '../../../services/adapters/postgres/credential-store.ts';
import { migrate } from '../../../services/adapters/postgres/migrate.ts';
import { PostgresDatabase } from '../../../services/adapters/postgres/postgres-database.ts';
import { createDatabase, type TestDatabase } from '../../parts/postgres-database.ts';
import { withParts } from '../../parts/with-parts.ts';
import { credentialStoreContract } from './suite.ts';

const parts = withParts({ postgres: true });
let database: TestDatabase | undefined;

if (parts.skip === false) {
  credentialStoreContract({
    name: 'postgres',
    async open() {
      database = await createDatabase((await parts.postgres()).url);
      await migrate(database.url);
      const open = (url: string) => new SqlCredentialStore(new PostgresDatabase(url));
      return { store: open(database.url), again: open(database.url) };
    },
  });
}

after(() => database?.drop().catch(() => {}));
