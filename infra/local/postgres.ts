/** PostgreSQL: a new cluster of its own, one node. */
import { execFile, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePorts } from './free-ports.ts';
import { type Part, startNodes } from './part.ts';
import { locateTool } from './prerequisites.ts';
import { Program } from './program.ts';
import { openWorkFolder, type WorkFolder } from './work-folder.ts';

export interface PostgresOptions {
  /** Settings for postgresql.conf; they win. */
  settings?: Record<string, string | number>;
}

const superuser = 'app';

/** The url is `postgres://app@host:port/postgres`, of a superuser without password. */
export async function startPostgres(options: PostgresOptions = {}): Promise<Part> {
  const initdb = locateTool('initdb');
  const postgres = locateTool('postgres');
  if (initdb === undefined || postgres === undefined) throw new Error('PostgreSQL is not installed');
  const user = otherUser();
  const [port = 0] = await freePorts(1);
  const folder = openWorkFolder('postgres');
  const data = join(folder.path, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (user !== undefined) chownSync(data, user.uid, user.gid);
  try {
    await initialise(folder, initdb, data, user);
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
    ...options.settings,
  };
  const url = `postgres://${superuser}@127.0.0.1:${port}/postgres`;
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
): Promise<void> {
  const args = ['-D', data, '-U', superuser, '--auth=trust', '--no-sync', '-E', 'UTF8', '--locale=C'];
  await new Promise<void>((resolve, reject) => {
    const child = execFile(initdb, args, { cwd: folder.path, ...(user ?? {}) }, (error, _output, errors) => {
      if (error === null) resolve();
      else reject(new Error(`initdb failed: ${errors.trim() || error.message}`));
    });
    folder.guard(child, 'SIGTERM');
  });
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
