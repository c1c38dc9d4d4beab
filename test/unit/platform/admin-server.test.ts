import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AdminPortUnavailable,
  type AdminServerOptions,
  createAdminServer,
} from '../../../services/platform/admin-server.ts';
import { createLogLevels } from '../../../services/platform/log-levels.ts';
import { createLog } from '../../../services/platform/logging.ts';
import { createMetrics } from '../../../services/platform/metrics.ts';

function options(changes: Partial<AdminServerOptions> = {}): AdminServerOptions {
  return { host: '127.0.0.1', port: 0, metrics: createMetrics(), checks: {}, started: () => true, ...changes };
}

async function withServer(of: AdminServerOptions, use: (get: (path: string) => Promise<Response>) => Promise<void>) {
  const server = createAdminServer(of);
  const port = await server.start();
  try {
    await use((path) => fetch(`http://127.0.0.1:${port}${path}`));
  } finally {
    await server.stop();
  }
}

test('readiness holds when every named check does and everything has started', async () => {
  let broker = true;
  let started = false;
  const checks = { broker: () => broker, store: async () => true };
  await withServer(options({ checks, started: () => started }), async (get) => {
    assert.equal((await get('/startupz')).status, 503);
    assert.equal((await get('/readyz')).status, 503);
    started = true;
    assert.equal((await get('/startupz')).status, 200);
    assert.equal((await get('/readyz')).status, 200);
    broker = false;
    const response = await get('/readyz');
    assert.equal(response.status, 503);
    assert.deepEqual(await response.json(), { status: 'not ready', checks: { broker: false, store: true } });
    assert.equal((await get('/livez')).status, 200);
  });
});

test('a check that throws is not ready', async () => {
  const checks = { store: () => Promise.reject(new Error('away')) };
  await withServer(options({ checks }), async (get) => assert.equal((await get('/readyz')).status, 503));
});

test('metrics are served in the text format', async () => {
  const metrics = createMetrics();
  metrics.requests.add(2, 'create', 'container', 2001);
  await withServer(options({ metrics }), async (get) => {
    const text = await (await get('/metrics')).text();
    assert.match(text, /incse_requests_total\{operation="create",type="container",status="2001"\} 2/);
  });
});

test('requests to the admin port are counted by path, and a strange path makes no series', async () => {
  const metrics = createMetrics();
  await withServer(options({ metrics }), async (get) => {
    await get('/livez');
    assert.equal((await get('/secret-of-a-scanner')).status, 404);
    assert.equal((await get('//')).status, 404, 'no URL, and no reason to end');
    const text = await (await get('/metrics')).text();
    assert.match(text, /incse_admin_requests_total\{path="\/livez",status="200"\} 1/);
    assert.match(text, /incse_admin_requests_total\{path="other",status="404"\} 2/);
    assert.match(text, /incse_ready 1/);
    assert.doesNotMatch(text, /scanner/);
  });
});

test('the log level is shown, changed and refused', async () => {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLog({ service: 'x', instance: 'y', level: 'warn', destination });
  const levels = createLogLevels(log);
  const server = createAdminServer(options({ levels }));
  const url = `http://127.0.0.1:${await server.start()}/log-level`;
  const put = (query: string, body?: string) =>
    fetch(url + query, { method: 'PUT', ...(body === undefined ? {} : { body }) });
  try {
    assert.deepEqual(await (await fetch(url)).json(), { level: 'warn' });
    assert.deepEqual(await (await put('?level=debug&for=10m')).json(), { level: 'debug', for: 600_000 });
    assert.equal(log.level, 'debug');
    assert.deepEqual(await (await put('', 'info\n')).json(), { level: 'info' });
    assert.equal(log.level, 'info');
    for (const [query, body] of [
      ['?level=loud'],
      ['?level=debug&for=soon'],
      ['?level=debug&for=99d'],
      ['', 'x'.repeat(5000)],
    ]) {
      assert.equal((await put(query ?? '', body)).status, 400, query);
    }
    assert.equal(log.level, 'info', 'a refused change changes nothing');
    const posted = await fetch(url, { method: 'POST' });
    assert.deepEqual([posted.status, posted.headers.get('allow')], [405, 'GET, HEAD, PUT']);
    assert.equal((await fetch(url.replace('/log-level', '/livez'), { method: 'PUT' })).status, 405);
  } finally {
    levels.stop();
    await server.stop();
  }
});

test('a port in use is one clear error', async () => {
  const first = createAdminServer(options());
  const port = await first.start();
  try {
    await assert.rejects(createAdminServer(options({ port })).start(), (error: Error) => {
      assert.ok(error instanceof AdminPortUnavailable);
      assert.match(
        error.message,
        new RegExp(`127\\.0\\.0\\.1:${port} cannot be opened: another process listens there`),
      );
      return true;
    });
  } finally {
    await first.stop();
  }
});
