/** Who may connect to an embedded CSE, where it asks. */
import { openCredentialFile } from '../adapters/file/credential-store.ts';
import { createMemoryAttemptLimiter } from '../adapters/memory/attempt-limiter.ts';
import { createBrokerAccess } from '../broker-access/broker-access.ts';
import { createCredentialList } from '../broker-access/credential-list.ts';
import type { CseDescription } from '../core/cse.ts';
import { idToTopicLevel } from '../core/identifiers.ts';
import type { Log } from '../platform/logging.ts';
import { createPasswordChecker } from '../platform/password-hash.ts';
import type { BrokerAccess } from '../ports/broker-access.ts';
import type { Clock } from '../ports/clock.ts';
import { asksForCredentials, credentialsFileOf } from './access-settings.ts';
import type { EmbeddedSettings } from './config.ts';

/** Nobody could connect. */
export class NoCredentials extends Error {
  override name = 'NoCredentials';
}

export interface EmbeddedAccess extends BrokerAccess {
  /** There are other CSEs than there were. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}

export interface EmbeddedAccessParts {
  settings: EmbeddedSettings;
  /** Absolute; undefined: nothing is kept. */
  dataFolder: string | undefined;
  cses(): Promise<readonly Pick<CseDescription, 'id'>[]>;
  clock: Clock;
  log: Log;
}

/** undefined: everybody may connect. Rejects with {@link NoCredentials} where nobody could. */
export async function openEmbeddedAccess(parts: EmbeddedAccessParts): Promise<EmbeddedAccess | undefined> {
  const { settings, dataFolder, cses, clock, log } = parts;
  const file = credentialsFileOf(settings, dataFolder);
  if (!asksForCredentials(settings) || file === undefined) return undefined;
  const { shareGroup: group, topicPrefix: prefix, attemptsPerName, attemptsPerPeer } = settings;
  const credentials = openCredentialFile(file);
  const list = createCredentialList({
    async read() {
      const levels = (await cses()).map(({ id }) => idToTopicLevel(id));
      // Free topics are for service accounts; here our flows are inside.
      return { credentials: await credentials.list(), scope: { prefix, cses: levels, group, freeTopics: [] } };
    },
    clock,
    log,
    refresh: settings.credentialRefresh,
    believedFor: settings.credentialTrust,
  });
  await list.start();
  if (list.current()?.countInForce(clock.now()) === 0) {
    list.stop();
    throw new NoCredentials(
      `Clients must show credentials, and none is in force in ${file}: make one first, with "in-cse credentials create".`,
    );
  }
  const limiter = createMemoryAttemptLimiter({ perName: attemptsPerName, perPeer: attemptsPerPeer });
  const passwords = createPasswordChecker();
  const access = createBrokerAccess({ list, limiter, passwords, clock, group });
  return {
    group,
    authenticate: (attempt) => access.authenticate(attempt),
    watch: (changed) => access.watch(changed),
    refresh: () => list.refresh(),
    async close() {
      list.stop();
      await credentials.close();
    },
  };
}
