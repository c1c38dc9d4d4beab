/** The embedded CSE where it asks for credentials, by its command line: beyond loopback, TLS, rotation and revocation (issue 4 §1). */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import mqtt from 'mqtt';
import { type Certificates, makeCertificates } from '../../infra/local/certificates.ts';
import { freePorts } from '../../infra/local/free-ports.ts';
import { openWorkFolder, type WorkFolder } from '../../infra/local/work-folder.ts';
import { openCredentialFile } from '../../services/adapters/file/credential-store.ts';
import type { Credential } from '../../services/ports/credential-store.ts';
import { credentialOf, hashOf, passwordOf } from '../fixtures/broker-access/credentials.ts';
import { identities, type Who } from '../fixtures/broker-access/identities.ts';
import { Device, until } from './device.ts';
import { type EmbeddedProcess, launcher, startEmbeddedProcess } from './embedded-process.ts';
import { hostedCses, testSettings } from './settings.ts';
import { System } from './system.ts';

const login = (who: Who) => ({ username: identities[who].name, password: passwordOf(identities[who]) });

interface Ended {
  code: number;
  text: string;
}

/** Runs `in-cse start`, which is to end by itself. */
function refusedStart(flags: string[]): Promise<Ended> {
  const ports = ['--mqtt-port', '0', '--ws-port', '0', '--admin-port', '0'];
  return new Promise((resolve) => {
    execFile(process.execPath, [launcher, 'start', ...ports, ...flags], { timeout: 30_000 }, (error, out, failed) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error === null ? 0 : -1, text: out + failed }),
    );
  });
}

describe('an embedded CSE that must not start', () => {
  let folder: WorkFolder;
  before(() => {
    folder = openWorkFolder('embedded-access');
  });
  after(() => folder.remove());

  const file = async (name: string, credentials: Credential[]) => {
    const path = join(folder.path, name);
    const store = openCredentialFile(path);
    for (const each of credentials) await store.change(each.name, () => each);
    return path;
  };
  const rows: [what: string, flags: () => string[] | Promise<string[]>, says: RegExp, code: number][] = [
    ['beyond loopback without TLS', () => ['--host', '0.0.0.0'], /give --tls-cert-file .* or --insecure-listen/, 2],
    [
      'beyond loopback without credentials',
      () => ['--host', '0.0.0.0', '--insecure-listen', '--credentials', 'off'],
      /always required/,
      2,
    ],
    [
      'beyond loopback with an empty list',
      async () => ['--host', '0.0.0.0', '--insecure-listen', '--credentials-file', await file('none.json', [])],
      /none is in force in .*none\.json: make one first, with "in-cse credentials create"/,
      1,
    ],
    [
      'where all have ended',
      async () => {
        const ended = [
          { ...credentialOf(identities.pump), revokedAt: 1 },
          { ...credentialOf(identities.valve), expiresAt: 1 },
        ];
        return ['--credentials', 'required', '--credentials-file', await file('ended.json', ended)];
      },
      /none is in force/,
      1,
    ],
    [
      'with files that are no certificate',
      async () => {
        const path = await file('pump.json', [credentialOf(identities.pump)]);
        return ['--tls-cert-file', path, '--tls-key-file', path];
      },
      /cannot be used together/,
      1,
    ],
  ];
  for (const [what, flags, says, code] of rows) {
    it(`${what}: one clear line`, async () => {
      const ended = await refusedStart(['--memory', ...(await flags())]);
      assert.match(ended.text, says);
      assert.doesNotMatch(ended.text, /\n {4}at /);
      assert.equal(ended.code, code);
    });
  }
});

