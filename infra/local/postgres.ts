/** PostgreSQL: a new cluster of its own, one node. */
import { execFile, spawnSync } from 'node:child_process';
import { chownSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificates } from './certificates.ts';
import { freePorts } from './free-ports.ts';
import { type Part, startNodes } from './part.ts';
import { locateTool } from './prerequisites.ts';
import { Program } from './program.ts';
import { openWorkFolder, type WorkFolder } from './work-folder.ts';

export interface PostgresOptions {
  /** Settings for postgresql.conf; they win. */
  settings?: Record<string, string | number>;
  /** TLS only, with a password; the url has the parameters that a client needs. */
  secured?: {
    /** Those of the server are taken up at every start. */
    certificates: Certificates;
    /** The password that the superuser begins with. */
    password: string;
    /** Also a client certificate whose common name is the user's name (`clientcert=verify-full`). */
    clientCertificate?: boolean;
  };
}

export const superuser = 'app';

/** The url is `postgres://app@host:port/postgres`, of a superuser; without password unless `secured`. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Part> {
  const initdb = locateTool('initdb');
  const postgres = locateTool('postgres');
  if (initdb === undefined || postgres === undefined) throw new Error('PostgreSQL is not installed');
  const { secured } = options;
  const user = otherUser();
  const [port = 0] = await freePorts(1);
  const folder = openWorkFolder('postgres');
  const data = join(folder.path, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (user !== undefined) chownSync(data, user.uid, user.gid);
  try {
    await initialise(folder, initdb, data, user, options.secured?.password);
  } catch (error) {
    await folder.remove();
    throw error;
  }
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    // A path over 107 bytes would be refused, and nobody needs the socket.
    unix_socket_directories: '',
    // A kill must not leave segments in /dev/shm.
    dynamic_shared_memory_type: 'mmap',
    synchronous_commit: 'on',
    max_connections: 100,
    ...(secured === undefined
      ? {}
      : { ssl: 'on', ssl_ca_file: 'ca.pem', ssl_cert_file: 'cert.pem', ssl_key_file: 'key.pem' }),
    ...options.settings,
  };
  const url =
    secured === undefined
      ? `postgres://${superuser}@127.0.0.1:${port}/postgres`
      : `postgres://${superuser}:${encodeURIComponent(secured.password)}@127.0.0.1:${port}/postgres` +
        `?sslmode=verify-full&sslrootcert=${secured.certificates.caFile}`;
  return startNodes({
    name: 'postgres',
    url,
    urls: [url],
    folder,
    programs: [
      new Program({
        name: 'postgres',
        folder,
        command: postgres,
        args: ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
        user,
        ...(secured === undefined ? {} : { prepare: () => secure(data, secured, user) }),
        ready: /database system is ready to accept connections/,
        // Fast shutdown: does not wait for clients.
        stopSignal: 'SIGINT',
        // Immediate shutdown: no checkpoint, but its shared memory is given back.
        endSignal: 'SIGQUIT',
      }),
    ],
    ended: () => removeSharedMemory(data),
  });
}

/** Postgres refuses to run as root; the Debian packages make a user for it. */
function otherUser(): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((each) => each.startsWith('postgres:'));
  const [, , uid, gid] = line?.split(':') ?? [];
  if (uid === undefined || gid === undefined) throw new Error('PostgreSQL needs a user called postgres beside root');
  return { uid: Number(uid), gid: Number(gid) };
}

async function initialise(
  folder: WorkFolder,
  initdb: string,
  data: string,
  user: { uid: number; gid: number } | undefined,
  password: string | undefined,
): Promise<void> {
  const args = ['-D', data, '-U', superuser, '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C'];
  if (password !== undefined) {
    const file = join(folder.path, 'password');
    writeFileSync(file, `${password}\n`, { mode: 0o600 });
    if (user !== undefined) chownSync(file, user.uid, user.gid);
    args.push(`--pwfile=${file}`);
  }
  await new Promise<void>((resolve, reject) => {
    const child = execFile(initdb, args, { cwd: folder.path, ...(user ?? {}) }, (error, _output, errors) => {
      if (error === null) resolve();
      else reject(new Error(`initdb failed: ${errors.trim() || error.message}`));
    });
    folder.guard(child, 'SIGTERM');
  });
}

/** What Postgres may read, with the rights that it demands, and who may connect how. */
function secure(
  data: string,
  { certificates, clientCertificate = false }: NonNullable<PostgresOptions['secured']>,
  user: { uid: number; gid: number } | undefined,
): void {
  const { caFile, server } = certificates;
  const rule = `hostssl all all 127.0.0.1/32 scram-sha-256${clientCertificate ? ' clientcert=verify-full' : ''}\n`;
  writeFileSync(join(data, 'pg_hba.conf'), rule);
  for (const [from, name] of [
    [caFile, 'ca.pem'],
    [server.certFile, 'cert.pem'],
    [server.keyFile, 'key.pem'],
  ] as const) {
    const to = join(data, name);
    copyFileSync(from, to);
    if (user !== undefined) chownSync(to, user.uid, user.gid);
  }
}

/** After a kill that no start followed, the pid file still names the segment that a start would have taken over. */
function removeSharedMemory(data: string): void {
  let lines: string[];
  try {
    lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return;
  }
  const id = lines[6]?.trim().split(/\s+/)[1];
  if (id !== undefined) spawnSync('ipcrm', ['-m', id], { stdio: 'ignore' });
}
