/** Opens the store of a deployment in Postgres. */
import type { Clock } from '../../ports/clock.ts';
import { databaseIsCurrent } from './migrate.ts';
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

/** Rejects with UnfitDatabase where the schema is not current, or where an acknowledged commit may be lost (R3). */
export async function openPostgresStore(url: string, options: PostgresStoreOptions): Promise<SqlResourceStore> {
  const database = new PostgresDatabase(url, options.hooks);
  try {
    if (!(await databaseIsCurrent(database))) {
      throw new UnfitDatabase('The schema of the database is not that of this build: run `in-cse migrate`.');
    }
    const fault = await wayToLose(database);
    if (fault !== undefined && options.development !== true) {
      throw new UnfitDatabase(`${fault} Change that, or say --development.`);
    }
    if (fault !== undefined) options.warn?.(fault);
    return new SqlResourceStore(database, { clock: options.clock });
  } catch (error) {
    await database.close();
    throw error;
  }
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
