import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  AdminPortUnavailable,
  type AdminServerOptions,
  createAdminServer,
} from '../../../services/platform/admin-server.ts';
import { createMetrics } from '../../../services/platform/metrics.ts';

function options(changes: Partial<AdminServerOptions> = {}): AdminServerOptions {
  const { registry } = createMetrics();
  return { host: '127.0.0.1', port: 0, registry, checks: {}, started: () => true, ...changes };
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
  metrics.requests.add(2, 'create', 2001);
  await withServer(options({ registry: metrics.registry }), async (get) => {
    const text = await (await get('/metrics')).text();
    assert.match(text, /incse_requests_total\{operation="create",status="2001"\} 2/);
  });
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
