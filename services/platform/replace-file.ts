/** Files that others read while they are replaced. */
import type { Stats } from 'node:fs';
import { type FileHandle, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Puts a file in the place of another in one step, readable by its owner only if `secret`: who reads it sees all of the old or
 * all of the new one, also after a loss of power. The folder must be there. Nobody else may do it with the same file meanwhile.
 */
export async function replaceFile(path: string, text: string, { secret }: { secret: boolean }): Promise<void> {
  const fresh = `${path}.new`;
  // Whoever could open one that was left behind would read on in it.
  await rm(fresh, { force: true });
  try {
    const handle = await open(fresh, 'wx', secret ? 0o600 : 0o644);
    try {
      await giveAway(handle, path);
      await handle.writeFile(text);
      // Else a loss of power after the rename leaves an empty file.
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, path);
  } catch (error) {
    await rm(fresh, { force: true });
    throw error;
  }
  await syncFolder(dirname(path));
}

/** What root writes must stay readable for the user whose file or folder it is. */
async function giveAway(handle: FileHandle, path: string): Promise<void> {
  if (process.geteuid?.() !== 0) return;
  const { uid, gid } = (await statOf(path)) ?? (await stat(dirname(path)));
  await handle.chown(uid, gid);
}

async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
