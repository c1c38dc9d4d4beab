/** What `in-cse credentials` makes in Postgres and exports is what a real Mosquitto accepts (issue 4 §1). */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { connectAsync } from 'mqtt';
import { freePorts } from '../../infra/local/free-ports.ts';
import { startMosquitto } from '../../infra/local/mosquitto.ts';
import type { Part } from '../../infra/local/part.ts';
import { migrate } from '../../services/adapters/postgres/migrate.ts';
import { openPostgresStore } from '../../services/adapters/postgres/open-postgres.ts';
import { createSystemClock } from '../../services/platform/system-clock.ts';
import { describeCse } from '../contract/resource-store/context.ts';
import { createDatabase, type TestDatabase } from './postgres-database.ts';
import { withParts } from './with-parts.ts';

const parts = withParts({ postgres: true, mosquitto: true });
const launcher = join(import.meta.dirname, '..', '..', 'services', 'cli', 'launch.mjs');

describe('in-cse credentials of a cluster', { skip: parts.skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'in-cse-credentials-'));
  let database: TestDatabase | undefined;
  let broker: Part | undefined;

  before(async () => {
    database = await createDatabase((await parts.postgres()).url);
    await migrate(database.url);
    const store = await openPostgresStore(database.url, { clock: createSystemClock(), development: true });
    await store.putCse(describeCse('/id-in'));
    await store.putCse(describeCse('/id-two'));
    await store.close();
  });
  after(async () => {
    await broker?.stop();
    await database?.drop();
    rmSync(folder, { recursive: true });
  });

  async function credentials(...args: string[]): Promise<string> {
    const env = { PATH: process.env.PATH, IN_CSE_POSTGRES_URL: database?.url };
    return (await promisify(execFile)(process.execPath, [launcher, 'credentials', ...args], { env })).stdout;
  }

  async function create(...args: string[]): Promise<{ name: string; password: string }> {
    return JSON.parse(await credentials('create', ...args, '--json')) as { name: string; password: string };
  }

  const connect = ({ name, password }: { name: string; password: string }) =>
    connectAsync(broker?.url ?? '', { username: name, password, reconnectPeriod: 0, protocolVersion: 5 });

  it('asks which CSE is meant, and knows which there are', async () => {
    await assert.rejects(create('ae', 'Cpump'), /say with --cse-id which CSE is meant: there is \/id-in, \/id-two/);
    await assert.rejects(create('ae', 'Cpump', '--cse-id', '/id-x'), /There is no CSE \/id-x in this deployment/);
  });

  it('makes one that Mosquitto lets in as itself, and nobody else by its name', async () => {
    const pump = await create('ae', 'Cpump', '--cse-id', '/id-in');
    const twin = await create('ae', 'Cpump', '--cse-id', '/id-two');
    assert.deepEqual([pump.name, twin.name], ['Cpump@id-in', 'Cpump@id-two']);
    await credentials('export', 'mosquitto', '--out', folder);
    broker = await startGuarded(folder);

    const device = await connect(pump);
    const granted = await device.subscribeAsync('/oneM2M/resp/Cpump/id-in/#', { qos: 1 });
    assert.equal(granted[0]?.qos, 1);
    await assert.rejects(device.subscribeAsync('/oneM2M/resp/Cpump/id-two/#', { qos: 1 }), 'of its twin');
    await device.endAsync(true);
    await assert.rejects(connect({ ...pump, password: twin.password }));
    await assert.rejects(connect({ ...pump, password: `${pump.password}x` }));
  });

  it('takes a rotated password after SIGHUP, and a revoked one no more', async () => {
    const next = JSON.parse(await credentials('rotate', 'Cpump@id-in', '--json')) as { name: string; password: string };
    await credentials('revoke', 'Cpump@id-two');
    await credentials('export', 'mosquitto', '--out', folder);
    assert.doesNotMatch(readFileSync(join(folder, 'passwords'), 'utf8'), /id-two/);
    process.kill(broker?.pids[0] ?? assert.fail(), 'SIGHUP');
    const deadline = Date.now() + 10_000;
    for (;;) {
      const device = await connect(next).catch(() => undefined);
      if (device !== undefined) {
        await device.endAsync(true);
        return;
      }
      assert.ok(Date.now() < deadline, 'the new password is accepted');
    }
  });
});

/** Without TLS, on loopback: what is shown is who is let in. */
async function startGuarded(folder: string): Promise<Part> {
  const [port = 0] = await freePorts(1);
  const template = readFileSync(join(folder, 'in-cse.conf'), 'utf8').split('\n');
  const settings = template.slice(0, template.indexOf('')).map((line) => line.replace('/etc/mosquitto/in-cse', folder));
  return startMosquitto({
    settings: [...settings, `listener ${port} 127.0.0.1`, 'use_username_as_clientid true'],
    listenerUrl: `mqtt://127.0.0.1:${port}`,
  });
}
