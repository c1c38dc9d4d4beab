/** `in-cse credentials` as a person runs it, over the file of an embedded CSE (issue 4 §1). */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { openCredentialFile } from '../../../services/adapters/file/credential-store.ts';
import { verifyCredential } from '../../../services/broker-access/verify-credential.ts';
import { createPasswordChecker } from '../../../services/platform/password-hash.ts';

const launcher = join(import.meta.dirname, '..', '..', '..', 'services', 'cli', 'launch.mjs');
const folder = mkdtempSync(join(tmpdir(), 'in-cse-credentials-'));
after(() => rmSync(folder, { recursive: true }));
const store = openCredentialFile(join(folder, 'credentials.json'));

/** Fails where the exit code is another than `code`. Few iterations: a test is no attacker's target. */
function credentials(code: number, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(process.execPath, [launcher, 'credentials', ...args, '--data', folder], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, IN_CSE_PASSWORD_ITERATIONS: '101' },
  });
  assert.equal(status, code, stderr);
  return code === 0 ? stdout : stderr;
}

async function isLetIn(name: string, attempt: { password?: string; commonName?: string }): Promise<boolean> {
  const verdict = await verifyCredential(
    await store.get(name),
    { name, ...attempt },
    Date.now(),
    createPasswordChecker(),
  );
  return 'accepted' in verdict;
}

function passwordIn(text: string): string {
  const [, password = ''] = /^password {3}(\S+)$/m.exec(text) ?? [];
  assert.match(password, /^[A-Za-z0-9_][A-Za-z0-9_-]{31}$/);
  return password;
}