describe('an embedded CSE with credentials and TLS, beyond loopback', () => {
  let folder: WorkFolder;
  let certificates: Certificates;
  let embedded: EmbeddedProcess;
  let tlsPort: number;
  const original = credentialOf(identities.pump);
  /** An address of this machine beside loopback, if it has one. */
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((each) => each?.internal === false && each.family === 'IPv4')?.address;
  const system = new System(() => ({
    ...hostedCses,
    urls: [url('localhost')],
    hasOneConnection: true,
    stop: async () => {},
  }));
  const url = (host: string) => `mqtts://${host}:${tlsPort}`;
  const ca = () => readFileSync(certificates.caFile);

  before(async () => {
    folder = openWorkFolder('embedded-access-tls');
    certificates = await makeCertificates(folder.path);
    const [port = 0] = await freePorts(1);
    tlsPort = port;
    const hosts = ['localhost', '127.0.0.1', ...(outside === undefined ? [] : [outside])];
    const { certFile, keyFile } = await certificates.issueServer({ hosts });
    embedded = await startEmbeddedProcess({
      keep: true,
      settings: { ...testSettings, IN_CSE_CREDENTIAL_REFRESH: '100ms' },
      flags: [
        ...['--host', '0.0.0.0', '--mqtts-port', `${port}`],
        ...['--tls-cert-file', certFile, '--tls-key-file', keyFile, '--tls-client-ca-file', certificates.caFile],
      ],
      async prepare(data) {
        await put(data, original);
        await put(data, credentialOf(identities.valve));
      },
    });
  });
  after(async () => {
    await embedded?.stop();
    await folder.remove();
  });

  async function ae(t: TestContext, who: 'pump' | 'valve', host = 'localhost') {
    const stem = identities[who].levels[0] ?? '';
    const device = await system.device(t, stem, { url: url(host), tls: { ca: ca() }, login: login(who) });
    const registration = {
      op: 1,
      to: system.base,
      ty: 2,
      pc: { 'm2m:ae': { rn: who, api: 'Ntest', rr: true, srv: ['3'] } },
    };
    const { rsc } = await device.request(registration);
    assert.ok(rsc === 2001 || rsc === 4105 || rsc === 4117, `${rsc}`);
    return device;
  }
  const closed = (client: mqtt.MqttClient) => new Promise<void>((resolve) => client.once('close', () => resolve()));
  const options = (who: Who) => ({ protocolVersion: 4 as const, reconnectPeriod: 0, ca: ca(), ...login(who) });

  it('serves devices as elsewhere, and our own flows need no credentials', async (t) => {
    const pump = await ae(t, 'pump');
    await pump.must(2001, { op: 1, to: `${system.base}/pump`, ty: 3, pc: { 'm2m:cnt': { rn: 'box' } } });
    const sub = { 'm2m:sub': { nu: ['Cpump'], enc: { net: [3] } } };
    await pump.must(2001, { op: 1, to: `${system.base}/pump/box`, ty: 23, pc: sub });
    await pump.must(2001, { op: 1, to: `${system.base}/pump/box`, ty: 4, pc: { 'm2m:cin': { con: 'x' } } });
    await pump.noticed(1);
  });

  it('is reached from outside by TLS only', { skip: outside === undefined && 'no other address' }, async (t) => {
    const host = outside ?? '';
    const device = await mqtt.connectAsync(url(host), options('pump'));
    t.after(() => device.endAsync(true));
    const plain = new URL(embedded.url).port;
    await assert.rejects(mqtt.connectAsync(`mqtt://${host}:${plain}`, { ...options('pump') }, false), /ECONNREFUSED/);
    await assert.rejects(
      mqtt.connectAsync(embedded.url, { protocolVersion: 4, reconnectPeriod: 0 }, false),
      /refused/i,
    );
  });

  it('promise 4: who publishes on the topic of another is thrown out, and nothing is stored', async (t) => {
    const valve = await ae(t, 'valve');
    await valve.request({ op: 1, to: `${system.base}/valve`, ty: 3, pc: { 'm2m:cnt': { rn: 'box' } } });
    const before = await system.retrieve(valve, `${system.base}/valve/box`, 'm2m:cnt');
    const attacker = await mqtt.connectAsync(url('localhost'), options('pump'));
    attacker.on('error', () => {});
    const create = {
      op: 1,
      to: `${system.base}/valve/box`,
      ty: 4,
      fr: 'Cvalve',
      rqi: 'forged',
      rvi: '3',
      pc: { 'm2m:cin': { con: 'x' } },
    };
    const end = closed(attacker);
    attacker.publish('/oneM2M/req/Cvalve/id-in/json', JSON.stringify(create), { qos: 1 }, () => {});
    await end;
    assert.deepEqual(await system.retrieve(valve, `${system.base}/valve/box`, 'm2m:cnt'), before);
    const metrics = await (await fetch(`${embedded.adminUrl}/metrics`)).text();
    assert.match(metrics, /incse_broker_access_denied_total\{action="publish"\} 1/);
  });

  it('a certificate is an identity without a password', async (t) => {
    const { certFile, keyFile } = await certificates.issueClient(identities.valve.name);
    const tls = { ca: ca(), cert: readFileSync(certFile), key: readFileSync(keyFile) };
    const device = await Device.open({ url: url('localhost'), cse: system.cse.level, level: 'Cvalve', tls });
    t.after(() => device.close());
    await device.must(2000, { op: 2, to: system.base });
  });

  it('a rotated credential goes on by both passwords; a revoked one is disconnected within seconds', async () => {
    const connection = await mqtt.connectAsync(url('localhost'), options('pump'));
    connection.on('error', () => {});
    const [old] = original.passwords;
    assert.ok(old !== undefined);
    const rotated = { ...original, passwords: [hashOf('new'), { ...old, until: Date.now() + 60_000 }] };
    await put(embedded.dataFolder, rotated);
    const renewed = { ...options('pump'), password: 'new' };
    const other = await until('the new password counts', () =>
      mqtt.connectAsync(url('localhost'), renewed, false).catch(() => undefined),
    );
    other.on('error', () => {});
    assert.equal(connection.connected, true);
    const ends = Promise.all([closed(connection), closed(other)]);
    await put(embedded.dataFolder, { ...rotated, revokedAt: Date.now() });
    await ends;
    await assert.rejects(mqtt.connectAsync(url('localhost'), options('pump'), false), /refused/);
  });

  async function put(data: string, credential: Credential): Promise<void> {
    await openCredentialFile(join(data, 'credentials.json')).change(credential.name, () => credential);
  }
});
