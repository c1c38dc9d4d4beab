import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import {
  byteSize,
  choice,
  count,
  duration,
  list,
  optional,
  required,
  text,
  toggle,
  url,
} from '../../../services/platform/setting-types.ts';
import { environmentName, flagName, readSettings, SettingsError } from '../../../services/platform/settings.ts';
import { settingsTable } from '../../../services/platform/settings-table.ts';

const folder = mkdtempSync(join(tmpdir(), 'settings-'));
after(() => rmSync(folder, { recursive: true }));

function fileWith(content: string): string {
  const path = join(folder, `${Math.random().toString(36).slice(2)}.json`);
  writeFileSync(path, content);
  return path;
}

const definitions = {
  brokerUrl: required(url(['mqtt:'], { default: '', sentence: 'Broker.' })),
  waitTime: duration({ default: 2000, minimum: 10, maximum: 60_000, sentence: 'Wait.' }),
  packetSize: byteSize({ default: 1024, sentence: 'Size.' }),
  workers: count({ default: 2, minimum: 1, sentence: 'Workers.' }),
  level: choice(['low', 'high'], { default: 'low', sentence: 'Level.' }),
  hosts: list({ default: [], sentence: 'Hosts.' }),
  quick: toggle({ default: false, sentence: 'Quick.' }),
  note: optional(text({ default: '', sentence: 'Note.' })),
};
const brokerUrl = 'mqtt://user:secret@broker:1883';

function problemsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    assert.ok(error instanceof SettingsError);
    return error.problems;
  }
  assert.fail('the settings were accepted');
}

test('flags go before the environment, the environment before the file, the file before defaults', () => {
  const file = fileWith(JSON.stringify({ workers: 5, waitTime: '5s', packetSize: '4KB', hosts: ['a', 'b'] }));
  const settings = readSettings(definitions, {
    flags: { workers: '7', note: undefined },
    environment: { IN_CSE_WORKERS: '6', IN_CSE_WAIT_TIME: '3s', IN_CSE_BROKER_URL: brokerUrl },
    file,
  });
  assert.deepEqual(
    { ...settings },
    {
      brokerUrl,
      workers: 7,
      waitTime: 3000,
      packetSize: 4096,
      level: 'low',
      hosts: ['a', 'b'],
      quick: false,
      note: undefined,
    },
  );
  assert.ok(Object.isFrozen(settings));
});

test('texts become the units of the code', () => {
  const environment = {
    IN_CSE_BROKER_URL: brokerUrl,
    IN_CSE_WAIT_TIME: '1m',
    IN_CSE_PACKET_SIZE: '2MB',
    IN_CSE_HOSTS: 'a, b,',
    IN_CSE_QUICK: 'yes',
  };
  const settings = readSettings(definitions, { environment });
  assert.equal(settings.waitTime, 60_000);
  assert.equal(settings.packetSize, 2 * 1024 * 1024);
  assert.deepEqual(settings.hosts, ['a', 'b']);
  assert.equal(settings.quick, true);
});

test('all mistakes are collected, each with who said it', () => {
  const file = fileWith(JSON.stringify({ workers: 'many', wrokers: 3, hosts: 4 }));
  const problems = problemsOf(() =>
    readSettings(definitions, { flags: { level: 'middle' }, environment: { IN_CSE_WAIT_TIME: '2 weeks' }, file }),
  );
  assert.equal(problems.length, 6);
  const all = problems.join('\n');
  assert.match(all, /--broker-url \(or IN_CSE_BROKER_URL\) must be given/);
  assert.match(all, /--level is "middle": expected one of low, high/);
  assert.match(all, /IN_CSE_WAIT_TIME is "2 weeks": expected a duration/);
  assert.match(all, /workers in .* is "many": expected a whole number/);
  assert.match(all, /wrokers in .* is not a setting/);
  assert.match(all, /hosts in .* is 4: has the wrong type/);
});

test('bounds are checked in the unit of the code', () => {
  const problems = problemsOf(() => readSettings(definitions, { flags: { brokerUrl, waitTime: '2m', workers: 0 } }));
  assert.deepEqual(problems, ['--wait-time is "2m": must be 10 … 60000', '--workers is 0: must be at least 1']);
});

test('a secret may stand in a file of its own, and is never shown', () => {
  const path = fileWith(`${brokerUrl}\n`);
  assert.equal(readSettings(definitions, { environment: { IN_CSE_BROKER_URL_FILE: path } }).brokerUrl, brokerUrl);
  const wrong = problemsOf(() =>
    readSettings(definitions, { environment: { IN_CSE_BROKER_URL: 'http://u:hidden@x' } }),
  );
  assert.deepEqual(wrong, ['IN_CSE_BROKER_URL: expected a URL that begins with mqtt://']);
  const both = problemsOf(() =>
    readSettings(definitions, { environment: { IN_CSE_BROKER_URL: brokerUrl, IN_CSE_BROKER_URL_FILE: path } }),
  );
  assert.match(both.join('\n'), /both set/);
  const missing = problemsOf(() =>
    readSettings(definitions, { environment: { IN_CSE_BROKER_URL_FILE: `${path}.no` } }),
  );
  assert.match(missing.join('\n'), /cannot be read \(ENOENT\)/);
});

test('a settings file that is no JSON object is one clear problem', () => {
  for (const content of ['{', '[]', 'null']) {
    const problems = problemsOf(() => readSettings(definitions, { flags: { brokerUrl }, file: fileWith(content) }));
    assert.equal(problems.length, 1);
    assert.match(problems[0] ?? '', /settings file/);
  }
});

test('names of other services are accepted in a shared file', () => {
  const file = fileWith('{"postgresUrl":"postgres://x"}');
  assert.doesNotThrow(() => readSettings(definitions, { flags: { brokerUrl }, file, alsoKnown: ['postgresUrl'] }));
});

test('names on the command line and in the environment follow from the name', () => {
  assert.equal(flagName('mqttUrl'), '--mqtt-url');
  assert.equal(environmentName('mqttUrl'), 'IN_CSE_MQTT_URL');
});

test('the table shows every setting with its default and unit', () => {
  const table = settingsTable(definitions);
  assert.equal(table.trim().split('\n').length, 2 + Object.keys(definitions).length);
  assert.match(table, /\| `waitTime` \| `--wait-time` \| `IN_CSE_WAIT_TIME` \| duration \| 2s \| ms \| Wait\. \|/);
  assert.match(table, /`IN_CSE_BROKER_URL \(or …_FILE\)`.*must be given/);
});

test('a URL of several hosts is one setting where that is meant, and only there', () => {
  const one = { address: url(['kafka:'], { default: '', sentence: 'Log.' }) };
  const several = { address: url(['kafka:'], { several: true, default: '', sentence: 'Log.' }) };
  const read = (definitions: typeof one, address: string) => readSettings(definitions, { flags: { address } }).address;
  const hosts = 'kafka://a:9092,b:9092,kafka://c:9092';
  assert.equal(read(several, hosts), hosts);
  assert.throws(() => read(one, hosts), SettingsError);
  for (const wrong of ['a:9092', 'http://a', 'kafka://a,b:port', '']) {
    assert.throws(() => read(several, wrong), SettingsError);
  }
});
