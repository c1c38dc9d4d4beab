/**
 * Credentials of an embedded CSE: one JSON file, readable by its owner only, replaced as a whole, so that whoever reads it
 * while it is written sees the one or the other. Several processes may change it: a lock beside it lets one at a time.
 */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { lock } from 'proper-lockfile';
import { replaceFile } from '../../platform/replace-file.ts';
import type { Credential, CredentialStore } from '../../ports/credential-store.ts';
import { readCredential, UnreadableCredential } from '../../ports/read-credential.ts';

interface Content {
  credentials: Credential[];
}

/** The file is there and is none of ours; the text says which and what is wrong. */
export class UnreadableCredentials extends Error {
  override name = 'UnreadableCredentials';
}

/** A process that died with the lock loses it after `stale` ms; one that works takes a few. */
const lockOptions = { stale: 5000, realpath: false, retries: { retries: 400, factor: 1, minTimeout: 25 } };

/** Nothing is read or made before the first call. A file that is not there has no credentials. */
export function openCredentialFile(file: string): CredentialStore {
  let last: Promise<unknown> = Promise.resolve();

  async function changeLocked(
    name: string,
    make: (current: Credential | undefined) => Credential | undefined,
  ): Promise<Credential | undefined> {
    await mkdir(dirname(file), { recursive: true });
    const release = await lock(file, lockOptions).catch((error: NodeJS.ErrnoException) => {
      throw error.code === 'ELOCKED' ? new Error(`${file} is being changed by another process: try again.`) : error;
    });
    try {
      const all = await read(file);
      const changed = make(all.find((each) => each.name === name));
      if (changed === undefined) return undefined;
      await write(file, [...all.filter((each) => each.name !== name), readCredential(changed)]);
      return changed;
    } finally {
      await release();
    }
  }

  return {
    // One after the other in this process too: who finds the lock taken has to wait and ask again.
    change(name, make) {
      const changed = last.then(() => changeLocked(name, make));
      last = changed.catch(() => {});
      return changed;
    },
    async get(name) {
      return (await read(file)).find((each) => each.name === name);
    },
    list: () => read(file),
    close: async () => {},
  };
}

async function read(file: string): Promise<Credential[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  try {
    const { credentials } = JSON.parse(text) as { credentials: unknown[] };
    return credentials.map(readCredential).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    const what = error instanceof UnreadableCredential ? error.message : 'it is not a file of credentials';
    throw new UnreadableCredentials(`${file} cannot be used, ${what}: restore it, or remove it and begin anew.`);
  }
}

function write(file: string, credentials: Credential[]): Promise<void> {
  const text = `${JSON.stringify({ credentials } satisfies Content, undefined, 1)}\n`;
  return replaceFile(file, text, { secret: true });
}
