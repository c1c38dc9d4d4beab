/** What a client will show, for one that is made or rotated. */
import { hashPassword, newPassword, parsePasswordHash } from '../../platform/password-hash.ts';
import type { PasswordHash } from '../../ports/credential-store.ts';
import { WrongArgument } from '../client/attribute-values.ts';

export interface PasswordOptions {
  /** No password: its certificate is enough, and needed. */
  certificateOnly?: true;
  /** Taken over from elsewhere. */
  passwordHash?: string;
  passwordFile?: string;
}

export interface MadePassword {
  hashes: PasswordHash[];
  /** Only where it was drawn here. */
  password?: string;
}

/** Throws WrongArgument for options that say two things. */
export async function makePassword(options: PasswordOptions, iterations: number): Promise<MadePassword> {
  const { certificateOnly, passwordHash, passwordFile } = options;
  const said = [certificateOnly, passwordHash, passwordFile].filter((option) => option !== undefined);
  if (said.length > 1) {
    throw new WrongArgument('Say one of --certificate-only, --password-hash and --password-file.');
  }
  if (certificateOnly === true) return { hashes: [] };
  if (passwordHash !== undefined) return { hashes: [takenOver(passwordHash)] };
  const password = newPassword();
  return { password, hashes: [await hashPassword(password, iterations)] };
}

function takenOver(text: string): PasswordHash {
  const hash = parsePasswordHash(text);
  if (hash === undefined) {
    throw new WrongArgument('--password-hash is not a line of a Mosquitto password file from $7$ on.');
  }
  return hash;
}
