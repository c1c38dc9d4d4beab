/** Credentials whose passwords are quick to check, and the access that is decided by them. */
import { createHash } from 'node:crypto';
import { createMemoryAttemptLimiter } from '../../../services/adapters/memory/attempt-limiter.ts';
import { type CentralAccess, createBrokerAccess } from '../../../services/broker-access/broker-access.ts';
import { type CredentialList, createCredentialList } from '../../../services/broker-access/credential-list.ts';
import type { BrokerIdentity } from '../../../services/core/broker-access/identity.ts';
import { createLog } from '../../../services/platform/logging.ts';
import type { PasswordChecker } from '../../../services/platform/password-hash.ts';
import { createSystemClock } from '../../../services/platform/system-clock.ts';
import type { Clock } from '../../../services/ports/clock.ts';
import type { Credential, PasswordHash } from '../../../services/ports/credential-store.ts';
import { identities, scope } from '../../fixtures/broker-access/identities.ts';

export const passwordOf = (identity: BrokerIdentity) => `password of ${identity.name}`;

export function hashOf(password: string, more: Partial<PasswordHash> = {}): PasswordHash {
  const salt = createHash('sha256').update(`salt of ${password}`).digest('base64');
  return { iterations: 1, salt, hash: digest(password, salt), ...more };
}

function digest(password: string, salt: string): string {
  return createHash('sha512').update(`${salt} ${password}`).digest('base64');
}

/** How often passwords were checked, and how often it was only pretended. */
export interface CountedChecks extends PasswordChecker {
  matched: number;
  pretended: number;
}

export function quickChecks(): CountedChecks {
  const checks: CountedChecks = {
    matched: 0,
    pretended: 0,
    async matches(password, { salt, hash }) {
      checks.matched += 1;
      return digest(password, salt) === hash;
    },
    async pretend() {
      checks.pretended += 1;
      return false;
    },
  };
  return checks;
}

export function credentialOf(identity: BrokerIdentity, more: Partial<Credential> = {}): Credential {
  return { ...identity, passwords: [hashOf(passwordOf(identity))], createdAt: 0, ...more };
}

export interface Stage {
  access: CentralAccess;
  list: CredentialList;
  checks: CountedChecks;
  /** What the store holds; set `away` to make it fail. */
  store: { credentials: Credential[]; away: boolean };
}

/** All identities of the fixtures, each with a password. */
export async function accessStage(
  options: {
    limits?: { perName: number; perPeer: number };
    clock?: Clock;
    refresh?: number;
    believedFor?: number;
  } = {},
): Promise<Stage> {
  const { limits = { perName: 1000, perPeer: 10_000 }, clock = createSystemClock() } = options;
  const { refresh = 20, believedFor = 60_000 } = options;
  const store = { credentials: Object.values(identities).map((identity) => credentialOf(identity)), away: false };
  const list = createCredentialList({
    async read() {
      if (store.away) throw new Error('away');
      return { credentials: store.credentials.map((credential) => ({ ...credential })), scope };
    },
    clock,
    log: createLog({ service: 'test', instance: 'test', level: 'silent' }),
    refresh,
    believedFor,
  });
  const checks = quickChecks();
  const limiter = createMemoryAttemptLimiter(limits);
  const access = createBrokerAccess({ list, limiter, passwords: checks, clock, group: scope.group });
  await list.start();
  return { access, list, checks, store };
}
