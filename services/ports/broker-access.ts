/** What a broker asks before it lets somebody in. Whatever is not sure is denied. */
import type { BrokerIdentity } from '../core/broker-access/identity.ts';
import type { TopicGrant } from '../core/broker-access/topic-rules.ts';

/** What a client shows when it connects. */
export interface ConnectAttempt {
  /** MQTT user name. */
  name?: string | undefined;
  password?: string | undefined;
  /** Of a client certificate that the broker has verified. */
  commonName?: string | undefined;
  /** Where the broker does not see to it itself that nobody takes over the session of another. */
  clientId?: string | undefined;
  /** Address of the client, for limits; undefined where the broker does not tell it. */
  peer?: string | undefined;
}

/** Why somebody is not let in: for logs and metrics, never for the client. */
export type AccessRefusal =
  | 'no identity'
  | 'two identities'
  | 'not a name'
  | 'unknown name'
  | 'wrong password'
  | 'no password'
  | 'revoked'
  | 'expired'
  | 'nothing granted'
  | 'client id of a service'
  | 'too many attempts'
  | 'busy'
  | 'credentials not readable';

/** Somebody who was let in. */
export interface AccessSession {
  readonly identity: BrokerIdentity;
  /** All that it may do, as of now. */
  readonly grants: readonly TopicGrant[];
  /** When the credential ends by itself, ms since 1970; undefined: not. */
  readonly until: number | undefined;
  /** False once the credential was revoked or changed, has ended, or can no longer be known. Cheap. */
  inForce(): boolean;
}

export type AccessAnswer = { session: AccessSession } | { refused: AccessRefusal };

export interface BrokerAccess {
  /** Share group of ingress, as a `$share` filter has it. */
  readonly group: string;
  /** Never rejects. */
  authenticate(attempt: ConnectAttempt): Promise<AccessAnswer>;
  /** Calls back whenever sessions may have ended; gives a function that stops that. */
  watch(changed: () => void): () => void;
}
