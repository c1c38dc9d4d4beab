/**
 * The files that make EMQX (5.9 or later) keep the table of topic rules: either by asking `in-cse broker-access` over HTTP, or
 * by a rule file and a file of users. EMQX cannot be had as a package, so these have been checked by its documented rules and
 * not at a running EMQX.
 */
import { isInForce, passwordsInForce } from '../../core/broker-access/in-force.ts';
import { type AccessScope, grantsOf, topicRules } from '../../core/broker-access/topic-rules.ts';
import type { AccessFile } from '../../ports/access-file.ts';
import type { Credential, PasswordHash } from '../../ports/credential-store.ts';
import { fileSettings, httpSettings } from './settings.ts';

/**
 * Credentials that are revoked or have expired at `now` are left out. EMQX's own database keeps one password for a user: of
 * several that are in force the newest is written. It knows one number of iterations, and salts that are text: a password
 * with another salt or number is left out, and a comment in `emqx-files.conf` names its user. EMQX reads the users when it
 * creates the database and changes none that is there: by these files it learns of no rotation and no revocation, though
 * without rules a user can do nothing. By HTTP both take effect.
 */
export function renderAccessFiles(credentials: readonly Credential[], scope: AccessScope, now: number): AccessFile[] {
  const known = credentials.filter((credential) => isInForce(credential, now));
  const newest = known.flatMap(({ name, passwords }) =>
    passwordsInForce(passwords, now)
      .slice(0, 1)
      .map((password) => ({ name, password })),
  );
  const iterations = commonest(newest.map(({ password }) => password.iterations));
  const fits = ({ password }: { password: PasswordHash }) =>
    password.iterations === iterations && hasTextSalt(password);
  const left = newest.filter((user) => !fits(user)).map(({ name }) => name);
  return [
    { name: 'acl.conf', text: rules(known, scope), secret: false },
    { name: 'users.json', text: `${JSON.stringify(newest.filter(fits).map(userOf), null, 1)}\n`, secret: true },
    { name: 'emqx-files.conf', text: fileSettings(iterations, left), secret: false },
    { name: 'emqx-http.conf', text: httpSettings(), secret: false, template: true },
  ];
}

/** Rules are tried from the top, the first that fits decides. A filter stands there without its share group. */
function rules(credentials: readonly Credential[], scope: AccessScope): string {
  const denied = topicRules
    .filter(({ allowed }) => !allowed)
    .map(({ pattern }) => (pattern === '#' ? '{eq, "#"}' : quoted(pattern)));
  const lines = [
    '{deny, all, {publish, [{retain, true}]}, ["#"]}.',
    `{deny, all, subscribe, [${[...denied, ...ownOfEmqx.map(quoted)].join(', ')}]}.`,
    ...credentials.flatMap((credential) => rulesOf(credential, scope)),
    '{deny, all}.',
  ];
  return `${lines.join('\n')}\n`;
}

/** Since 6.1 it judges queues and streams by the whole filter, not by what is behind the prefix. */
const ownOfEmqx = ['$queue/#', '$stream/#', '$exclusive/#', '$delayed/#', '$file/#', '$events/#'];

function rulesOf(credential: Credential, scope: AccessScope): string[] {
  const grants = grantsOf(credential, scope);
  const topics = (wanted: string) =>
    grants.filter(({ action }) => action === wanted).map(({ filter }) => quoted(filter));
  const who = `{username, ${quoted(credential.name)}}`;
  const line = (action: string, filters: string[]) =>
    filters.length === 0 ? [] : [`{allow, ${who}, ${action}, [${filters.join(', ')}]}.`];
  return [...line('{publish, [{retain, false}]}', topics('publish')), ...line('subscribe', topics('subscribe'))];
}

/** Throws for what would be more than a text in there: an escape, or a placeholder that EMQX fills in. */
function quoted(text: string): string {
  if (/["\\\p{Cc}]|\$\{/u.test(text)) throw new Error(`not to be written into an EMQX rule: ${JSON.stringify(text)}`);
  return `"${text}"`;
}

function userOf({ name, password }: { name: string; password: PasswordHash }): object {
  return {
    user_id: name,
    password_hash: Buffer.from(password.hash, 'base64').toString('hex'),
    salt: Buffer.from(password.salt, 'base64').toString('latin1'),
    is_superuser: false,
  };
}

/** EMQX has the salt in a text, byte for byte. */
function hasTextSalt({ salt }: PasswordHash): boolean {
  return /^[\x21-\x7e]+$/.test(Buffer.from(salt, 'base64').toString('latin1'));
}

function commonest(numbers: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const number of numbers) counts.set(number, (counts.get(number) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a)[0]?.[0] ?? 1;
}
