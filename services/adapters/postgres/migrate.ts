/** The schema: forward-only scripts, the same for Postgres and PGlite. */
import { fileURLToPath } from 'node:url';
import Postgrator from 'postgrator';
import type { Deployment } from '../../core/deployment.ts';
import type { Address } from '../../platform/addresses.ts';
import type { SqlDatabase, SqlSession } from '../../ports/sql-database.ts';
import { PostgresDatabase } from './postgres-database.ts';
import { putDeployment } from './store-statements.ts';

const scripts = fileURLToPath(new URL('./migrations/', import.meta.url));

/** Any number that nobody else uses in the same database. */
const advisoryLock = 7_215_233_086;

/** Where a deployment begins that names nothing else. */
export const defaultDeployment: Deployment = {
  generation: 1,
  requestsTopic: 'in-cse.requests',
  outboundTopic: 'in-cse.outbound',
  deadLettersTopic: 'in-cse.dead-letters',
  requestPartitions: 24,
  outboundPartitions: 24,
};

/**
 * Brings the schema up to date, and writes the deployment's row if there is none (R1). Resolves with the names of the scripts
 * that were run. Processes that do it at the same time wait for each other.
 */
export async function migrate(url: string | Address, deployment: Partial<Deployment> = {}): Promise<string[]> {
  const database = new PostgresDatabase(url);
  try {
    return await migrateDatabase(database, deployment);
  } finally {
    await database.close();
  }
}

export function migrateDatabase(database: SqlDatabase, deployment: Partial<Deployment> = {}): Promise<string[]> {
  return database.session('flight', async (session) => {
    await session.script(`begin; select pg_advisory_xact_lock(${advisoryLock})`);
    const applied = await postgratorOf(session).migrate();
    const { generation, requestsTopic, outboundTopic, deadLettersTopic, requestPartitions, outboundPartitions } = {
      ...defaultDeployment,
      ...deployment,
    };
    const values = [generation, requestsTopic, outboundTopic, deadLettersTopic, requestPartitions, outboundPartitions];
    await session.run([{ statement: putDeployment, values }]);
    await session.script('commit');
    return applied.map(({ name }) => name);
  });
}

/** False if scripts are missing, or if the database is of a later build. */
export async function schemaIsCurrent(url: string | Address): Promise<boolean> {
  const database = new PostgresDatabase(url);
  try {
    return await databaseIsCurrent(database);
  } finally {
    await database.close();
  }
}

export async function databaseIsCurrent(database: SqlDatabase): Promise<boolean> {
  const { found, newest } = await schemaVersions(database);
  return found === newest;
}

/** Number of the last script that was run, and of the last one that this build has. */
export function schemaVersions(database: SqlDatabase): Promise<{ found: number; newest: number }> {
  return database.session('read', async (session) => {
    const postgrator = postgratorOf(session);
    return { found: await postgrator.getDatabaseVersion(), newest: await postgrator.getMaxVersion() };
  });
}

function postgratorOf(session: SqlSession): Postgrator {
  return new Postgrator({
    migrationPattern: `${scripts.replace(/[\\*?[\]{}()!+@]/g, '[$&]')}*.sql`,
    driver: 'pg',
    schemaTable: 'schema_version',
    newline: 'LF',
    execQuery: async (query) => {
      const [result] = await session.run([{ statement: { name: '', text: query } }]);
      return { rows: namedRows(query, result?.rows ?? []) };
    },
    execSqlScript: (script) => session.script(script),
  });
}

/** Postgrator reads columns by name, and each of its queries selects one. */
function namedRows(query: string, rows: readonly unknown[][]): Record<string, unknown>[] {
  const column = /select\s+(\w+)/i.exec(query)?.[1] ?? '';
  return rows.map(([value], index) => ({ [column]: rows[index]?.length === 1 ? value : undefined }));
}
