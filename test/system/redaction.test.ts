/** No log line has a content, a password, a token or a URL with credentials in it, at any level (issue 4 §4, logs). */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { commandLine } from '../../infra/local/cluster-process.ts';
import { freePorts } from '../../infra/local/free-ports.ts';
import { parseKafkaConnection } from '../../services/adapters/kafka/connection.ts';
import { kafkaRequestLog } from '../../services/adapters/kafka/request-log.ts';
import { createMqttDeviceLink } from '../../services/adapters/mqtt/device-link.ts';
import { openRedisCache } from '../../services/adapters/redis/resource-cache.ts';
import { adapterLog, createLog } from '../../services/platform/logging.ts';
import { Device, until } from './device.ts';
import { type EmbeddedProcess, startEmbeddedProcess } from './embedded-process.ts';
import { firstCse } from './settings.ts';

/** As no text of ours has it. */
const secret = 'xs3cr3tx';

describe('what an embedded CSE logs at debug', () => {
  let embedded: EmbeddedProcess;
  let device: Device;
  const text = () => readFileSync(embedded.logFile, 'utf8');

  before(async () => {
    embedded = await startEmbeddedProcess({
      keep: false,
      settings: {
        IN_CSE_LOG_LEVEL: 'debug',
        IN_CSE_NOTIFICATION_HOSTS: '127.0.0.1',
        IN_CSE_FOREIGN_TIME_LIMIT: '500ms',
      },
    });
    device = await Device.open({ url: embedded.url, cse: firstCse.level, level: 'Ctalker' });
  });
  after(async () => {
    await device?.close();
    await embedded?.stop();
  });

  it('has nothing of contents, whether they are stored, refused or unreadable', async () => {
    const pc = { 'm2m:ae': { rn: 'talker', api: 'Ntest', rr: true, srv: ['3'], apn: secret } };
    await device.must(2001, { op: 1, to: firstCse.name, ty: 2, pc });
    const home = `${firstCse.name}/talker`;
    const cnt = { rn: 'cnt', lbl: [secret] };
    await device.must(2001, { op: 1, to: home, ty: 3, pc: { 'm2m:cnt': cnt } });
    await device.must(2001, { op: 1, to: `${home}/cnt`, ty: 4, pc: { 'm2m:cin': { con: secret } } });
    await device.must(2001, {
      op: 1,
      to: `${home}/cnt`,
      ty: 4,
      pc: { 'm2m:cin': { con: { deep: { [secret]: secret } } } },
    });
    for (const refused of [
      { 'm2m:cin': { con: secret, cnf: secret } },
      { 'm2m:cin': { con: secret, et: secret } },
      { 'm2m:cin': { con: secret, nobodyKnowsThis: secret } },
      { 'm2m:cin': { con: secret, lbl: [{ [secret]: secret }] } },
      { 'm2m:cin': { con: secret, conr: { deep: secret } } },
      { 'm2m:cnt': { mni: secret } },
      { [secret]: { con: secret } },
    ]) {
      const answer = await device.request({ op: 1, to: `${home}/cnt`, ty: 4, pc: refused });
      assert.ok(answer.rsc >= 4000, JSON.stringify(answer));
    }
    const topic = `/oneM2M/req/Ctalker/${firstCse.level}/json`;
    for (const payload of [`{"op":1,"pc":"${secret}`, `${secret} ${secret}`, `{"${secret}":`, `<${secret}>`]) {
      await device.exchange(topic, payload);
    }
    await device.exchange(topic.replace(/json$/, 'xml'), `<m2m:rqp xmlns:m2m="x"><op>1</op><pc>${secret}</x>`);
    await until('refusals are logged', () => text().includes('request refused'));
    assert.doesNotMatch(text(), new RegExp(secret));
  });

  it('has nothing of notifications that fail, nor of the credentials in an address that is refused', async () => {
    const to = `${firstCse.name}/talker/cnt`;
    const subscribe = (rn: string, nu: string) =>
      device.request({ op: 1, to, ty: 23, pc: { 'm2m:sub': { rn, nu: [nu], enc: { net: [3] } } } });
    assert.equal((await subscribe('one', `mqtt://user:${secret}@127.0.0.1:1/some/topic`)).rsc, 4000);
    assert.equal((await subscribe('two', `mqtt://user:${secret.repeat(20)}@127.0.0.1:1/x`)).rsc, 4000);
    const answer = await subscribe('three', 'mqtt://127.0.0.1:1/some/topic');
    assert.equal(answer.rsc, 2001, JSON.stringify(answer));
    await device.must(2001, { op: 1, to, ty: 4, pc: { 'm2m:cin': { con: secret } } });
    const failed = /incse_outbound_records_total\{result="failed"\} [1-9]/;
    await until(
      'the notification has failed',
      async () => failed.test(await (await fetch(`${embedded.adminUrl}/metrics`)).text()),
      10_000,
    );
    assert.doesNotMatch(text(), new RegExp(secret));
    assert.match(text(), /"level":"debug"/);
  });

  it('has no content in its metrics either', async () => {
    assert.doesNotMatch(await (await fetch(`${embedded.adminUrl}/metrics`)).text(), new RegExp(secret));
  });
});

