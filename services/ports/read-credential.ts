/**
 * Credentials as stores keep them, as JSON. They are checked when they are read, too: a level with a wildcard in it, written by
 * hand, would be a pattern in every broker's rules.
 */
import { identityKinds, isGrantableLevel, isIdentityName } from '../core/broker-access/identity.ts';
import type { Credential, PasswordHash } from './credential-store.ts';

/** Something else than a credential is kept; the text names it and says what is wrong. */
export class UnreadableCredential extends Error {
  override name = 'UnreadableCredential';
}

type Shape = Partial<Record<keyof Credential, unknown>>;

/** Of parsed JSON. Throws {@link UnreadableCredential}. Members that nobody knows stay: a later build may have written them. */
export function readCredential(value: unknown): Credential {
  const shape = (typeof value === 'object' && value !== null ? value : {}) as Shape;
  if (typeof shape.name !== 'string' || !isIdentityName(shape.name)) {
    throw new UnreadableCredential(`not the name of a credential: ${JSON.stringify(shape.name)}`);
  }
  for (const [member, isRight] of Object.entries(members)) {
    if (!isRight(shape[member as keyof Credential], shape)) {
      throw new UnreadableCredential(`the credential ${shape.name} has a wrong "${member}"`);
    }
  }
  return value as Credential;
}

const members: Partial<Record<keyof Credential, (value: unknown, of: Shape) => boolean>> = {
  kind: (value) => identityKinds.some((kind) => kind === value),
  cse: (value, { kind }) => (kind === 'service' ? value === undefined : isLevel(value)),
  levels: (value) => Array.isArray(value) && value.every(isLevel),
  credentialLevel: (value) => value === undefined || isLevel(value),
  passwords: (value) => Array.isArray(value) && value.every(isPasswordHash),
  createdAt: isTime,
  expiresAt: (value) => value === undefined || isTime(value),
  revokedAt: (value) => value === undefined || isTime(value),
};

function isLevel(value: unknown): boolean {
  return typeof value === 'string' && isGrantableLevel(value);
}

function isTime(value: unknown): boolean {
  return Number.isSafeInteger(value);
}

/** Base64 has no character that a line of a broker's file could end at. */
function isPasswordHash(value: unknown): boolean {
  const { iterations, salt, hash, until } = (value ?? {}) as Partial<Record<keyof PasswordHash, unknown>>;
  return isTime(iterations) && isBase64(salt) && isBase64(hash) && (until === undefined || isTime(until));
}

function isBase64(value: unknown): boolean {
  return typeof value === 'string' && /^[A-Za-z0-9+/]+={0,2}$/.test(value);
}
