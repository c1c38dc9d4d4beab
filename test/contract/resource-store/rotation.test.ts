/** Password and certificates of the database are replaced while a worker goes on (issue 4, part 1). */
import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Part } from '../../../infra/local/part.ts';
import { startPostgres } from '../../../infra/local/postgres.ts';
import { PostgresDatabase } from '../../../services/adapters/postgres/postgres-database.ts';
import { postgresAddressOf } from '../../../services/platform/addresses.ts';
import { postgresSettings } from '../../../services/platform/setting-pieces.ts';
import { readSettings } from '../../../services/platform/settings.ts';
import { reportContract } from '../../parts/contract-report.ts';
import { openSecretFiles, type SecretFiles, watchInterval } from '../../parts/secret-files.ts';
import { withParts } from '../../parts/with-parts.ts';

const { skip } = withParts({ postgres: true }, { own: true });

async function until(what: string, isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end; await sleep(10)) if (await isTrue()) return;
  assert.fail(`in vain: ${what}`);
}

describe('SqlDatabase: Postgres over TLS, secrets are replaced', { skip }, () => {
  reportContract('resource-store', 'postgres');
  let files: SecretFiles;
  let part: Part;
  let database: PostgresDatabase;
  const renewals: (Error | undefined)[] = [];

  before(async () => {
    files = await openSecretFiles('app');
    const { certificates } = files;
    part = await startPostgres({ secured: { certificates, password: 'first', clientCertificate: true } });
  });
  after(async () => {
    await part?.stop();
    files?.remove();
  });
  afterEach(async () => {
    await database?.close();
    await sql(await operator(), "alter role app password 'first'");
  });

  /** The superuser, whatever the password is just now. */
  async function operator(): Promise<PostgresDatabase> {
    for (const password of ['first', 'second', 'third']) {
      const candidate = new PostgresDatabase({ url: url(), password });
      const works = await sql(candidate, 'select 1', false).then(
        () => true,
        () => false,
      );
      if (works) return candidate;
      await candidate.close();
    }
    return assert.fail('no password works');
  }

  function url(): string {
    const address = new URL(part.url);
    address.password = '';
    address.searchParams.set('sslcert', files.client.certFile);
    address.searchParams.set('sslkey', files.client.keyFile);
    return address.href;
  }

  function open(look = watchInterval): void {
    renewals.length = 0;
    const settings = readSettings(postgresSettings, {
      environment: {
        IN_CSE_POSTGRES_URL: url(),
        IN_CSE_POSTGRES_PASSWORD_FILE: files.write('password', 'first\n'),
      },
    });
    database = new PostgresDatabase(postgresAddressOf(settings), { renewed: (error) => renewals.push(error) }, look);
  }

  /** Process of the server, user and encryption of the connection of a lane. */
  async function connection(): Promise<{ pid: number; encrypted: unknown }> {
    const text = 'select pid, ssl from pg_stat_ssl where pid = pg_backend_pid()';
    const [result] = await database.session('flight', (session) => session.run([{ statement: { name: '', text } }]));
    const [pid, encrypted] = result?.rows[0] ?? [];
    return { pid: Number(pid), encrypted };
  }

  async function sql(of: PostgresDatabase, text: string, close = true): Promise<void> {
    await of.session('query', (session) => session.script(text));
    if (close) await of.close();
  }

  it('a password: connections are replaced by new ones between two uses, and none fails', async () => {
    open();
    const { pid, encrypted } = await connection();
    assert.equal(encrypted, true);
    await sql(await operator(), "alter role app password 'second'");
    files.write('password', 'second');
    await until('another connection', async () => (await connection()).pid !== pid);
    assert.deepEqual(renewals, [undefined]);
  });

  it('a password that the server does not take: the connections that are there stay', async () => {
    open();
    const { pid } = await connection();
    files.write('password', 'wrong');
    await until('a trial', () => renewals.length > 0);
    assert.match(renewals[0]?.message ?? '', /password authentication failed/);
    assert.equal((await connection()).pid, pid);
  });

  it('a password changed at the server, connections ended there: goes on with the file, without watching', async () => {
    open(1e9);
    await connection();
    await sql(await operator(), "alter role app password 'third'");
    const ends = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'in-cse flight'";
    await sql(await operator(), ends);
    await until('the connection is gone', () =>
      connection().then(
        () => false,
        () => true,
      ),
    );
    files.write('password', 'third');
    await connection();
  });

  it('authority, server and client certificate: goes on over a server that was started with the new ones', async () => {
    open();
    await connection();
    await files.replaceCertificates();
    await part.restart();
    await until('a connection', () =>
      connection().then(
        () => true,
        () => false,
      ),
    );
  });

  it('never does with less than it was asked for', async () => {
    open();
    const address = new URL(part.url);
    const attempt = async (parameters: string) => {
      const other = new PostgresDatabase({
        url: `${address.origin.replace('null', `postgres://app:first@${address.host}`)}/postgres${parameters}`,
      });
      await sql(other, 'select 1', false).finally(() => other.close());
    };
    await assert.rejects(attempt(''), /no encryption|no pg_hba.conf entry/);
    await assert.rejects(attempt('?sslmode=require'), /self-signed certificate|unable to verify/);
    await assert.rejects(attempt('?insecure=1'), /certificate/, 'the server wants ours');
    const { certFile, keyFile } = files.client;
    await attempt(`?insecure=1&cert=${certFile}&key=${keyFile}`);
    await assert.rejects(attempt('?sslmode=prefer'), /fall back/);
  });
});
