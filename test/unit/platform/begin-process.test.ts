import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { beginProcess } from '../../../services/platform/begin-process.ts';

test('a process is alive from its beginning, ready when all has started, and not ready while it drains', async () => {
  const lines: string[] = [];
  const settings = {
    instance: 'i',
    logLevel: 'info' as const,
    drainDeadline: 1000,
    failpoints: undefined,
    adminHost: '127.0.0.1',
    adminPort: 0,
  };
  const source = new EventEmitter();
  const destination = { write: (line: string) => void lines.push(line) };
  const begun = await beginProcess('ingress', settings, { destination, source });
  const status = async (path: string) => (await fetch(`http://127.0.0.1:${begun.adminPort}${path}`)).status;
  assert.deepEqual(await Promise.all(['/livez', '/startupz', '/readyz'].map(status)), [200, 503, 503]);

  const drained = Promise.withResolvers<void>();
  await begun.lifecycle.started('a part that drains', {}, () => drained.promise);
  begun.lifecycle.complete();
  assert.deepEqual(await Promise.all(['/livez', '/startupz', '/readyz'].map(status)), [200, 200, 200]);

  const metrics = await (await fetch(`http://127.0.0.1:${begun.adminPort}/metrics`)).text();
  assert.match(metrics, /incse_build_info\{version="\d+\.\d+\.\d+[^"]*",commit="([0-9a-f]{12}|unknown)",node="v\d+/);
  assert.match(metrics, /incse_ready 1/);
  assert.match(metrics, /nodejs_eventloop_lag_p99_seconds/);

  source.emit('SIGUSR2');
  assert.match(lines.join(''), /log level changed/);

  const stopping = begun.lifecycle.stop();
  assert.deepEqual(await Promise.all(['/livez', '/readyz'].map(status)), [200, 503]);
  drained.resolve();
  await stopping;
  await assert.rejects(status('/livez'), 'the admin port closes last');
  assert.equal(source.listenerCount('SIGUSR2'), 0);
});