describe('what is said of servers that cannot be reached', () => {
  it('names no password in the log lines of the adapters', async () => {
    const [port = 0] = await freePorts(1);
    const lines: string[] = [];
    const destination = { write: (line: string) => void lines.push(line) };
    const log = adapterLog(createLog({ service: 'x', instance: 'y', level: 'debug', destination }));
    const said = (word: RegExp) =>
      until(`a line about ${word.source}`, () => lines.some((line) => word.test(line)), 15_000);

    const kafka = kafkaRequestLog({
      connection: parseKafkaConnection(`kafka://u:${secret}@127.0.0.1:${port}`),
      topic: 't',
      partitions: 1,
      clientId: 'c',
      hooks: { log },
    });
    const producing = kafka.producer().catch(() => undefined);
    const link = createMqttDeviceLink({
      name: 'default',
      address: { url: `mqtt://u:${secret}@127.0.0.1:${port}`, tls: {} },
      clientName: 'x',
      ordinal: 1,
      hooks: { log },
    });
    await link.publisher();
    const cache = await openRedisCache({ url: `redis://u:${secret}@127.0.0.1:${port}`, log });
    await said(/Kafka cannot be reached/);
    await said(/cannot connect/);
    await said(/the cache is not connected/);
    await cache.close();
    await link.close();
    await kafka.close();
    await producing;
    assert.doesNotMatch(lines.join(''), new RegExp(secret));
  });

  for (const [name, url] of Object.entries({
    'is away': `postgres://app:${secret}@127.0.0.1:1/db`,
    'has a broken address': `postgres://app:${secret}/${secret}@127.0.0.1:1:1/db`,
  })) {
    it(`names no password when a process ends because its database ${name}`, () => {
      const environment = {
        ...process.env,
        IN_CSE_ADMIN_PORT: '0',
        IN_CSE_LOG_LEVEL: 'debug',
        IN_CSE_POSTGRES_URL: url,
        IN_CSE_KAFKA_URL: `kafka://u:${secret}@127.0.0.1:1`,
        IN_CSE_MQTT_URL: `mqtt://u:${secret}@127.0.0.1:1`,
        IN_CSE_REDIS_URL: `redis://u:${secret}@127.0.0.1:1`,
      };
      const ended = spawnSync(process.execPath, commandLine('ingress'), {
        env: environment,
        encoding: 'utf8',
        timeout: 30_000,
      });
      assert.notEqual(ended.status, 0);
      const said = ended.stdout + ended.stderr;
      assert.ok(said.length > 20, said);
      assert.doesNotMatch(said, new RegExp(secret));
    });
  }
});
