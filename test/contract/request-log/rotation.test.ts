/** Password and certificates of Kafka are replaced while producers and consumers go on (issue 4, part 1). */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type KafkaPart, startKafka } from '../../../infra/local/kafka.ts';
import { parseKafkaConnection } from '../../../services/adapters/kafka/connection.ts';
import { kafkaRequestLog } from '../../../services/adapters/kafka/request-log.ts';
import { ensureTopics } from '../../../services/adapters/kafka/topics.ts';
import { kafkaAddressOf } from '../../../services/platform/addresses.ts';
import { kafkaSettings } from '../../../services/platform/setting-pieces.ts';
import { readSettings } from '../../../services/platform/settings.ts';
import type { LogConsumer, LogProducer, RequestLog } from '../../../services/ports/request-log.ts';
import { reportContract } from '../../parts/contract-report.ts';
import { openSecretFiles, type SecretFiles } from '../../parts/secret-files.ts';
import { withParts } from '../../parts/with-parts.ts';

const { skip } = withParts({ kafka: 1 }, { own: true });
const topic = 'rotated';
/** KafkaJS authenticates anew ten seconds before the end: here after two. */
const sessionLife = 12_000;

async function until(what: string, isTrue: () => boolean): Promise<void> {
  for (const end = Date.now() + 30_000; Date.now() < end; await sleep(10)) if (isTrue()) return;
  assert.fail(`in vain: ${what}`);
}

describe('RequestLog: kafka over TLS and SASL, secrets are replaced', { skip }, () => {
  reportContract('request-log', 'kafka');
  let files: SecretFiles;
  let part: KafkaPart;
  let log: RequestLog;
  let producer: LogProducer;
  let consumer: LogConsumer;
  let sent = 0;
  let authentications = 0;
  const received = new Set<number>();
  const logged: string[] = [];

  before(async () => {
    files = await openSecretFiles('app');
    const { certificates, client } = files;
    part = await startKafka({
      secured: { certificates, user: 'app', password: 'first', clientCertificate: true },
      settings: { 'connections.max.reauth.ms': sessionLife },
    });
    const settings = readSettings(kafkaSettings, {
      environment: {
        IN_CSE_KAFKA_URL: `${part.url.replace(':first', '')}&cert=${client.certFile}&key=${client.keyFile}`,
        IN_CSE_KAFKA_PASSWORD_FILE: files.write('password', 'first\n'),
      },
    });
    const address = kafkaAddressOf(settings);
    const connection = parseKafkaConnection({
      get url() {
        return address.url;
      },
      get password() {
        authentications += 1;
        return address.password;
      },
    });
    const hooks = {
      log: (level: string, message: string, details: object) =>
        void logged.push(`${level} ${message} ${JSON.stringify(details)}`),
    };
    const common = { connection, clientId: 'rotation' };
    const wanted = { name: topic, partitions: 1, maximumBytes: 1_048_576, retention: 86_400_000 };
    await ensureTopics({ ...common, development: true, topics: [{ ...wanted, requiredRetention: 3_600_000 }] });
    log = kafkaRequestLog({ ...common, topic, partitions: 1, sessionTimeout: 6000, heartbeatInterval: 500, hooks });
    producer = await log.producer();
    consumer = await log.consumer({ group: 'rotation' });
    await consumer.start({
      assigned: (partitions) => {
        // As a worker does it: what was lost with a member is fetched again.
        for (const partition of partitions) consumer.begin(partition, 0);
      },
      revoked: () => {},
      batch: ({ records }) => {
        for (const { value } of records) received.add(Number(value.toString()));
      },
      failed: (error) => void logged.push(`failed ${error.message}`),
    });
  });
  after(async () => {
    await log?.close();
    await part?.stop();
    files?.remove();
  });

  /** Appends all the time while `during` runs; in the end everything acknowledged has been read. */
  async function streamWhile(during: () => Promise<unknown>): Promise<void> {
    let done = false;
    const stream = (async () => {
      while (!done) {
        await producer.append([{ partition: 0, value: Buffer.from(String(++sent)) }]);
        await sleep(10);
      }
    })();
    try {
      await during();
    } finally {
      done = true;
    }
    await stream;
    await until(`all of ${sent}`, () => received.size === sent);
    assert.ok(!logged.some((line) => line.startsWith('failed')), logged.at(-1));
  }

  it('a password: connections that are there authenticate anew with it when the cluster asks for that', async () => {
    logged.length = 0;
    await streamWhile(async () => {
      await part.setPassword('app', 'second');
      files.write('password', 'second');
      const before = authentications;
      await until('new authentications', () => authentications > before + 2);
    });
    // Who authenticated between the two was refused, which is the next test's affair; else no connection was lost.
    if (!logged.some((line) => /SCRAM.*failed/.test(line))) assert.deepEqual(logged, []);
  });

  it('a password changed at the cluster alone: goes on as soon as the file has it', async () => {
    await streamWhile(async () => {
      await part.setPassword('app', 'third');
      await until('a refusal', () => logged.some((line) => /SCRAM.*failed/.test(line)));
      files.write('password', 'third');
    });
    const all = logged.join('\n');
    assert.ok(!/second|third/.test(all), 'no password is logged');
  });

  it('authority, server and client certificate: goes on over a node that was started with the new ones', async () => {
    await streamWhile(async () => {
      await files.replaceCertificates();
      await part.restart();
    });
  });

  it('a node whose certificate is not of our authority is not spoken to, unless it is said (insecure)', async () => {
    const { certFile, keyFile } = files.client;
    const url = part.url.replace(/:first|ca=[^&]*/g, '');
    const attempt = async (more: string) => {
      const connection = parseKafkaConnection({
        url: `${url}&cert=${certFile}&key=${keyFile}${more}`,
        password: 'third',
      });
      const wanted = { name: topic, partitions: 1, maximumBytes: 1, retention: 1, requiredRetention: 1 };
      await ensureTopics({ connection, clientId: 'attempt', development: true, create: false, topics: [wanted] });
    };
    await assert.rejects(attempt(''), /self-signed certificate|unable to verify/);
    await attempt('&insecure=1');
  });
});
