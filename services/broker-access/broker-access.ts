/** Who may connect to a broker and do what (promise 4), from the credentials and the one table of topic rules. */
import { type AccessScope, grantsOf, type TopicGrant } from '../core/broker-access/topic-rules.ts';
import type { PasswordChecker } from '../platform/password-hash.ts';
import type { AttemptLimiter } from '../ports/attempt-limiter.ts';
import type { AccessAnswer, AccessSession, BrokerAccess, ConnectAttempt } from '../ports/broker-access.ts';
import type { Clock } from '../ports/clock.ts';
import type { Credential, PasswordHash } from '../ports/credential-store.ts';
import type { CredentialList } from './credential-list.ts';
import { endOf, nameOfAttempt, stillInForce, verifyCredential } from './verify-credential.ts';

export interface BrokerAccessParts {
  list: CredentialList;
  limiter: AttemptLimiter;
  passwords: PasswordChecker;
  clock: Clock;
  /** Share group of ingress. */
  group: string;
}

export interface CentralAccess extends BrokerAccess {
  /** What somebody who has connected may do now; undefined: nothing. */
  grantsNow(name: string): readonly TopicGrant[] | undefined;
}

/** Most passwords checked at a time; each keeps a core busy for a while, and who waits longer has given up. */
const checksAtATime = 256;

export function createBrokerAccess({ list, limiter, passwords, clock, group }: BrokerAccessParts): CentralAccess {
  let checking = 0;

  async function verified(name: string, attempt: ConnectAttempt): Promise<AccessAnswer> {
    const known = list.current();
    if (known === undefined) return { refused: 'credentials not readable' };
    const verdict = await verifyCredential(known.find(name), attempt, clock.now(), passwords);
    if ('refused' in verdict) return verdict;
    if (verdict.accepted.kind !== 'service' && isOfService(attempt.clientId))
      return { refused: 'client id of a service' };
    const session = sessionOf(verdict.accepted, verdict.password, known.scope);
    return session.grants.length === 0 ? { refused: 'nothing granted' } : { session };
  }

  function sessionOf(admitted: Credential, password: PasswordHash | undefined, scope: AccessScope): AccessSession {
    return {
      identity: admitted,
      grants: grantsOf(admitted, scope),
      until: endOf(admitted, password),
      inForce() {
        const known = list.current();
        if (known === undefined) return false;
        return (
          (known.scope === scope || isSameScope(known.scope, scope)) &&
          stillInForce(known.find(admitted.name), admitted, password, clock.now())
        );
      },
    };
  }

  return {
    group,
    watch: (changed) => list.watch(changed),
    async authenticate(attempt) {
      const claim = nameOfAttempt(attempt);
      if ('refused' in claim) return claim;
      if (checking >= checksAtATime) return { refused: 'busy' };
      checking += 1;
      try {
        if (!(await limiter.charge(claim.name, attempt.peer))) return { refused: 'too many attempts' };
        const answer = await verified(claim.name, attempt);
        if ('session' in answer || answer.refused === 'credentials not readable') {
          await limiter.refund(claim.name, attempt.peer);
        }
        return answer;
      } catch {
        return { refused: 'credentials not readable' };
      } finally {
        checking -= 1;
      }
    },
    grantsNow(name) {
      const known = list.current();
      const credential = known?.find(name);
      if (known === undefined || credential === undefined) return undefined;
      return stillInForce(credential, credential, undefined, clock.now())
        ? grantsOf(credential, known.scope)
        : undefined;
    },
  };
}

/** Whoever has the client id of an ingress takes over its session and its place in the share group (R30). */
function isOfService(clientId = ''): boolean {
  return /~(ingress|responder)-/.test(clientId);
}

function isSameScope(one: AccessScope, other: AccessScope): boolean {
  return (
    one.prefix === other.prefix &&
    one.group === other.group &&
    isSameList(one.cses, other.cses) &&
    isSameList(one.freeTopics, other.freeTopics)
  );
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}
