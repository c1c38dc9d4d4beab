/** The launchers of the real parts: what runs serves, what is killed comes back with its data, and nothing is left behind. */
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { isAlive } from '../../infra/local/process-tree.ts';
import { Program } from '../../infra/local/program.ts';
import { openWorkFolder } from '../../infra/local/work-folder.ts';
import { createDatabase } from './postgres-database.ts';
import { withParts } from './with-parts.ts';

const small = ['mosquitto', 'postgres', 'redis'] as const;
const parts = withParts({ mosquitto: true, postgres: true, redis: true }, { own: true });
const clusters = withParts({ kafka: { nodes: 3, quickFailover: true }, artemis: 3, hivemq: true }, { own: true });

/** Whether something listens there. */
async function answers(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function until(what: string, holds: () => boolean): Promise<void> {
  for (let tries = 0; !holds(); tries++) {
    assert.ok(tries < 1000, `not within 20 s: ${what}`);
    await pause(20);
  }
}

describe('small parts', { skip: parts.skip }, () => {
  for (const name of small) {
    it(`${name} serves, is gone after a kill, comes back at the same address, and stops`, async () => {
      const part = await parts[name]();
      assert.equal(await answers(part.url), true);
      const [pid = 0] = part.pids;
      await part.kill();
      assert.equal(isAlive(pid), false);
      assert.equal(await answers(part.url), false);
      await part.start();
      assert.equal(await answers(part.url), true);
      assert.notEqual(part.pids[0], pid);
      await part.restart();
      assert.equal(await answers(part.url), true);
    });
  }

  it('Postgres keeps over a kill what it committed', async () => {
    const part = await parts.postgres();
    const database = await createDatabase(part.url);
    const query = async (text: string) => {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      try {
        return (await client.query<{ value: number }>(text)).rows;
      } finally {
        await client.end();
      }
    };
    await query('create table kept as select 7 as value');
    await part.kill();
    await part.start();
    assert.deepEqual(await query('select value from kept'), [{ value: 7 }]);
    await database.drop();
  });

  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT'] as const) {
    it(`leave neither process nor file when their starter gets ${signal}`, async (t) => {
      const temporary = mkdtempSync(join(tmpdir(), 'in-cse-left-'));
      t.after(() => rmSync(temporary, { recursive: true, force: true }));
      chmodSync(temporary, 0o755);
      const starter = fork(join(import.meta.dirname, 'starter.ts'), small, {
        env: { ...process.env, TMPDIR: temporary },
        stdio: 'ignore',
      });
      const [{ pids }] = (await once(starter, 'message')) as [{ pids: number[] }];
      assert.equal(pids.filter(isAlive).length, small.length);
      assert.equal(readdirSync(temporary).length, small.length);
      // One that hangs must go too.
      if (signal === 'SIGKILL') process.kill(pids[0] ?? 0, 'SIGSTOP');
      const ended = once(starter, 'exit');
      starter.kill(signal);
      await ended;
      await until('processes gone', () => !pids.some(isAlive));
      await until('files gone', () => readdirSync(temporary).length === 0);
    });
  }

  it('say why they do not start, and leave nothing', async () => {
    const folder = openWorkFolder('broken');
    const broken = (command: string, args: string[]) =>
      new Program({ name: 'broken', folder, command, args, ready: /never said/ });
    await assert.rejects(broken('/bin/sh', ['-c', 'echo port in use; exit 1']).start(), /did not start: port in use/);
    await assert.rejects(broken('/nowhere/server', []).start(), /ENOENT/);
    await folder.remove();
    assert.equal(existsSync(folder.path), false);
  });
});

describe('clusters', { skip: clusters.skip }, () => {
  for (const name of ['kafka', 'artemis', 'hivemq'] as const) {
    it(`${name} goes on without a node, which comes back`, async () => {
      const part = await clusters[name]();
      assert.equal(part.pids.length, part.nodes);
      await part.kill(part.nodes);
      assert.equal(part.pids.length, part.nodes - 1);
      assert.deepEqual(
        await Promise.all(part.urls.map(answers)),
        part.urls.map((_, index) => index < part.nodes - 1),
      );
      await part.start(part.nodes);
      assert.deepEqual(
        await Promise.all(part.urls.map(answers)),
        part.urls.map(() => true),
      );
      await part.stop();
      assert.deepEqual(part.pids, []);
    });
  }
});
