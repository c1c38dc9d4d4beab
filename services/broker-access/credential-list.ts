/**
 * All credentials and what the deployment fills into their grants, as last read: nobody who connects waits for a database.
 * Where it cannot be read any more, the last list is believed for a bounded time, and after that nobody is known.
 */
import { isInForce } from '../core/broker-access/in-force.ts';
import type { AccessScope } from '../core/broker-access/topic-rules.ts';
import type { Log } from '../platform/logging.ts';
import type { Clock } from '../ports/clock.ts';
import type { Credential } from '../ports/credential-store.ts';

export interface AccessFacts {
  credentials: readonly Credential[];
  scope: AccessScope;
}

export interface CredentialListOptions {
  read(): Promise<AccessFacts>;
  clock: Clock;
  log: Log;
  /** ms from one reading to the next. */
  refresh: number;
  /** ms for which a list is believed after it was read. */
  believedFor: number;
}

export interface CredentialList {
  /** undefined while nothing is known that may be believed. */
  current(): KnownAccess | undefined;
  /** Called after each reading, also one that failed. */
  watch(changed: () => void): () => void;
  /** Reads for the first time; rejects if that cannot be. */
  start(): Promise<void>;
  /** Reads before its time. */
  refresh(): Promise<void>;
  stop(): void;
}

export interface KnownAccess {
  find(name: string): Credential | undefined;
  readonly scope: AccessScope;
  /** Credentials that could let somebody in now. */
  countInForce(now: number): number;
}

/** A list that takes long to read is read less often: at most this share of the time. */
const longestShare = 0.1;

export function createCredentialList(options: CredentialListOptions): CredentialList {
  const { read, clock, log, refresh, believedFor } = options;
  const watchers = new Set<() => void>();
  let known: KnownAccess | undefined;
  let readAt = 0;
  let failing = false;
  let stopped = false;
  let cancel: () => void = () => {};

  async function readOnce(): Promise<void> {
    const begun = clock.monotonic();
    known = indexed(await read());
    readAt = begun;
    if (failing) log.info({}, 'credentials can be read again');
    failing = false;
  }

  async function readAgain(): Promise<void> {
    const begun = clock.monotonic();
    try {
      await readOnce();
    } catch (error) {
      if (!failing) log.warn({ error, believedFor }, 'credentials cannot be read: the last ones count for a while');
      failing = true;
    }
    if (stopped) return;
    cancel();
    plan((clock.monotonic() - begun) / longestShare);
    for (const changed of watchers) changed();
  }

  function plan(atLeast: number): void {
    cancel = clock.after(Math.max(refresh, atLeast), () => void readAgain());
  }

  return {
    current: () => (clock.monotonic() - readAt <= believedFor ? known : undefined),
    watch(changed) {
      watchers.add(changed);
      return () => watchers.delete(changed);
    },
    async start() {
      await readOnce();
      plan(0);
    },
    refresh: readAgain,
    stop() {
      stopped = true;
      cancel();
    },
  };
}

function indexed({ credentials, scope }: AccessFacts): KnownAccess {
  const byName = new Map(credentials.map((credential) => [credential.name, credential]));
  return {
    find: (name) => byName.get(name),
    scope,
    countInForce: (now) => credentials.filter((credential) => isInForce(credential, now)).length,
  };
}
