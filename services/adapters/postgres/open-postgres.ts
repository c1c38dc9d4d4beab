/** Opens the store of a deployment in Postgres. */

import type { Address } from '../../platform/addresses.ts';
import type { Clock } from '../../ports/clock.ts';
import { schemaVersions } from './migrate.ts';
import { PostgresDatabase, type PostgresHooks } from './postgres-database.ts';
import { SqlResourceStore } from './sql-resource-store.ts';

export interface PostgresStoreOptions {
  clock: Pick<Clock, 'now' | 'monotonic'>;
  hooks?: PostgresHooks;
  /** Accepts a server that may lose acknowledged commits, with a warning. */
  development?: boolean;
  /** A sentence for the log. */
  warn?(text: string): void;
}

/** The database cannot be used as it is; the text says what to do. */
export class UnfitDatabase extends Error {
  override name = 'UnfitDatabase';
}

/**
 * Rejects with UnfitDatabase where the schema does not fit, or where an acknowledged commit may be lost (R3). A schema one
 * version newer fits: in a rolling upgrade it is migrated first, and each script leaves what the build before it needs.
 */
export async function openPostgresStore(
  url: string | Address,
  options: PostgresStoreOptions,
): Promise<SqlResourceStore> {
  const database = new PostgresDatabase(url, options.hooks);
  try {
    const { found, newest } = await schemaVersions(database);
    const misfit = schemaMisfit(found, newest);
    if (misfit !== undefined) throw new UnfitDatabase(misfit);
    if (found > newest)
      options.warn?.(`The schema of the database (${found}) is one version newer than this build (${newest}).`);
    const fault = await wayToLose(database);
    if (fault !== undefined && options.development !== true) {
      throw new UnfitDatabase(`${fault} Change that, or say --development.`);
    }
    if (fault !== undefined) options.warn?.(fault);
    return new SqlResourceStore(database, { clock: options.clock, leastSchema: newest });
  } catch (error) {
    await database.close();
    throw error;
  }
}

function schemaMisfit(found: number, newest: number): string | undefined {
  if (found < newest) {
    return `The schema of the database (${found}) is older than this build (${newest}): run \`in-cse migrate\`.`;
  }
  if (found <= newest + 1) return undefined;
  return `The schema of the database (${found}) is of a later build than this one (${newest}) can work with: start that build.`;
}

/** Promise 1 rests on these settings. `local` does not wait for the standby that a failover would go to. */
async function wayToLose(database: PostgresDatabase): Promise<string | undefined> {
  const unsafe: Record<string, readonly string[]> = {
    synchronous_commit: ['off', 'local'],
    fsync: ['off'],
    full_page_writes: ['off'],
  };
  const names = Object.keys(unsafe);
  const text = `select ${names.map((name) => `current_setting('${name}')`).join(', ')}`;
  const [result] = await database.session('flight', (session) => session.run([{ statement: { name: '', text } }]));
  const found = names.flatMap((name, index) => {
    const value = String(result?.rows[0]?.[index]);
    return unsafe[name]?.includes(value) === true ? [`${name} = ${value}`] : [];
  });
  return found.length === 0 ? undefined : `The database may lose what it has acknowledged: ${found.join(', ')}.`;
}
