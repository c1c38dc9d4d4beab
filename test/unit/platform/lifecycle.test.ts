import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { test } from 'node:test';
import { createLifecycle, endOnFailure, stopOnSignals } from '../../../services/platform/lifecycle.ts';
import { createSilentLog } from '../../../services/platform/logging.ts';

const log = createSilentLog();
const turn = () => new Promise((resolve) => setImmediate(resolve));

function aProcess(drainDeadline = 1000) {
  const source = new EventEmitter();
  const exits: number[] = [];
  const events = new EventEmitter();
  const exit = (code: number) => {
    exits.push(code);
    events.emit('exit');
  };
  return { source, exits, options: { log, drainDeadline, exit, source }, exited: () => once(events, 'exit') };
}

test('parts stop in the reverse order of their start, also when one fails to stop', async () => {
  const stopped: string[] = [];
  const lifecycle = createLifecycle(log);
  for (const name of ['log', 'store', 'flow']) {
    await lifecycle.started(name, name, (part) => {
      stopped.push(part);
      if (part === 'store') throw new Error('stuck');
    });
  }
  await Promise.all([lifecycle.stop(), lifecycle.stop()]);
  assert.deepEqual(stopped, ['flow', 'store', 'log']);
});

test('a part that cannot start stops what was started before', async () => {
  const stopped: string[] = [];
  const lifecycle = createLifecycle(log);
  await lifecycle.started('log', 1, () => stopped.push('log'));
  await assert.rejects(lifecycle.started('broker', Promise.reject(new Error('no broker'))), /no broker/);
  assert.deepEqual(stopped, ['log']);
  assert.equal(lifecycle.isStarted(), false);
});

test('a part that comes up while the process is stopping is stopped too', async () => {
  const stopped: string[] = [];
  const lifecycle = createLifecycle(log);
  const { promise, resolve } = Promise.withResolvers<string>();
  const starting = lifecycle.started('late', promise, (part) => stopped.push(part));
  await lifecycle.stop();
  resolve('late');
  await assert.rejects(starting, /stopped while late was starting/);
  assert.deepEqual(stopped, ['late']);
});

test('SIGTERM drains and ends with 0', async () => {
  const { source, exits, options, exited } = aProcess();
  const lifecycle = createLifecycle(log);
  const { promise, resolve } = Promise.withResolvers<void>();
  await lifecycle.started('flow', 1, () => promise);
  stopOnSignals(lifecycle, options);
  source.emit('SIGTERM', 'SIGTERM');
  await turn();
  assert.deepEqual(exits, []);
  const end = exited();
  resolve();
  await end;
  assert.deepEqual(exits, [0]);
});

test('a second signal ends at once', async () => {
  const { source, exits, options } = aProcess();
  const lifecycle = createLifecycle(log);
  await lifecycle.started('flow', 1, () => new Promise(() => {}));
  stopOnSignals(lifecycle, { ...options, drainDeadline: 50 });
  source.emit('SIGINT', 'SIGINT');
  assert.deepEqual(exits, []);
  source.emit('SIGINT', 'SIGINT');
  assert.deepEqual(exits, [130]);
});

test('a signal that is passed on twice at the same moment counts once', async () => {
  const { source, exits, options } = aProcess();
  const lifecycle = createLifecycle(log);
  await lifecycle.started('flow', 1, () => new Promise(() => {}));
  stopOnSignals(lifecycle, { ...options, drainDeadline: 50, repeatWithin: 10_000 });
  source.emit('SIGINT', 'SIGINT');
  source.emit('SIGINT', 'SIGINT');
  assert.deepEqual(exits, []);
});

test('what is not drained by the deadline ends with 1', async () => {
  const { source, exits, options, exited } = aProcess(20);
  const lifecycle = createLifecycle(log);
  await lifecycle.started('flow', 1, () => new Promise(() => {}));
  stopOnSignals(lifecycle, options);
  const end = exited();
  source.emit('SIGTERM', 'SIGTERM');
  await end;
  assert.deepEqual(exits, [1]);
});

test('an error that nobody handled ends with 1', () => {
  const { source, exits, options } = aProcess();
  const unbind = stopOnSignals(createLifecycle(log), options);
  source.emit('unhandledRejection', new Error('forgotten'));
  assert.deepEqual(exits, [1]);
  unbind();
  assert.equal(source.eventNames().length, 0);
});

test('a failure stops all parts and ends with 1', async () => {
  const { exits, options, exited } = aProcess();
  const stopped: string[] = [];
  const lifecycle = createLifecycle(log);
  await lifecycle.started('flow', 'flow', (part) => stopped.push(part));
  const end = exited();
  endOnFailure(lifecycle, options)(new Error('the group is lost'));
  await end;
  assert.deepEqual([stopped, exits], [['flow'], [1]]);
});
