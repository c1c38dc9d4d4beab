import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createLogLevels, toggleOnSignal } from '../../../services/platform/log-levels.ts';
import { createLog, logRefused } from '../../../services/platform/logging.ts';
import { redactText } from '../../../services/platform/redaction.ts';

function collecting(level: 'debug' | 'info' | 'warn' = 'info') {
  const lines: string[] = [];
  const destination = { write: (line: string) => void lines.push(line) };
  const log = createLog({ service: 'ingress', instance: 'i-1', level, destination });
  return { lines, log, messages: () => lines.map((line) => (JSON.parse(line) as { msg: string }).msg) };
}

test('the level changes while the log is used, also for children made before', () => {
  const { log, messages } = collecting();
  const child = log.child({ part: 'x' });
  log.debug({}, 'one');
  child.debug({}, 'two');
  log.setLevel('debug');
  log.debug({}, 'three');
  child.debug({}, 'four');
  log.setLevel('warn');
  child.info({}, 'five');
  assert.deepEqual(messages(), ['three', 'four']);
  assert.equal(log.level, 'warn');
});

test('SIGUSR2 turns debug on, and back to the level of the settings', () => {
  const { log, messages } = collecting('warn');
  const process = new EventEmitter();
  const levels = createLogLevels(log);
  const unbind = toggleOnSignal(levels, process);
  process.emit('SIGUSR2');
  assert.equal(levels.level, 'debug');
  log.debug({}, 'seen');
  process.emit('SIGUSR2');
  assert.equal(levels.level, 'warn');
  log.debug({}, 'not seen');
  assert.deepEqual(messages(), ['log level changed', 'seen', 'log level changed']);
  unbind();
  assert.equal(process.listenerCount('SIGUSR2'), 0);
  levels.stop();
});

test('a level that was set for a while goes back by itself', async () => {
  const { log } = collecting('warn');
  const levels = createLogLevels(log);
  const levelNow = (): string => log.level;
  levels.set('debug', 5);
  assert.equal(levelNow(), 'debug');
  // The timer of the levels keeps no process alive; this one does.
  for (let patience = 0; levelNow() !== 'warn' && patience < 200; patience++) await pause(5);
  assert.equal(levelNow(), 'warn');
});

test('a line about a request names its trace', () => {
  const { lines, log } = collecting();
  const traceparent = `00-${'ab'.repeat(16)}-${'12'.repeat(8)}-01`;
  logRefused(log, { requestIdentifier: 'q', code: 4000, reason: 'no fr', traceparent });
  logRefused(log, { requestIdentifier: 'q', code: 4000, reason: 'no fr' });
  const [traced, untraced] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.deepEqual([traced?.trace_id, traced?.span_id], ['ab'.repeat(16), '12'.repeat(8)]);
  assert.equal(traced && 'traceparent' in traced, false);
  assert.equal(untraced && 'trace_id' in untraced, false);
});

test('credentials, contents and what errors carry along are hidden, wherever they stand', () => {
  const { lines, log } = collecting('debug');
  const secret = 's3cr3t';
  const cause = Object.assign(new Error(`cannot reach postgres://app:${secret}@db:5432/x`), { password: secret });
  const error = Object.assign(
    new TypeError(`Invalid URL kafka+ssl://u:${secret}/${secret}@h1:9092,h2:9092`, { cause }),
    {
      input: `redis://:${secret}@cache`,
      detail: `Failing row contains (${secret}).`,
      code: 'ERR_INVALID_URL',
    },
  );
  log.error({ error }, 'failed');
  log.warn({ url: `mqtt://device:${secret}@broker`, options: { nested: { password: secret, token: [secret] } } }, 'x');
  log.info({ payload: Buffer.from(secret), bytes: Buffer.from(secret), pc: { 'm2m:cin': { con: secret } } }, 'x');
  log.debug({ con: secret, content: secret, authorization: `Bearer ${secret}` }, `amqp://a:${secret}@h is away`);
  let unreadable = new Error();
  try {
    JSON.parse(`${secret}${secret}${secret}`);
  } catch (thrown) {
    unreadable = thrown as Error;
  }
  log.error({ error: unreadable, reason: unreadable.message }, 'unreadable');
  const text = lines.join('');
  assert.equal(lines.length, 5);
  assert.doesNotMatch(text, /s3cr3t/);
  const failed = JSON.parse(lines[0] ?? '') as { error: Record<string, unknown> };
  assert.equal(failed.error.type, 'TypeError');
  assert.equal(failed.error.code, 'ERR_INVALID_URL');
  assert.match(String(failed.error.message), /kafka\+ssl:\/\/\[hidden\]@h1:9092,h2:9092/);
  assert.match(String((failed.error.cause as { message: string }).message), /postgres:\/\/\[hidden\]@db:5432/);
  assert.match(text, /not valid JSON/);
});

test('of a URL that was cut off before its end no credentials are left', () => {
  assert.equal(redactText('mqtt://user:s3cr3t is no URL'), 'mqtt://[hidden] is no URL');
  assert.equal(redactText('mqtt://user:12s3cr3t'), 'mqtt://[hidden]');
});

test('what is no secret stays readable', () => {
  assert.equal(redactText('connect mqtt://10.0.0.1:1883: ECONNREFUSED'), 'connect mqtt://10.0.0.1:1883: ECONNREFUSED');
  assert.equal(redactText('mqtt://[::1]:1883/x:y and http://h:80/a'), 'mqtt://[::1]:1883/x:y and http://h:80/a');
  assert.equal(redactText('mqtt://broker:1883 is away'), 'mqtt://broker:1883 is away');
  assert.equal(redactText('The originator level is not an AE-ID.'), 'The originator level is not an AE-ID.');
  assert.equal(
    redactText('see https://a.example/x and tell admin@example.org'),
    'see https://a.example/x and tell admin@example.org',
  );
});
