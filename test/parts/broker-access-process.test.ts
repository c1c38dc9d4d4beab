/** `in-cse broker-access` as a process on a real Postgres: TLS, secret, revocation, and a database that goes away (issue 4 §1). */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Certificates, makeCertificates } from '../../infra/local/certificates.ts';
import { freePorts } from '../../infra/local/free-ports.ts';
import { Program } from '../../infra/local/program.ts';
import { openWorkFolder, type WorkFolder } from '../../infra/local/work-folder.ts';
import { SqlCredentialStore } from '../../services/adapters/postgres/credential-store.ts';
import { migrate } from '../../services/adapters/postgres/migrate.ts';
import { openPostgresStore } from '../../services/adapters/postgres/open-postgres.ts';
import { PostgresDatabase } from '../../services/adapters/postgres/postgres-database.ts';
import { embeddedSettings } from '../../services/embedded/config.ts';
import { defaultSettings } from '../../services/platform/settings.ts';
import { createSystemClock } from '../../services/platform/system-clock.ts';
import type { CredentialStore } from '../../services/ports/credential-store.ts';
import { csesOf } from '../../services/resource-worker/cse-settings.ts';
import { credentialOf, passwordOf } from '../fixtures/broker-access/credentials.ts';
import { identities } from '../fixtures/broker-access/identities.ts';
import { until } from '../system/device.ts';
import { launcher } from '../system/embedded-process.ts';
import { withParts } from './with-parts.ts';

const parts = withParts({ postgres: true }, { own: true });

describe('the process broker-access', { skip: parts.skip }, () => {
  let folder: WorkFolder;
  let certificates: Certificates;
  let program: Program;
  let port: number;
  let adminPort: number;
  let agent: Agent;
  let credentials: CredentialStore;
  let postgres: Awaited<ReturnType<typeof parts.postgres>>;
  const { pump, valve } = identities;
  const trust = 3000;

  before(async () => {
    postgres = await parts.postgres();
    folder = openWorkFolder('broker-access');
    certificates = await makeCertificates(folder.path);
    await migrate(postgres.url, {
      requestsTopic: 'requests',
      outboundTopic: 'outbound',
      deadLettersTopic: 'dead-letters',
      requestPartitions: 4,
      outboundPartitions: 4,
    });
    const store = await openPostgresStore(postgres.url, { clock: createSystemClock(), development: true });
    for (const cse of csesOf(defaultSettings(embeddedSettings))) await store.putCse(cse);
    await store.close();
    credentials = new SqlCredentialStore(new PostgresDatabase(postgres.url));
    for (const each of [credentialOf(pump), credentialOf(valve)]) await credentials.change(each.name, () => each);
    writeFileSync(join(folder.path, 'secret'), 'of the broker\n');
    [port = 0, adminPort = 0] = await freePorts(2);
    agent = new Agent({ keepAlive: true, ca: readFileSync(certificates.caFile) });
    program = new Program({
      name: 'broker-access',
      folder,
      command: process.execPath,
      args: [launcher, 'broker-access', '--access-port', `${port}`, '--admin-port', `${adminPort}`],
      environment: {
        ...process.env,
        IN_CSE_POSTGRES_URL: postgres.url,
        IN_CSE_ACCESS_SECRET_FILE: join(folder.path, 'secret'),
        IN_CSE_TLS_CERT_FILE: certificates.server.certFile,
        IN_CSE_TLS_KEY_FILE: certificates.server.keyFile,
        IN_CSE_CREDENTIAL_REFRESH: '100ms',
        IN_CSE_CREDENTIAL_TRUST: `${trust}ms`,
      },
      ready: /broker access answers/,
    });
    await program.start();
  });
  after(async () => {
    agent?.destroy();
    await program?.end();
    await credentials?.close();
    await folder?.remove();
  });

  function ask(path: string, body: object, secret = 'of the broker'): Promise<{ result: string; acl?: unknown[] }> {
    return new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', 'x-in-cse-secret': secret };
      const asked = request({ host: 'localhost', port, path, method: 'POST', agent, headers }, (response) => {
        let text = '';
        response.on('data', (data: Buffer) => {
          text += data.toString();
        });
        response.on('end', () => {
          assert.equal(response.statusCode, 200);
          resolve(JSON.parse(text) as { result: string });
        });
      });
      asked.on('error', reject);
      asked.end(JSON.stringify(body));
    });
  }
  const login = (who: typeof pump | typeof valve) => ({ username: who.name, password: passwordOf(who) });
  const isAllowed = async (who: typeof pump | typeof valve) =>
    (await ask('/authenticate', login(who))).result === 'allow';
  const page = (name: string) => fetch(`http://127.0.0.1:${adminPort}/${name}`);

  it('answers by TLS, whoever knows the secret', async () => {
    const { result, acl = [] } = await ask('/authenticate', login(pump));
    assert.equal(result, 'allow');
    assert.ok(acl.length > 6);
    assert.equal((await ask('/authenticate', login(pump), 'guess')).result, 'deny');
    const question = { username: pump.name, action: 'publish', topic: '/oneM2M/req/Cpump/id-in/json', retain: 'false' };
    assert.equal((await ask('/authorize', question)).result, 'allow');
    assert.equal((await ask('/authorize', { ...question, username: valve.name })).result, 'deny');
    const metrics = await (await page('metrics')).text();
    assert.match(metrics, /incse_broker_access_requests_total\{path="authenticate",result="allow"\} 1/);
    assert.match(metrics, /incse_broker_access_requests_total\{path="authenticate",result="secret"\} 1/);
    assert.match(metrics, /incse_broker_access_credentials 2/);
  });

  it('takes a new secret from its file', async () => {
    writeFileSync(join(folder.path, 'secret'), 'another\n');
    await until(
      'the new one counts',
      async () => (await ask('/authenticate', login(pump), 'another')).result === 'allow',
    );
    assert.equal((await ask('/authenticate', login(pump))).result, 'deny');
    writeFileSync(join(folder.path, 'secret'), 'of the broker\n');
    await until('the first again', () => isAllowed(pump));
  });

  it('denies a revoked one within seconds', async () => {
    await credentials.change(valve.name, (current) => current && { ...current, revokedAt: 1 });
    await until('it is noticed', async () => !(await isAllowed(valve)));
    assert.equal(await isAllowed(pump), true);
  });

  it('goes on while the database is away, for a bounded time, then denies and is not ready, and comes back', async () => {
    assert.equal((await page('readyz')).status, 200);
    await postgres.kill();
    const at = performance.now();
    assert.equal(await isAllowed(pump), true);
    assert.equal((await page('readyz')).status, 200);
    await until('the last list is too old', async () => !(await isAllowed(pump)));
    assert.ok(performance.now() - at > trust / 2, 'it was believed for a while');
    assert.equal((await page('readyz')).status, 503);
    await postgres.start();
    await until('it is back', () => isAllowed(pump));
    assert.equal((await page('readyz')).status, 200);
  });

  it('ends in good order', async () => {
    await program.stop();
    await assert.rejects(ask('/authenticate', login(pump)), /ECONNREFUSED/);
  });
});
