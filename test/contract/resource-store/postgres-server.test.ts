/** What the Postgres adapter demands of its server, and what it makes of a server that fails (R3, R11, R12). */
import assert from 'node:assert/strict';
import { after, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { migrate, schemaIsCurrent } from '../../../services/adapters/postgres/migrate.ts';
import { openPostgresStore, UnfitDatabase } from '../../../services/adapters/postgres/open-postgres.ts';
import { SchemaTooOld } from '../../../services/adapters/postgres/sql-resource-store.ts';
import { createSystemClock } from '../../../services/platform/system-clock.ts';
import { reportContract } from '../../parts/contract-report.ts';
import { createDatabase, type TestDatabase } from '../../parts/postgres-database.ts';
import { withParts } from '../../parts/with-parts.ts';
import { describeCse } from './context.ts';
import { Owner } from './owner.ts';
import { firstLevel, types } from './rows.ts';

const parts = withParts({ postgres: true });
const clock = createSystemClock();

describe('Postgres under the store', { skip: parts.skip }, () => {
  reportContract('resource-store', 'postgres');
  const databases: TestDatabase[] = [];
  const clients: pg.Client[] = [];
  after(async () => {
    for (const client of clients) await client.end();
    for (const database of databases) await database.drop();
  });

  async function emptyDatabase(): Promise<string> {
    const database = await createDatabase((await parts.postgres()).url);
    databases.push(database);
    return database.url;
  }

  async function connect(url: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url });
    clients.push(client);
    await client.connect();
    return client;
  }

  it('is migrated once, however many processes do it at a time, and keeps its deployment for life (R1)', async () => {
    const url = await emptyDatabase();
    assert.equal(await schemaIsCurrent(url), false);
    const [one, two] = await Promise.all([
      migrate(url, { requestPartitions: 7 }),
      migrate(url, { requestPartitions: 7 }),
    ]);
    assert.equal(Math.min(one.length, two.length), 0);
    assert.ok(Math.max(one.length, two.length) > 0);
    assert.equal(await schemaIsCurrent(url), true);
    await migrate(url, { requestPartitions: 9 });
    const store = await openPostgresStore(url, { clock, development: true });
    assert.equal((await store.deployment()).requestPartitions, 7);
    await store.close();
  });

  it('is refused where the schema is missing, or of a later build', async () => {
    const url = await emptyDatabase();
    await assert.rejects(openPostgresStore(url, { clock }), UnfitDatabase);
    await migrate(url);
    const client = await connect(url);
    await client.query("insert into schema_version (version, name, md5) values (999, 'later', '')");
    await assert.rejects(openPostgresStore(url, { clock, development: true }), UnfitDatabase);
  });

  it('is taken one version newer, as in a rolling upgrade, and no older, also later on', async () => {
    const url = await emptyDatabase();
    await migrate(url);
    const client = await connect(url);
    await client.query("insert into schema_version select max(version) + 1, 'next', '' from schema_version");
    const warnings: string[] = [];
    const store = await openPostgresStore(url, { clock, development: true, warn: (text) => warnings.push(text) });
    assert.match(warnings.join(), /one version newer/);
    await store.ping();
    const newest = 'delete from schema_version where version = (select max(version) from schema_version)';
    await client.query(newest);
    await store.ping();
    await client.query(newest);
    await assert.rejects(store.ping(), SchemaTooOld);
    await assert.rejects(openPostgresStore(url, { clock, development: true }), /older than this build.*in-cse migrate/);
    await store.close();
  });

  for (const setting of ['off', 'local']) {
    it(`is refused with synchronous_commit = ${setting}, unless for development (R3)`, async () => {
      const url = await emptyDatabase();
      await migrate(url);
      const client = await connect(url);
      const { rows } = await client.query('select current_database() as name');
      await client.query(`alter database ${rows[0].name} set synchronous_commit = ${setting}`);
      await assert.rejects(openPostgresStore(url, { clock }), /synchronous_commit/);
      const warnings: string[] = [];
      const store = await openPostgresStore(url, { clock, development: true, warn: (text) => warnings.push(text) });
      assert.match(warnings.join(), /synchronous_commit/);
      await store.close();
    });
  }

  it('makes a flight busy that meets a lock for seconds, and nothing of it is written (R11)', async () => {
    const url = await emptyDatabase();
    await migrate(url);
    const store = await openPostgresStore(url, { clock, development: true });
    const owner = await new Owner(store, 1, 0).takeOver();
    const holder = await connect(url);
    await holder.query('begin');
    await holder.query('select 1 from fence where gen = 1 and part = 0 for update');
    assert.deepEqual(await owner.attempt(), { kind: 'busy' });
    await holder.query('rollback');
    await owner.commit();
    await store.close();
  });

  it('says that an outcome is unknown when the connection of a flight ends, and opens another (R3)', async () => {
    const url = await emptyDatabase();
    await migrate(url);
    const store = await openPostgresStore(url, { clock, development: true });
    const cse = await store.putCse(describeCse('/lost'));
    const owner = await new Owner(store, 1, 0).takeOver();
    const holder = await connect(url);
    await holder.query('begin');
    await holder.query('select 1 from fence where gen = 1 and part = 0 for update');
    const flight = owner.attempt({ changes: [{ kind: 'insert', resource: firstLevel(cse, types.policy, 'acp') }] });
    let ended = 0;
    for (let tries = 0; ended === 0 && tries < 100; tries++) {
      await sleep(20);
      const { rowCount } = await holder.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where datname = current_database() and application_name = 'in-cse flight' and wait_event_type = 'Lock'`,
      );
      ended = rowCount ?? 0;
    }
    assert.equal(ended, 1);
    assert.equal((await flight).kind, 'unknown');
    await holder.query('rollback');
    assert.equal((await store.readFence(1, 0)).version, owner.version, 'it was not written');
    await owner.commit();
    await store.close();
  });

  it('makes a flight refused, not busy for ever, that the database cannot take (R12)', async () => {
    const url = await emptyDatabase();
    await migrate(url);
    const store = await openPostgresStore(url, { clock, development: true });
    const cse = await store.putCse(describeCse('/refused'));
    const owner = await new Owner(store, 1, 0).takeOver();
    const outcome = await owner.attempt({
      changes: [{ kind: 'insert', resource: firstLevel(cse, types.policy, 'acp', { creator: 'a\0b' }) }],
    });
    assert.equal(outcome.kind, 'refused');
    await owner.commit();
    await store.close();
  });
});
