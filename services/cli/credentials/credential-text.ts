/** Credentials as an operator sees them: never a hash. */
import { passwordsInForce } from '../../core/broker-access/in-force.ts';
import type { Credential } from '../../ports/credential-store.ts';
import { stateOf } from './lifetimes.ts';

/** For programs; times as ISO 8601. `now`: ms since 1970, here and below. */
export function credentialJson(credential: Credential, now: number): object {
  const { name, kind, cse, levels, credentialLevel, passwords, createdAt, expiresAt, revokedAt } = credential;
  return {
    name,
    kind,
    ...(cse === undefined ? {} : { cse: `/${cse}` }),
    levels,
    ...(credentialLevel === undefined ? {} : { credentialId: credentialLevel }),
    state: stateOf(credential, now),
    passwords: passwords.map(({ iterations, until }) => ({
      iterations,
      ...(until === undefined ? {} : { until: timeOf(until) }),
    })),
    createdAt: timeOf(createdAt),
    ...(expiresAt === undefined ? {} : { expiresAt: timeOf(expiresAt) }),
    ...(revokedAt === undefined ? {} : { revokedAt: timeOf(revokedAt) }),
  };
}

/** A table in the order given. */
export function credentialTable(credentials: readonly Credential[], now: number): string {
  const rows = credentials.map((credential) => rowOf(credential, now));
  const table = [['name', 'kind', 'CSE', 'speaks as', 'registers as', 'created', 'expires', 'shows', 'state'], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table.map((row) => padded(row, widths)).join('\n');
}

function rowOf(credential: Credential, now: number): string[] {
  const { name, kind, cse, levels, credentialLevel, createdAt, expiresAt } = credential;
  return [
    name,
    kind,
    cse === undefined ? 'all' : `/${cse}`,
    levels.join(' '),
    credentialLevel ?? '',
    timeOf(createdAt),
    expiresAt === undefined ? 'never' : timeOf(expiresAt),
    shownBy(credential, now),
    stateText(credential, now),
  ];
}

function shownBy({ passwords, revokedAt }: Credential, now: number): string {
  if (revokedAt !== undefined) return '';
  const [newest, ...older] = passwordsInForce(passwords, now);
  if (newest === undefined) return 'certificate';
  const ends = older.flatMap(({ until }) => until ?? []);
  return ends.length === 0 ? 'password' : `password, old one until ${timeOf(Math.max(...ends))}`;
}

function stateText(credential: Credential, now: number): string {
  const state = stateOf(credential, now);
  return state === 'revoked' && credential.revokedAt !== undefined ? `revoked ${timeOf(credential.revokedAt)}` : state;
}

function padded(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, column) => cell.padEnd(widths[column] ?? 0))
    .join('  ')
    .trimEnd();
}

/** To the second. */
function timeOf(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, 'Z');
}