describe('in-cse credentials', () => {
  it('makes one whose password is shown once and kept nowhere, and refuses a name that is taken', async () => {
    const password = passwordIn(credentials(0, 'create', 'ae', 'Cpump'));
    assert.ok(await isLetIn('Cpump@id-in', { password }));
    assert.ok(!(await isLetIn('Cpump@id-in', { password: `${password}x` })));
    assert.ok(!readFileSync(join(folder, 'credentials.json'), 'utf8').includes(password));
    assert.match(credentials(1, 'create', 'ae', 'Cpump'), /^Cpump@id-in is taken: rotate it, or revoke it first\.\n$/);
    assert.ok(await isLetIn('Cpump@id-in', { password }), 'it is as it was');
  });

  it('writes a password to a file of its owner, and does not show it', async () => {
    const file = join(folder, 'password');
    const said = credentials(0, 'create', 'cse', '/mn-1', '--password-file', file, '--expires', '30');
    const password = readFileSync(file, 'utf8').trim();
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.ok(!said.includes(password));
    assert.ok(await isLetIn('mn-1@id-in', { password }));
    const { expiresAt = 0, createdAt } = (await store.get('mn-1@id-in')) ?? assert.fail();
    assert.equal(expiresAt - createdAt, 30 * 86_400_000);
  });

  it('makes one without a password, for a certificate with its name', async () => {
    assert.doesNotMatch(credentials(0, 'create', 'service', 'in-cse', '--certificate-only'), /password/);
    assert.ok(await isLetIn('in-cse', { commonName: 'in-cse' }));
    assert.ok(!(await isLetIn('in-cse', { password: 'x' })));
  });

  it('takes over a password of a Mosquitto password file, so that its device keeps it', async () => {
    const hash =
      '$7$101$+e+pnP/+GiSwV6/m$+NpYp8bG90LBzOV1Dg4SYTouBc5dEYHDS7hIZuS0w4+3pQ71dKyWrdiAUKWkzBh4Z5u7jSExl0/D2088hdgByw==';
    credentials(0, 'create', 'registration', 'old-7', '--password-hash', hash);
    assert.ok(await isLetIn('old-7@id-in', { password: 'secret' }));
  });

  it('rotates one: both passwords are accepted for a while, or the new one only', async () => {
    const first = passwordIn(credentials(0, 'create', 'ae', 'Crotor'));
    const { password: second } = JSON.parse(credentials(0, 'rotate', 'Crotor@id-in', '--json')) as { password: string };
    for (const password of [first, second]) assert.ok(await isLetIn('Crotor@id-in', { password }));
    const third = passwordIn(credentials(0, 'rotate', 'Crotor@id-in', '--overlap', '0'));
    for (const password of [first, second]) assert.ok(!(await isLetIn('Crotor@id-in', { password })));
    assert.ok(await isLetIn('Crotor@id-in', { password: third }));
  });

  it('revokes one for good, its certificate too; the name can be given again', async () => {
    const password = passwordIn(credentials(0, 'create', 'ae', 'Cgone'));
    assert.equal(credentials(0, 'revoke', 'Cgone@id-in'), 'Cgone@id-in is revoked.\n');
    assert.ok(!(await isLetIn('Cgone@id-in', { password })));
    assert.ok(!(await isLetIn('Cgone@id-in', { commonName: 'Cgone@id-in' })));
    assert.match(credentials(1, 'rotate', 'Cgone@id-in'), /is revoked/);
    assert.match(credentials(1, 'create', 'ae', 'Cgone'), /--replace/);
    const again = passwordIn(credentials(0, 'create', 'ae', 'Cgone', '--replace'));
    assert.ok(await isLetIn('Cgone@id-in', { password: again }));
  });

  it('lists them without hashes', async () => {
    const lines = credentials(0, 'list', '--json').trim().split('\n');
    const all = lines.map((line) => JSON.parse(line) as { name: string; state: string });
    assert.deepEqual(
      all.map(({ name }) => name),
      (await store.list()).map(({ name }) => name),
    );
    for (const { passwords } of await store.list()) {
      for (const { hash, salt } of passwords) assert.ok(!lines.join().includes(hash) && !lines.join().includes(salt));
    }
    assert.equal(credentials(0, 'list', '--cse-id', '/id-two'), 'There are no credentials.\n');
  });

  it('exports those in force, with files that only the broker may read, and leaves alone what an operator fits', () => {
    credentials(0, 'revoke', 'mn-1@id-in');
    const secrets = { mosquitto: 'passwords', hivemq: 'in-cse-access.txt', emqx: 'users.json' };
    for (const [broker, secret] of Object.entries(secrets)) {
      const out = join(folder, broker);
      assert.match(credentials(0, 'export', broker, '--out', out), / credentials at \/id-in\.\nNext: /);
      assert.equal(statSync(join(out, secret)).mode & 0o777, 0o600);
      const text = readFileSync(join(out, secret), 'utf8');
      assert.match(text, /Cpump@id-in/);
      assert.doesNotMatch(text, /mn-1@id-in/);
      assert.ok(readdirSync(out).every((name) => !name.endsWith('.new')));
    }
    const fitted = join(folder, 'mosquitto', 'in-cse.conf');
    writeFileSync(fitted, '# ours');
    assert.match(
      credentials(0, 'export', 'mosquitto', '--out', join(folder, 'mosquitto')),
      /Left as found: in-cse\.conf/,
    );
    assert.equal(readFileSync(fitted, 'utf8'), '# ours');
  });
});

describe('wrong use of in-cse credentials', () => {
  const cases: [args: string[], message: RegExp][] = [
    [['create', 'robot', 'x'], /"robot" is none of ae, cse, registration, service/],
    [['create', 'ae', 'C+'], /"C\+" is not an AE-ID at \/id-in/],
    [['create', 'ae', 'Cx', '--expires', '0'], /--expires takes a number of days/],
    [['create', 'ae', 'Cx', '--certificate-only', '--password-file', 'x'], /Say one of --certificate-only/],
    [['export', 'artemis', '--out', 'x'], /"artemis" is none of mosquitto, hivemq, emqx/],
  ];
  for (const [args, message] of cases) {
    it(`is said: ${args.join(' ')}`, () => assert.match(credentials(2, ...args), message));
  }
});
