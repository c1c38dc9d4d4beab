/** The folder that keeps the data of an embedded CSE: made if need be, and used by one process at a time. */
import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type LockOptions, lock } from 'proper-lockfile';

/** The folder cannot be used; the message says why and what to do. */
export class DataFolderUnavailable extends Error {
  override name = 'DataFolderUnavailable';
}

export interface DataFolder {
  /** Absolute. */
  readonly path: string;
  release(): Promise<void>;
}

/** `lost` is called when the process stood still for long and another one took the folder. Throws {@link DataFolderUnavailable}. */
export async function openDataFolder(folder: string, lost: (reason: Error) => void): Promise<DataFolder> {
  const path = resolve(folder);
  try {
    mkdirSync(path, { recursive: true });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new DataFolderUnavailable(
      `The data folder ${path} cannot be used (${reasonOf(error)}): choose another with --data, or keep nothing with --memory.`,
    );
  }
  return { path, release: await lockFolder(path, lost) };
}

type Release = () => Promise<void>;

/** ms after which a lock that nobody refreshes no longer counts. */
const stale = 5000;

/** A lock is a folder `<name>.lock` beside what it names, which need not be there. */
const lockOptions: LockOptions = { stale, realpath: false };

async function lockFolder(path: string, lost: (reason: Error) => void): Promise<Release> {
  const options = { ...lockOptions, onCompromised: lost };
  try {
    return await ownLock(path, options);
  } catch (error) {
    if (!isLocked(error)) throw error;
  }
  const holder = holderOf(path);
  if (holder === undefined || holder === process.pid) {
    // A restarted container has the pid of the process that was killed in it: only time tells whether it lives.
    return ownLock(path, { ...options, retries: { retries: 60, factor: 1, minTimeout: 100 } }).catch(explain(path));
  }
  if (isAlive(holder)) throw inUse(path, holder);
  return takeOver(path, options).catch(explain(path));
}

async function ownLock(path: string, options: LockOptions): Promise<Release> {
  const release = await lock(join(path, 'in-cse'), options);
  writeFileSync(pidFile(path), `${process.pid}\n`);
  return async () => {
    rmSync(pidFile(path), { force: true });
    await release();
  };
}

/** The holder was killed. One process at a time takes over, so that none removes the lock of another. */
async function takeOver(path: string, options: LockOptions): Promise<Release> {
  const done = await lock(join(path, 'take-over'), lockOptions);
  try {
    const holder = holderOf(path);
    if (holder !== undefined && isAlive(holder)) throw inUse(path, holder);
    rmSync(join(path, 'in-cse.lock'), { recursive: true, force: true });
    return await ownLock(path, options);
  } finally {
    await done();
  }
}

function pidFile(path: string): string {
  return join(path, 'in-cse.pid');
}

function holderOf(path: string): number | undefined {
  try {
    return Number.parseInt(readFileSync(pidFile(path), 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function isLocked(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ELOCKED';
}

function explain(path: string): (error: unknown) => never {
  return (error) => {
    throw isLocked(error) ? inUse(path, holderOf(path)) : error;
  };
}

function inUse(path: string, holder: number | undefined): DataFolderUnavailable {
  const who = holder === undefined ? 'Another process' : `Another process (${holder})`;
  return new DataFolderUnavailable(
    `${who} uses the data folder ${path}: stop it, or choose another folder with --data.`,
  );
}

function reasonOf(error: unknown): string {
  switch ((error as NodeJS.ErrnoException).code) {
    case 'EACCES':
    case 'EPERM':
      return 'no permission';
    case 'EROFS':
      return 'the file system is read-only';
    case 'EEXIST':
    case 'ENOTDIR':
      return 'it is a file';
    case 'ENOSPC':
      return 'the disk is full';
    default:
      return (error as Error).message;
  }
}
