/** What the broker-access side knows of credentials: who they stand for and how to check a password, never a password itself. */
import type { BrokerIdentity } from '../core/broker-access/identity.ts';

/** PBKDF2 with SHA-512, as Mosquitto keeps it too. */
export interface PasswordHash {
  iterations: number;
  /** Base64. */
  salt: string;
  /** Base64 of 64 bytes. */
  hash: string;
  /** After this time (ms since 1970) it is not accepted any more; absent: no end. Rotation leaves the old one a while. */
  until?: number;
}

export interface Credential extends BrokerIdentity {
  /** The newest first. Empty: only a certificate with this common name is accepted. */
  passwords: readonly PasswordHash[];
  /** ms since 1970. */
  createdAt: number;
  /** ms since 1970; absent: no end. */
  expiresAt?: number;
  /** ms since 1970; absent: in force. */
  revokedAt?: number;
}

export interface CredentialStore {
  /**
   * Puts what `change` makes of the credential of this name, of undefined where there is none; nobody else changes it
   * meanwhile. Where `change` gives undefined or throws, nothing is changed; what it throws is passed on.
   */
  change(
    name: string,
    change: (current: Credential | undefined) => Credential | undefined,
  ): Promise<Credential | undefined>;
  get(name: string): Promise<Credential | undefined>;
  /** By name; also those that were revoked or have expired. */
  list(): Promise<Credential[]>;
  close(): Promise<void>;
}
