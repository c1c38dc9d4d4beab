/** Apache Kafka, one node or a cluster of three, each node broker and controller (KRaft). */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Certificates } from './certificates.ts';
import { freePorts } from './free-ports.ts';
import { javaArguments } from './java-part.ts';
import { type Part, startNodes } from './part.ts';
import { Program } from './program.ts';
import { openWorkFolder, type WorkFolder } from './work-folder.ts';

export interface KafkaOptions {
  /** Three: replication factor 3, `min.insync.replicas` 2. One by default. */
  nodes?: 1 | 3;
  /**
   * Bytes that a partition keeps. Unlimited by default: where a request may wait for the database, retention must outlive
   * the outage. Benchmarks bound it.
   */
  retentionBytes?: number;
  /** Bytes of a log segment: what is deleted at a time. */
  segmentBytes?: number;
  /** Notices a dead node after 3 s instead of 9 s, and a slow replica after 5 s instead of 30 s. For kill tests. */
  quickFailover?: boolean;
  /** Java heap of a node. */
  heap?: string;
  /** Clients come by TLS and SASL (SCRAM-SHA-512 or PLAIN) only; the part's url is theirs. */
  secured?: {
    /** Those of the server are taken up at every start. */
    certificates: Certificates;
    user: string;
    /** The password that the user begins with. */
    password: string;
    /** Clients must show a certificate of the authority, too. */
    clientCertificate?: boolean;
  };
  /** More lines for server.properties; they win. */
  settings?: Record<string, string | number>;
}

export interface KafkaPart extends Part {
  /** Gives a user another password (SCRAM); connections that are there stay. */
  setPassword(user: string, password: string): Promise<void>;
}

const run = promisify(execFile);

/** Any 16 bytes in base64url will do: the folder is new. */
const clusterId = 'aW4tY3NlLWxvY2FsLWxvZw';

/** Urls are `kafka://host:port` or `kafka+ssl://user:password@host:port/?…`; the part's url names all nodes. */
export async function startKafka(options: KafkaOptions = {}): Promise<KafkaPart> {
  const { nodes = 1, heap = '256m', secured } = options;
  const java = await javaArguments('kafka', heap);
  const ports = await freePorts(nodes * (secured === undefined ? 2 : 3));
  const folder = openWorkFolder('kafka');
  const brokers = ports.slice(0, nodes).map((port) => `127.0.0.1:${port}`);
  const controllers = ports.slice(nodes, nodes * 2).map((port) => `127.0.0.1:${port}`);
  const securedBrokers = ports.slice(nodes * 2).map((port) => `127.0.0.1:${port}`);
  const urlOf = (addresses: readonly string[]) =>
    secured === undefined ? `kafka://${addresses.join(',')}` : securedUrl(addresses, secured);
  const outer = secured === undefined ? brokers : securedBrokers;
  const files = brokers.map((broker, index) => {
    const file = join(folder.path, `node-${index + 1}.properties`);
    const settings = nodeSettings({
      id: index + 1,
      broker,
      securedBroker: securedBrokers[index],
      controllers,
      folder: folder.path,
      options,
    });
    writeFileSync(file, settings.map(([name, value]) => `${name}=${value}\n`).join(''));
    return file;
  });
  try {
    await Promise.all(files.map((file) => format(folder, java, file, secured)));
  } catch (error) {
    await folder.remove();
    throw error;
  }
  const part = await startNodes({
    name: nodes === 1 ? 'kafka' : `kafka × ${nodes}`,
    url: urlOf(outer),
    urls: outer.map((broker) => urlOf([broker])),
    folder,
    programs: files.map(
      (file, index) =>
        new Program({
          name: `kafka-${index + 1}`,
          folder,
          command: 'java',
          args: [...java, 'kafka.Kafka', file],
          ready: /Kafka Server started/,
        }),
    ),
  });
  // By the listener of the nodes themselves, which asks for no credentials.
  const setPassword = async (user: string, password: string) => {
    await run('java', [...java, 'ScramPassword', brokers.join(','), user, password]);
  };
  return Object.assign(part, { setPassword });
}

async function format(
  folder: WorkFolder,
  java: string[],
  file: string,
  secured: KafkaOptions['secured'],
): Promise<void> {
  const log = `${file}.format.log`;
  const output = openSync(log, 'w');
  const tool = [...java, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', file];
  if (secured !== undefined) {
    tool.push('--add-scram', `SCRAM-SHA-512=[name=${secured.user},password=${secured.password}]`);
  }
  const child = spawn('java', tool, { stdio: ['ignore', output, output], detached: true });
  closeSync(output);
  folder.guard(child, 'SIGKILL');
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`Kafka's storage could not be formatted: ${readFileSync(log, 'utf8')}`);
}

