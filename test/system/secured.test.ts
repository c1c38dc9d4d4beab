/** The whole path with nothing in the clear, and every secret of it replaced while it runs (issue 4, part 1). */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, it, type TestContext } from 'node:test';
import { Redis } from 'ioredis';
import { type Cluster, startCluster } from '../../infra/local/cluster.ts';
import type { KafkaPart } from '../../infra/local/kafka.ts';
import type { Security } from '../../infra/local/secured-parts.ts';
import { PostgresDatabase } from '../../services/adapters/postgres/postgres-database.ts';
import { withParts } from '../parts/with-parts.ts';
import { type Device, until } from './device.ts';
import { hostedCses, testSettings } from './settings.ts';
import { type Ae, System } from './system.ts';

const { skip } = withParts({ mosquitto: true, kafka: 1, postgres: true, redis: true }, { own: true });
const next = 'next-password';

describe('a cluster whose connections are all encrypted and authenticated', { skip }, () => {
  let cluster: Cluster;
  let security: Security;
  const lines: string[] = [];

  const system = new System(() => ({
    ...hostedCses,
    urls: cluster.mqttUrls,
    hasOneConnection: false,
    stop: () => cluster.stop(),
  }));

  before(async () => {
    cluster = await startCluster({
      secured: true,
      ingress: 1,
      workers: 1,
      responders: 1,
      environment: testSettings,
      line: (process, text) => lines.push(`${process} ${text}`),
    });
    assert.ok(cluster.security !== undefined);
    security = cluster.security;
  });
  after(() => cluster?.stop());

  /** With a certificate of its own, as it is now. */
  async function device(t: TestContext, level: string): Promise<Device> {
    const { certFile, keyFile } = await security.certificates.issueClient(level);
    const tls = {
      ca: readFileSync(security.certificates.caFile),
      cert: readFileSync(certFile),
      key: readFileSync(keyFile),
    };
    return system.device(t, level, { tls });
  }

  /** A container that tells its AE of every instance. */
  async function watched(of: Device): Promise<string> {
    const rn = system.newName('ae');
    const ae: Ae = { device: of, stem: of.level, path: `${system.base}/${rn}`, resource: {} };
    const attributes = { rn, api: 'Ntest', rr: true, srv: ['3'] };
    await of.must(2001, { op: 1, to: system.base, ty: 2, pc: { 'm2m:ae': attributes } });
    const container = await system.container(ae);
    await system.subscription(ae, container, { nu: [of.level], enc: { net: [3], chty: [4] } });
    return container;
  }

  async function store(of: Device, container: string, count: number): Promise<void> {
    await Promise.all(Array.from({ length: count }, (_, index) => system.instance(of, container, `${index}`)));
  }

  /** One value of the database, asked by the product's own way in. */
  async function ask(password: string, text: string): Promise<unknown> {
    const { certFile, keyFile } = security.client;
    const database = new PostgresDatabase({
      url: `${cluster.parts.postgres.url}&sslcert=${certFile}&sslkey=${keyFile}`,
      password,
    });
    try {
      const [result] = await database.session('read', (session) => session.run([{ statement: { name: '', text } }]));
      return result?.rows[0]?.[0];
    } finally {
      await database.close();
    }
  }

  it('serves requests and notifications, and no connection to the database is in the clear', async (t) => {
    const meter = await device(t, 'Cmeter');
    const container = await watched(meter);
    await store(meter, container, 20);
    await meter.noticed(20);
    const { cni } = await system.retrieve(meter, container, 'm2m:cnt');
    assert.equal(cni, 20);
    const ours = "from pg_stat_ssl join pg_stat_activity using (pid) where application_name like 'in-cse%'";
    assert.equal(await ask(security.password, `select bool_and(ssl) ${ours}`), true);
    assert.ok(Number(await ask(security.password, `select count(*) ${ours}`)) > 1);
  });

  it('goes on in the same processes when every password, authority and certificate is replaced', async (t) => {
    const meter = await device(t, 'Cbefore');
    const container = await watched(meter);
    await store(meter, container, 20);
    await meter.leave();
    const pids = cluster.processes.map(({ pid }) => pid);

    const { kafka, postgres, redis, broker } = cluster.parts;
    await (kafka as KafkaPart).setPassword(security.user, next);
    security.writePassword('kafka', next);
    await ask(security.password, `alter role ${security.user} password '${next}'`);
    security.writePassword('postgres', next);
    await security.certificates.replaceAll();
    await Promise.all([kafka, postgres, redis, broker].map((part) => part.restart()));
    await changeRedisPassword();

    for (const each of cluster.processes) await each.ready();
    const again = await device(t, 'Cbefore');
    await store(again, container, 20);
    await until('the notifications', () => again.notices().length >= 20);
    const { cni } = await system.retrieve(again, container, 'm2m:cnt');
    assert.equal(cni, 40, 'nothing is lost, nothing is there twice');
    assert.deepEqual(
      cluster.processes.map(({ pid }) => pid),
      pids,
    );
    await assert.rejects(ask(security.password, 'select 1'), /password authentication failed/);
    const said = lines.join('\n');
    assert.ok(!said.includes(security.password) && !said.includes(next), 'no password is logged');
  });

  /** The server comes back from a restart with the password of its file. */
  async function changeRedisPassword(): Promise<void> {
    const { redis } = cluster.parts;
    security.writePassword('redis', next);
    const ca = readFileSync(security.certificates.caFile);
    const operator = new Redis(redis.url.replace(/\?.*/, ''), { tls: { ca } });
    try {
      await operator.acl('SETUSER', security.user, 'resetpass', `>${next}`);
      await operator.call('CLIENT', 'KILL', 'USER', security.user, 'SKIPME', 'yes');
      await until('the processes at the cache', async () => {
        const clients = String(await operator.client('LIST'));
        return clients.split('\n').filter((line) => line.includes(`user=${security.user}`)).length >= 3;
      });
    } finally {
      operator.disconnect();
    }
  }
});
