import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { asksForCredentials, credentialsFileOf, listenPlanOf } from '../../../services/embedded/access-settings.ts';
import { dataFolderOf, readEmbeddedSettings } from '../../../services/embedded/config.ts';
import { SettingsError } from '../../../services/platform/settings.ts';
import { csesOf } from '../../../services/resource-worker/cse-settings.ts';

const folder = mkdtempSync(join(tmpdir(), 'in-cse-unit-'));
after(() => rmSync(folder, { recursive: true }));

function problemsOf(flags: Record<string, unknown>): readonly string[] {
  try {
    readEmbeddedSettings({ flags });
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
  return [];
}

describe('settings of the embedded CSE', () => {
  it('are those of the README without a word said', () => {
    const settings = readEmbeddedSettings({});
    assert.equal(settings.mqttPort, 1883);
    assert.equal(settings.cseId, '/id-in');
    assert.equal(settings.cseName, 'cse-in');
    assert.equal(settings.spId, '//sp.example');
    assert.equal(settings.admin, 'CAdmin');
    assert.equal(settings.logLevel, 'warn');
    assert.equal(dataFolderOf(settings), 'data');
  });

  it('are all named when several are wrong', () => {
    const problems = problemsOf({ mqttPort: 'x', cseId: 'id-in', admin: 'me', overloadAge: '1' });
    assert.equal(problems.length, 4);
    for (const flag of ['--mqtt-port', '--cse-id', '--admin', '--overload-age']) {
      assert.ok(
        problems.some((problem) => problem.startsWith(flag)),
        flag,
      );
    }
  });

  it('cannot keep and not keep', () => {
    assert.equal(problemsOf({ memory: true, data: 'x' }).length, 1);
    assert.equal(dataFolderOf(readEmbeddedSettings({ flags: { memory: true } })), undefined);
    assert.equal(dataFolderOf(readEmbeddedSettings({ flags: { data: 'x' } })), 'x');
  });

  it('give every listener a port of its own, where it is not 0', () => {
    assert.equal(problemsOf({ mqttPort: '5', wsPort: '5', adminPort: '5' }).length, 3);
    assert.deepEqual(problemsOf({ mqttPort: '0', wsPort: '0', adminPort: '0' }), []);
  });
});

describe('who reaches an embedded CSE (issue 4 §1)', () => {
  const tls = { tlsCertFile: 'cert.pem', tlsKeyFile: 'key.pem' };
  const rows: [what: string, flags: Record<string, unknown>, problem: RegExp | undefined][] = [
    ['loopback without a word', {}, undefined],
    ['loopback of version 6', { host: '::1' }, undefined],
    ['loopback with credentials', { credentials: 'required' }, undefined],
    ['loopback with TLS', tls, undefined],
    ['beyond loopback with TLS', { host: '0.0.0.0', ...tls }, undefined],
    ['beyond loopback with the flag', { host: '0.0.0.0', insecureListen: true }, undefined],
    ['beyond loopback alone', { host: '0.0.0.0' }, /beyond loopback: give --tls-cert-file/],
    ['a name is beyond loopback', { host: 'broker.example' }, /beyond loopback/],
    ['beyond loopback without credentials', { host: '::', ...tls, credentials: 'off' }, /always required/],
    ['half a certificate', { tlsCertFile: 'cert.pem' }, /belong together/],
    ['a port for TLS without a certificate', { mqttsPort: '1' }, /need a certificate/],
    [
      'an authority of clients without a certificate',
      { tlsClientCaFile: 'ca.pem', credentials: 'required' },
      /for TLS/,
    ],
    ['an authority of clients that nobody asks', { tlsClientCaFile: 'ca.pem', ...tls }, /give --credentials required/],
    ['credentials in no folder', { memory: true, credentials: 'required' }, /--credentials-file/],
    ['credentials in a file', { memory: true, credentials: 'required', credentialsFile: 'x' }, undefined],
  ];
  for (const [what, flags, problem] of rows) {
    it(`${what}: ${problem === undefined ? 'fine' : 'refused'}`, () => {
      const problems = problemsOf(flags);
      assert.equal(problems.length, problem === undefined ? 0 : 1, problems.join());
      if (problem !== undefined) assert.match(problems[0] ?? '', problem);
    });
  }

  it('beyond loopback without the flag, what is not encrypted stays on this machine', () => {
    const plan = (flags: Record<string, unknown>) => listenPlanOf(readEmbeddedSettings({ flags }));
    assert.deepEqual(plan({}), { host: '127.0.0.1', tls: undefined });
    assert.deepEqual(plan({ host: '0.0.0.0', ...tls, wssPort: '9' }), {
      host: '127.0.0.1',
      tls: { host: '0.0.0.0', port: 8883, webSocketPort: 9 },
    });
    assert.equal(plan({ host: '0.0.0.0', ...tls, insecureListen: true }).host, '0.0.0.0');
  });

  it('credentials are required beyond loopback, and where somebody says so', () => {
    const asks = (flags: Record<string, unknown>) => asksForCredentials(readEmbeddedSettings({ flags }));
    assert.deepEqual(
      [asks({}), asks({ credentials: 'required' }), asks({ host: '0.0.0.0', ...tls })],
      [false, true, true],
    );
    assert.equal(credentialsFileOf(readEmbeddedSettings({}), '/data'), '/data/credentials.json');
  });
});

describe('hosted CSEs (R32)', () => {
  it('are one by flags, and more by the file, each with what differs', () => {
    const file = join(folder, 'settings.json');
    const moreCses = [{ cseId: '/id-b', cseName: 'b', admin: '', duplicateWindow: '30s' }];
    writeFileSync(file, JSON.stringify({ spId: '//p', registrationPatterns: ['C*'], moreCses }));
    const [first, second, ...rest] = csesOf(readEmbeddedSettings({ flags: { cseId: '/id-a' }, file }));
    assert.deepEqual(rest, []);
    assert.deepEqual(
      [first?.id, first?.name, first?.admin, first?.duplicateWindow],
      ['/id-a', 'cse-in', '/id-a/CAdmin', 120_000],
    );
    assert.deepEqual(
      [second?.id, second?.name, second?.admin, second?.duplicateWindow],
      ['/id-b', 'b', undefined, 30_000],
    );
    assert.deepEqual([second?.serviceProvider, second?.registrationPatterns], ['//p', ['C*']]);
  });

  it('need a CSE-ID each: a collision is refused', () => {
    assert.match(problemsOf({ moreCses: '[{"cseName":"other"}]' })[0] ?? '', /cseId of its own: \/id-in/);
  });

  it('are told apart from what is no setting', () => {
    assert.match(problemsOf({ moreCses: '[{"cseId":"/x","colour":"red"}]' })[0] ?? '', /colour/);
    assert.match(problemsOf({ moreCses: '[{"cseId":"x"}]' })[0] ?? '', /moreCses|more-cses/);
  });

  it('name an S-type admin without the CSE', () => {
    const [first] = csesOf(readEmbeddedSettings({ flags: { admin: 'SAdmin' } }));
    assert.equal(first?.admin, '/SAdmin');
  });
});
