/** Whether what a client shows is a credential that is in force. */
import { isIdentityName } from '../core/broker-access/identity.ts';
import { isInForce, passwordsInForce } from '../core/broker-access/in-force.ts';
import type { PasswordChecker } from '../platform/password-hash.ts';
import type { AccessRefusal, ConnectAttempt } from '../ports/broker-access.ts';
import type { Credential, PasswordHash } from '../ports/credential-store.ts';

export type Verdict =
  | {
      accepted: Credential;
      /** The hash that matched; undefined: a certificate. */
      password: PasswordHash | undefined;
    }
  | { refused: AccessRefusal };

/** The name that an attempt is about, or why there is none that could be right. */
export function nameOfAttempt(attempt: ConnectAttempt): { name: string } | { refused: AccessRefusal } {
  const name = nonEmpty(attempt.name);
  const commonName = nonEmpty(attempt.commonName);
  if (name === undefined && commonName === undefined) return { refused: 'no identity' };
  if (name !== undefined && commonName !== undefined && name !== commonName) return { refused: 'two identities' };
  const claimed = commonName ?? name ?? '';
  return isIdentityName(claimed) ? { name: claimed } : { refused: 'not a name' };
}

/**
 * `credential` is the one of the name that the attempt claims; `now` in ms since 1970. A verified certificate is enough; a
 * password beside it must be right all the same. A refusal takes as long for a name that does not exist as for one that does.
 */
export async function verifyCredential(
  credential: Credential | undefined,
  attempt: ConnectAttempt,
  now: number,
  passwords: PasswordChecker,
): Promise<Verdict> {
  const password = nonEmpty(attempt.password);
  const hashes = passwordsInForce(credential?.passwords ?? [], now);
  const matched = password === undefined ? undefined : await matchingHash(password, hashes, passwords);
  if (credential === undefined) return { refused: 'unknown name' };
  if (!isInForce(credential, now)) return { refused: credential.revokedAt === undefined ? 'expired' : 'revoked' };
  if (matched !== undefined) return { accepted: credential, password: matched };
  const byCertificate = nonEmpty(attempt.commonName) !== undefined;
  if (password !== undefined && (hashes.length > 0 || !byCertificate)) return { refused: 'wrong password' };
  return byCertificate ? { accepted: credential, password: undefined } : { refused: 'no password' };
}

async function matchingHash(
  password: string,
  hashes: readonly PasswordHash[],
  passwords: PasswordChecker,
): Promise<PasswordHash | undefined> {
  if (hashes.length === 0) await passwords.pretend(password);
  for (const hash of hashes) if (await passwords.matches(password, hash)) return hash;
  return undefined;
}

/** Whether who was let in by `admitted` and `password` would still be: it is the same identity, in force, with that password. */
export function stillInForce(
  current: Credential | undefined,
  admitted: Credential,
  password: PasswordHash | undefined,
  now: number,
): boolean {
  if (current === undefined || !isInForce(current, now)) return false;
  if (current !== admitted && !isSameIdentity(current, admitted)) return false;
  if (password === undefined) return true;
  return passwordsInForce(current.passwords, now).some(
    ({ hash, salt }) => hash === password.hash && salt === password.salt,
  );
}

/** When an admission ends by itself: with the credential, or with a password that was rotated out; ms since 1970. */
export function endOf(credential: Credential, password: PasswordHash | undefined): number | undefined {
  const ends = [credential.expiresAt, password?.until].filter((end) => end !== undefined);
  return ends.length === 0 ? undefined : Math.min(...ends);
}

function isSameIdentity(one: Credential, other: Credential): boolean {
  return (
    one.kind === other.kind &&
    one.cse === other.cse &&
    one.credentialLevel === other.credentialLevel &&
    one.levels.length === other.levels.length &&
    one.levels.every((level, index) => level === other.levels[index])
  );
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
