/** What becomes of a credential. */
import { isInForce, passwordsInForce } from '../../core/broker-access/in-force.ts';
import type { Credential, PasswordHash } from '../../ports/credential-store.ts';
import { CommandFailed, ExitCode } from '../exit-codes.ts';

export type CredentialState = 'in force' | 'expired' | 'revoked';

/** `now` here and below: ms since 1970. */
export function stateOf(credential: Credential, now: number): CredentialState {
  if (credential.revokedAt !== undefined && credential.revokedAt <= now) return 'revoked';
  return isInForce(credential, now) ? 'in force' : 'expired';
}

/** A name stands for somebody: it is not given to another by mistake. `replace` allows it where it is not in force any more. */
export function assertFree(name: string, current: Credential | undefined, replace: boolean, now: number): void {
  if (current === undefined) return;
  const state = stateOf(current, now);
  if (state === 'in force') throw failed(`${name} is taken: rotate it, or revoke it first.`);
  if (!replace) throw failed(`${name} is taken by one that is ${state}: say --replace to make it anew.`);
}

/** With a new password; those that were accepted still are for `overlap` ms. */
export function rotated(
  name: string,
  current: Credential | undefined,
  { password, overlap, now }: { password: PasswordHash; overlap: number; now: number },
): Credential {
  const known = existing(name, current);
  const state = stateOf(known, now);
  if (state !== 'in force') throw failed(`${name} is ${state}: make it anew with "create … --replace".`);
  if (known.passwords.length === 0) throw failed(`${name} has no password: only its certificate is accepted.`);
  const end = now + overlap;
  const old = passwordsInForce(known.passwords, now).map((each) => ({
    ...each,
    until: Math.min(each.until ?? end, end),
  }));
  return { ...known, passwords: [password, ...passwordsInForce(old, now)] };
}

/** Undefined where it is already. Nobody needs its passwords any more. */
export function revoked(name: string, current: Credential | undefined, now: number): Credential | undefined {
  const known = existing(name, current);
  return stateOf(known, now) === 'revoked' ? undefined : { ...known, passwords: [], revokedAt: now };
}

function existing(name: string, current: Credential | undefined): Credential {
  if (current === undefined) throw failed(`There is no credential ${name}.`);
  return current;
}

function failed(message: string): CommandFailed {
  return new CommandFailed(ExitCode.failed, message);
}
