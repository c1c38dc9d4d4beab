/** The access files of a cluster on this machine, made from its credentials as `in-cse credentials export` makes them. */
import type { AccessWriter, Environment } from '../../../infra/local/cluster.ts';
import type { GuardedBrokerName } from '../../../infra/local/guarded-broker.ts';
import { serviceName } from '../../../infra/local/secured-parts.ts';
import { isInForce, passwordsInForce } from '../../core/broker-access/in-force.ts';
import { idToTopicLevel } from '../../core/identifiers.ts';
import { readSettings, type SettingsOf } from '../../platform/settings.ts';
import type { Credential, CredentialStore } from '../../ports/credential-store.ts';
import { knownSettings } from '../commands/known-settings.ts';
import { environment } from '../config.ts';
import { serviceIdentity } from '../credentials/new-credential.ts';
import { type CredentialPlace, openCredentials } from '../credentials/open-store.ts';
import { scopeSettings, storeSettings } from '../credentials/store-settings.ts';
import { writeAccessFiles } from '../credentials/write-access-files.ts';

const settings = { ...storeSettings, ...scopeSettings };

interface Opened {
  broker: GuardedBrokerName;
  folder: string;
  place: CredentialPlace;
  given: SettingsOf<typeof settings>;
}

export class ClusterAccess implements AccessWriter {
  #opened: Opened | undefined;
  #written = '';
  #operatorEnvironment: Environment = {};

  async begin(broker: GuardedBrokerName, folder: string): Promise<void> {
    const scope = { prefix: '', cses: [], group: '', freeTopics: [] };
    await writeAccessFiles(broker, folder, { credentials: [], scope, now: Date.now() });
  }

  async admit(broker: GuardedBrokerName, folder: string, ofCluster: Environment): Promise<void> {
    const given = readSettings(settings, {
      flags: {},
      environment: { ...environment(), ...ofCluster },
      alsoKnown: knownSettings(),
    });
    const place = await openCredentials(given);
    this.#opened = { broker, folder, place, given };
    const variables = ['IN_CSE_POSTGRES_URL', 'IN_CSE_POSTGRES_PASSWORD_FILE'];
    this.#operatorEnvironment = Object.fromEntries(variables.map((name) => [name, ofCluster[name] ?? '']));
    // Whoever has its certificate, which only this machine's authority issues.
    const service = { ...serviceIdentity({ id: serviceName }), passwords: [], createdAt: Date.now() };
    await place.store.change(serviceName, (current) => current ?? service);
    await this.refresh();
  }

  /** Of the cluster, once it runs. */
  get store(): CredentialStore {
    return this.#known().place.store;
  }

  /** By which `in-cse credentials` finds them. */
  get operatorEnvironment(): Environment {
    return this.#operatorEnvironment;
  }

  /** Writes the files anew where credentials have come, changed or ended since; whether it did. */
  async refresh(now = Date.now()): Promise<boolean> {
    const { broker, folder, place, given } = this.#known();
    const credentials = inForce(await place.store.list(), now);
    const text = JSON.stringify(credentials);
    if (text === this.#written) return false;
    const cses = (place.hosted ?? []).map(idToTopicLevel);
    const scope = { prefix: given.topicPrefix, cses, group: given.shareGroup, freeTopics: given.freeTopics };
    await writeAccessFiles(broker, folder, { credentials, scope, now });
    this.#written = text;
    return true;
  }

  async close(): Promise<void> {
    await this.#opened?.place.store.close();
    this.#opened = undefined;
  }

  #known(): Opened {
    if (this.#opened === undefined) throw new Error('the cluster does not run');
    return this.#opened;
  }
}

function inForce(credentials: readonly Credential[], now: number): Credential[] {
  return credentials
    .filter((credential) => isInForce(credential, now))
    .map((credential) => ({ ...credential, passwords: passwordsInForce(credential.passwords, now) }));
}
