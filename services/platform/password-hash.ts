/**
 * Passwords of devices and processes, and how they are kept: PBKDF2 with SHA-512, as Mosquitto does it too (`$7$`), so that one
 * hash serves every broker. The passwords that we make have 192 random bits: no number of iterations makes guessing one harder
 * in practice. The iterations are there for passwords that were taken over from elsewhere, and cost whoever checks a CONNECT.
 */
import { pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(pbkdf2);

/** A salted hash. Salt and hash are Base64. */
export interface HashedPassword {
  iterations: number;
  salt: string;
  hash: string;
}

/**
 * About 5 ms a check on one core of 2020. Mosquitto checks in its only thread: at 100,000 a fleet of 10,000 that comes back after
 * a restart would take minutes, longer than clients wait, and would never be done.
 */
export const defaultIterations = 10_000;

/** What Mosquitto takes by itself. */
export const leastIterations = 101;

/** A hash from elsewhere that says more would keep a core busy for seconds. */
export const mostIterations = 10_000_000;

/** Mosquitto 2.0 takes no other length in a password file, and EMQX only salts that are text: nine random bytes in Base64. */
const saltBytes = 12;
const newSalt = () => Buffer.from(randomBytes(9).toString('base64'));
const hashBytes = 64;
const passwordBytes = 24;

/** 32 characters that need no escape in a URL, a shell or a file. A command would take one with `-` in front for an option. */
export function newPassword(): string {
  const drawn = randomBytes(passwordBytes).toString('base64url');
  return drawn.startsWith('-') ? newPassword() : drawn;
}

export async function hashPassword(password: string, iterations = defaultIterations): Promise<HashedPassword> {
  const salt = newSalt();
  const hash = await derive(password, salt, iterations, hashBytes, 'sha512');
  return { iterations, salt: salt.toString('base64'), hash: hash.toString('base64') };
}

export interface PasswordChecker {
  /** Takes the same time whatever the password is. */
  matches(password: string, hash: HashedPassword): Promise<boolean>;
  /** Takes as long as the last check, and never matches: for names that do not exist. */
  pretend(password: string): Promise<false>;
}

export function createPasswordChecker(): PasswordChecker {
  const dummySalt = randomBytes(saltBytes);
  let usual = defaultIterations;
  return {
    async matches(password, { iterations, salt, hash }) {
      const wanted = Buffer.from(hash, 'base64');
      // Of an empty hash the derivation would be empty too.
      if (wanted.length !== hashBytes || !isCount(iterations)) return false;
      usual = iterations;
      const found = await derive(password, Buffer.from(salt, 'base64'), iterations, hashBytes, 'sha512');
      return timingSafeEqual(found, wanted);
    },
    async pretend(password) {
      await derive(password, dummySalt, usual, hashBytes, 'sha512');
      return false;
    },
  };
}

/** As the password file of Mosquitto has it: `$7$<iterations>$<salt>$<hash>`. */
export function formatPasswordHash({ iterations, salt, hash }: HashedPassword): string {
  return `$7$${iterations}$${salt}$${hash}`;
}

/** Undefined for anything but a hash of this kind, also where Mosquitto would not take it. */
export function parsePasswordHash(text: string): HashedPassword | undefined {
  const match = /^\$7\$(\d{1,8})\$([A-Za-z0-9+/]+={0,2})\$([A-Za-z0-9+/]+={0,2})$/.exec(text);
  if (match === null) return undefined;
  const [, count = '', salt = '', hash = ''] = match;
  const fits = lengthOf(salt) === saltBytes && lengthOf(hash) === hashBytes && isCount(Number(count));
  return fits ? { iterations: Number(count), salt, hash } : undefined;
}

function isCount(iterations: number): boolean {
  return Number.isInteger(iterations) && iterations >= 1 && iterations <= mostIterations;
}

function lengthOf(base64: string): number {
  return Buffer.from(base64, 'base64').length;
}
