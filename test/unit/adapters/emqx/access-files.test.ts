/** The files for EMQX, judged by its rules: there is no EMQX to run (issue 4, section 1). */
import assert from 'node:assert/strict';
import { pbkdf2Sync } from 'node:crypto';
import { describe, it } from 'node:test';
import { renderAccessFiles } from '../../../../services/adapters/emqx/access-files.ts';
import type { Credential } from '../../../../services/ports/credential-store.ts';
import { allCredentials, hashOf, passwordOf } from '../../../fixtures/broker-access/credentials.ts';
import { identities, scope } from '../../../fixtures/broker-access/identities.ts';
import { accessRows, titleOf } from '../../../fixtures/broker-access/rows.ts';
import { EmqxRules } from './emqx-rules.ts';

function textOf(name: string, credentials: readonly Credential[] = allCredentials(), now = 1): string {
  const file = renderAccessFiles(credentials, scope, now).find((each) => each.name === name);
  assert.ok(file);
  return file.text;
}

interface User {
  user_id: string;
  password_hash: string;
  salt: string;
  is_superuser: boolean;
}

function users(credentials: readonly Credential[], now = 1): User[] {
  return JSON.parse(textOf('users.json', credentials, now)) as User[];
}

describe('acl.conf', () => {
  const rules = new EmqxRules(textOf('acl.conf'));

  for (const row of accessRows) {
    const except = row.unless?.brokers.includes('emqx') === true;
    it(except ? `cannot tell that ${titleOf(row)} (${row.unless?.because})` : titleOf(row), () => {
      const { action, topic, retain = false } = row;
      const decided = rules.decide({ username: identities[row.who].name, action, topic, retain });
      assert.equal(decided, except ? !row.allowed : row.allowed);
    });
  }

  it('denies everything to who is not there, and ends with that', () => {
    for (const { action, topic } of accessRows) {
      assert.equal(rules.decide({ username: 'Cnobody@id-in', action, topic, retain: false }), false);
    }
    assert.match(textOf('acl.conf'), /\n\{deny, all\}\.\n$/);
  });

  it('leaves out who is revoked or has expired', () => {
    const [first, second, ...rest] = allCredentials() as [Credential, Credential, ...Credential[]];
    const text = textOf('acl.conf', [{ ...first, revokedAt: 5 }, { ...second, expiresAt: 5 }, ...rest], 5);
    assert.equal(text.includes(`"${first.name}"`), false);
    assert.equal(text.includes(`"${second.name}"`), false);
    assert.equal(text.includes(`"${rest[0]?.name}"`), true);
  });

  it('refuses to write what EMQX would read as more than a text', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of EMQX.
    for (const bad of ['a"b', 'a\\b', '${username}/#', 'a\nb']) {
      assert.throws(() => renderAccessFiles(allCredentials(), { ...scope, freeTopics: [bad] }, 1), /not to be written/);
    }
  });
});

describe('users.json', () => {
  it('holds hashes as EMQX makes them: PBKDF2 over the text of the salt, in hexadecimal', () => {
    const found = users(allCredentials());
    assert.equal(found.length, allCredentials().length);
    for (const { user_id: name, password_hash: hash, salt, is_superuser: superuser } of found) {
      const expected = pbkdf2Sync(passwordOf({ name }), Buffer.from(salt), 101, 64, 'sha512').toString('hex');
      assert.deepEqual([hash, superuser], [expected, false]);
    }
    assert.match(textOf('emqx-files.conf'), /name = pbkdf2, mac_fun = sha512, iterations = 101, dk_length = 64/);
  });

  it('takes the newest of two passwords, and none whose time has come', () => {
    const [one] = allCredentials() as [Credential];
    const [newer, older] = [hashOf('newer', 9), hashOf('older')];
    const hashes = (now: number) =>
      users([{ ...one, passwords: [newer, older] }], now).map((user) => user.password_hash);
    const hex = (hash: string) => Buffer.from(hash, 'base64').toString('hex');
    assert.deepEqual(hashes(8), [hex(newer.hash)]);
    assert.deepEqual(hashes(9), [hex(older.hash)]);
  });

  it('names in a comment whose password EMQX could not check', () => {
    const [one, two] = allCredentials() as [Credential, Credential];
    const binary = { ...hashOf('x'), salt: Buffer.alloc(12, 0xff).toString('base64') };
    const credentials = [one, { ...two, passwords: [binary] }];
    assert.deepEqual(
      users(credentials).map((user) => user.user_id),
      [one.name],
    );
    assert.match(textOf('emqx-files.conf', credentials), new RegExp(`another kind: ${two.name}\n`));
  });
});

for (const name of ['emqx-files.conf', 'emqx-http.conf']) {
  it(`${name} denies where nothing matches, keeps no retained messages and separates client ids`, () => {
    const text = textOf(name);
    const wanted = ['no_match = deny', 'retain_available = false', "concat([username, '/', clientid])"];
    for (const line of wanted) assert.ok(text.includes(line), line);
    // Who needs no password must have shown a certificate.
    for (const line of text.split('\n').filter((each) => each.includes('enable_authn = false'))) {
      assert.match(line, /verify = verify_peer, fail_if_no_peer_cert = true/);
    }
  });
}
