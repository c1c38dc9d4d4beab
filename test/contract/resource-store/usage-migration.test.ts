/** What was stored before usage was counted is counted when the tables are brought up to date. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { PgliteDatabase } from '../../../services/adapters/pglite/pglite-database.ts';
import { migrateDatabase } from '../../../services/adapters/postgres/migrate.ts';
import { PostgresDatabase } from '../../../services/adapters/postgres/postgres-database.ts';
import { SqlResourceStore } from '../../../services/adapters/postgres/sql-resource-store.ts';
import { createSystemClock } from '../../../services/platform/system-clock.ts';
import type { SqlDatabase } from '../../../services/ports/sql-database.ts';
import { reportContract } from '../../parts/contract-report.ts';
import { createDatabase, type TestDatabase } from '../../parts/postgres-database.ts';
import { withParts } from '../../parts/with-parts.ts';
import { describeCse } from './context.ts';
import { insertion, Owner } from './owner.ts';
import { childOf, firstLevel, types } from './rows.ts';

const script = readFileSync(
  fileURLToPath(
    new URL('../../../services/adapters/postgres/migrations/003.do.credentials-usage-traces.sql', import.meta.url),
  ),
  'utf8',
);

/** What else the script does. */
const undo = 'drop table usage; drop table credential; alter table delivery_note drop column trace';

function migrationContract(name: string, skip: string | false, open: () => Promise<SqlDatabase>): void {
  describe(`ResourceStore: ${name}, brought up to date`, { skip }, () => {
    reportContract('resource-store', name);
    it('counts what is there by partition, and goes on from it', async () => {
      const database = await open();
      await migrateDatabase(database);
      const store = new SqlResourceStore(database, { clock: createSystemClock() });
      try {
        const cse = await store.putCse(describeCse('/old'));
        const { generation, requestPartitions } = await store.deployment();
        const ae = firstLevel(cse, types.ae, 'ae', { attributes: { apn: 'größer' } });
        const owner = await new Owner(store, generation, ae.shard % requestPartitions).takeOver();
        await owner.insert(ae, childOf(ae, types.container, 'cnt'));
        const counted = await store.usageOfPartition(generation, owner.partition);
        assert.deepEqual([counted[0]?.applicationEntities, counted[0]?.resources], [1, 2]);

        // As it was before the script, and then the script.
        await database.session('flight', (session) => session.script(`${undo}; ${script}`));
        assert.deepEqual(await store.usageOfPartition(generation, owner.partition), counted);
        assert.deepEqual(await store.usage(generation), await store.recountUsage());

        await owner.change(insertion(childOf(ae, types.container, 'more')), { kind: 'removeSubtree', resource: ae });
        assert.deepEqual(await store.usage(generation), await store.recountUsage());

        // A build that did not count yet has worked on.
        await database.session('flight', (session) =>
          session.script(`insert into usage values (${generation}, 0, 99, 1, 1, 1); update usage set resources = 77`),
        );
        await store.repairUsage(generation);
        assert.deepEqual(await store.usage(generation), await store.recountUsage());
        assert.equal((await store.usageOfPartition(generation, owner.partition))[0]?.resources, 2);
      } finally {
        await store.close();
      }
    });
  });
}

migrationContract('pglite', false, () => PgliteDatabase.open(undefined));

const given = withParts({ postgres: true });
let database: TestDatabase | undefined;
migrationContract('postgres', given.skip, async () => {
  database = await createDatabase((await given.postgres()).url);
  return new PostgresDatabase(database.url);
});
after(() => database?.drop().catch(() => {}));
