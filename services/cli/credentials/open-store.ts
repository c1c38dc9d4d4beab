/** The credentials of a deployment, and which CSEs it hosts. */
import { join } from 'node:path';
import { openCredentialFile } from '../../adapters/file/credential-store.ts';
import { SqlCredentialStore } from '../../adapters/postgres/credential-store.ts';
import { openPostgresStore } from '../../adapters/postgres/open-postgres.ts';
import { PostgresDatabase } from '../../adapters/postgres/postgres-database.ts';
import { postgresAddressOf } from '../../platform/addresses.ts';
import { SettingsError } from '../../platform/settings.ts';
import { createSystemClock } from '../../platform/system-clock.ts';
import type { CredentialStore } from '../../ports/credential-store.ts';
import { cseSettings } from '../../resource-worker/cse-settings.ts';
import { CommandFailed, ExitCode } from '../exit-codes.ts';
import type { StoreSettings } from './store-settings.ts';

export interface CredentialPlace {
  store: CredentialStore;
  /** CSE-IDs; undefined where nobody can say: an embedded CSE has them in the settings that it is started with. */
  hosted: readonly string[] | undefined;
}

/** Opens the store, does the work and closes it. */
export async function withCredentials<T>(
  settings: StoreSettings,
  work: (place: CredentialPlace) => Promise<T>,
): Promise<T> {
  const place = await openCredentials(settings);
  try {
    return await work(place);
  } finally {
    await place.store.close();
  }
}

/** The caller closes the store. */
export async function openCredentials(settings: StoreSettings): Promise<CredentialPlace> {
  const { data, credentialsFile, postgresUrl } = settings;
  const file = credentialsFile ?? (data === undefined ? undefined : join(data, 'credentials.json'));
  if (file !== undefined) return { store: openCredentialFile(file), hosted: undefined };
  if (postgresUrl === '') {
    throw new SettingsError(['give --data or --credentials-file of an embedded CSE, or --postgres-url of a cluster']);
  }
  const address = postgresAddressOf(settings);
  // Says in words what is wrong with the database.
  const store = await openPostgresStore(address, { clock: createSystemClock(), development: true });
  try {
    const hosted = (await store.cses()).map(({ id }) => id);
    return { store: new SqlCredentialStore(new PostgresDatabase(address)), hosted };
  } finally {
    await store.close();
  }
}

/** The CSE that is meant. */
export function chosenCse({ hosted }: CredentialPlace, cseId: string | undefined): string {
  if (hosted === undefined) return cseId ?? cseSettings.cseId.fallback;
  const [only, ...others] = hosted;
  if (cseId === undefined && only !== undefined && others.length === 0) return only;
  const known = hosted.length === 0 ? 'no CSE' : hosted.join(', ');
  if (cseId === undefined) throw new SettingsError([`say with --cse-id which CSE is meant: there is ${known}`]);
  if (!hosted.includes(cseId)) {
    throw new CommandFailed(ExitCode.failed, `There is no CSE ${cseId} in this deployment, which has ${known}.`);
  }
  return cseId;
}
