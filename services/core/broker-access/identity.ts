/** Who may connect to a broker, and what a credential stands for. */

/** What a credential is for: an AE, a remote CSE, a device that only registers itself, or our own processes. */
export type IdentityKind = 'ae' | 'cse' | 'registration' | 'service';

export const identityKinds: readonly IdentityKind[] = ['ae', 'cse', 'registration', 'service'];

export interface BrokerIdentity {
  /** MQTT user name and common name of a certificate, unique in the deployment: `Cpump@id-in`. */
  name: string;
  kind: IdentityKind;
  /** Topic level of the hosting CSE, `id-in`; absent for service accounts, which serve all. */
  cse?: string;
  /** Topic levels as which it speaks on `req` and `resp`: `Cpump`, `mn-1`. Empty for registrations and services. */
  levels: readonly string[];
  /** Its level on `reg_req`, the Credential-ID (TS-0010 6.4.4); absent for CSEs and services. */
  credentialLevel?: string;
}

/** Characters that no broker's file, URL or certificate needs to escape. */
const namePattern = /^[A-Za-z0-9][A-Za-z0-9._~@-]{0,127}$/;

export function isIdentityName(text: string): boolean {
  return namePattern.test(text);
}

/**
 * A topic level that a rule may hold: `+`, `#` and `$` would turn it into a pattern (CVE-2017-7650 was such a user name),
 * `/` into several levels. Colons stand for the slashes of an ID (TS-0010 6.4.2); an `@` is part of a Credential-ID
 * (TS-0003 10.4).
 */
export function isGrantableLevel(text: string): boolean {
  return /^:?[A-Za-z0-9._~@-]+(:[A-Za-z0-9._~@-]+)*$/.test(text) && text.length <= 255;
}
