/** Credentials of a deployment: a row each, beside everything else that is true. */
import type { Credential, CredentialStore } from '../../ports/credential-store.ts';
import { readCredential } from '../../ports/read-credential.ts';
import type { SqlDatabase, SqlStatement } from '../../ports/sql-database.ts';

const begin: SqlStatement = { name: '', text: 'begin' };
const commit: SqlStatement = { name: '', text: 'commit' };
const rollback: SqlStatement = { name: '', text: 'rollback' };
/** A row lock would not keep a second one from creating the same name. */
const hold: SqlStatement = {
  name: '',
  text: "select pg_advisory_xact_lock(hashtextextended('in-cse credential ' || $1, 0))",
};
const readOne: SqlStatement = { name: '', text: 'select body from credential where name = $1' };
const readAll: SqlStatement = { name: '', text: 'select body from credential order by name' };
const put: SqlStatement = {
  name: '',
  text: 'insert into credential (name, body) values ($1, $2) on conflict (name) do update set body = excluded.body',
};

/** The store closes the database. */
export class SqlCredentialStore implements CredentialStore {
  readonly #database: SqlDatabase;

  constructor(database: SqlDatabase) {
    this.#database = database;
  }

  change(
    name: string,
    change: (current: Credential | undefined) => Credential | undefined,
  ): Promise<Credential | undefined> {
    return this.#database.session('read', async (session) => {
      const [, , found] = await session.run([
        { statement: begin },
        { statement: hold, values: [name] },
        { statement: readOne, values: [name] },
      ]);
      const changed = change(credentialIn(found?.rows[0]));
      if (changed === undefined) await session.run([{ statement: rollback }]);
      else {
        const values = [name, JSON.stringify(readCredential(changed))];
        await session.run([{ statement: put, values }, { statement: commit }]);
      }
      return changed;
    });
  }

  async get(name: string): Promise<Credential | undefined> {
    const [found] = await this.#database.session('read', (session) =>
      session.run([{ statement: readOne, values: [name] }]),
    );
    return credentialIn(found?.rows[0]);
  }

  async list(): Promise<Credential[]> {
    const [found] = await this.#database.session('read', (session) => session.run([{ statement: readAll }]));
    return (found?.rows ?? []).flatMap((row) => credentialIn(row) ?? []);
  }

  close(): Promise<void> {
    return this.#database.close();
  }
}

function credentialIn(row: readonly unknown[] | undefined): Credential | undefined {
  return row === undefined ? undefined : readCredential(JSON.parse(row[0] as string));
}