function nodeSettings(node: {
  id: number;
  broker: string;
  securedBroker: string | undefined;
  controllers: string[];
  folder: string;
  options: KafkaOptions;
}): [string, string | number | boolean][] {
  const { id, broker, securedBroker, controllers, folder, options } = node;
  const replicas = controllers.length;
  const inSync = replicas === 3 ? 2 : 1;
  const quick = options.quickFailover ?? false;
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': id,
    'controller.quorum.voters': controllers.map((address, index) => `${index + 1}@${address}`).join(','),
    listeners: `PLAINTEXT://${broker},CONTROLLER://${controllers[id - 1]}`,
    'advertised.listeners': `PLAINTEXT://${broker}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(folder, `node-${id}`),
    'num.partitions': 3,
    'default.replication.factor': replicas,
    'min.insync.replicas': inSync,
    'unclean.leader.election.enable': false,
    'auto.create.topics.enable': false,
    // The cluster's own topics, kept small: they are most of what a new cluster writes.
    'offsets.topic.num.partitions': 3,
    'offsets.topic.replication.factor': replicas,
    'transaction.state.log.num.partitions': 1,
    'transaction.state.log.replication.factor': replicas,
    'transaction.state.log.min.isr': inSync,
    'share.coordinator.state.topic.num.partitions': 1,
    'share.coordinator.state.topic.replication.factor': replicas,
    'share.coordinator.state.topic.min.isr': inSync,
    'group.initial.rebalance.delay.ms': 0,
    // Tests want to see a dead member soon; a KafkaJS consumer with a smaller timeout than this only crashes.
    'group.min.session.timeout.ms': 1000,
    'num.network.threads': 1,
    'num.io.threads': 2,
    'num.replica.fetchers': 1,
    'background.threads': 2,
    'num.recovery.threads.per.data.dir': 1,
    'log.cleaner.dedupe.buffer.size': 8_388_608,
    'log.segment.bytes': options.segmentBytes ?? 16_777_216,
    'log.index.size.max.bytes': 1_048_576,
    'metadata.log.segment.bytes': 8_388_608,
    'broker.session.timeout.ms': quick ? 3000 : 9000,
    'broker.heartbeat.interval.ms': quick ? 500 : 2000,
    'replica.lag.time.max.ms': quick ? 5000 : 30_000,
    'leader.imbalance.check.interval.seconds': quick ? 5 : 300,
    'log.retention.bytes': options.retentionBytes ?? -1,
    'log.retention.check.interval.ms': 10_000,
    'log.initial.task.delay.ms': 5000,
    ...(securedBroker === undefined || options.secured === undefined
      ? {}
      : securedListener(
          `PLAINTEXT://${broker}`,
          securedBroker,
          `CONTROLLER://${controllers[id - 1]}`,
          options.secured,
        )),
    ...options.settings,
  });
}

type Secured = NonNullable<KafkaOptions['secured']>;

function securedListener(inner: string, address: string, controller: string, secured: Secured): Record<string, string> {
  const { certificates, user, password, clientCertificate = false } = secured;
  const module = 'org.apache.kafka.common.security';
  return {
    listeners: `${inner},SECURED://${address},${controller}`,
    'advertised.listeners': `${inner},SECURED://${address}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,SECURED:SASL_SSL,CONTROLLER:PLAINTEXT',
    'listener.name.secured.sasl.enabled.mechanisms': 'SCRAM-SHA-512,PLAIN',
    'listener.name.secured.scram-sha-512.sasl.jaas.config': `${module}.scram.ScramLoginModule required;`,
    'listener.name.secured.plain.sasl.jaas.config': `${module}.plain.PlainLoginModule required user_${user}="${password}";`,
    'listener.name.secured.ssl.keystore.type': 'PEM',
    'listener.name.secured.ssl.keystore.location': certificates.server.bothFile,
    'listener.name.secured.ssl.truststore.type': 'PEM',
    'listener.name.secured.ssl.truststore.location': certificates.caFile,
    'listener.name.secured.ssl.client.auth': clientCertificate ? 'required' : 'none',
  };
}

function securedUrl(addresses: readonly string[], { certificates, user, password }: Secured): string {
  const credentials = `${encodeURIComponent(user)}:${encodeURIComponent(password)}`;
  return `kafka+ssl://${credentials}@${addresses.join(',')}/?mechanism=scram-sha-512&ca=${certificates.caFile}`;
}
