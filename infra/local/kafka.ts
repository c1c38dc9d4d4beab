/** Apache Kafka, one node or a cluster of three, each node broker and controller (KRaft). */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
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
  /** More lines for server.properties; they win. */
  settings?: Record<string, string | number>;
}

/** Any 16 bytes in base64url will do: the folder is new. */
const clusterId = 'aW4tY3NlLWxvY2FsLWxvZw';

/** Urls are `kafka://host:port`; the part's url names all nodes. */
export async function startKafka(options: KafkaOptions = {}): Promise<Part> {
  const { nodes = 1, heap = '256m' } = options;
  const java = await javaArguments('kafka', heap);
  const ports = await freePorts(nodes * 2);
  const folder = openWorkFolder('kafka');
  const brokers = ports.slice(0, nodes).map((port) => `127.0.0.1:${port}`);
  const controllers = ports.slice(nodes).map((port) => `127.0.0.1:${port}`);
  const files = brokers.map((broker, index) => {
    const file = join(folder.path, `node-${index + 1}.properties`);
    const settings = nodeSettings({ id: index + 1, broker, controllers, folder: folder.path, options });
    writeFileSync(file, settings.map(([name, value]) => `${name}=${value}\n`).join(''));
    return file;
  });
  try {
    await Promise.all(files.map((file) => format(folder, java, file)));
  } catch (error) {
    await folder.remove();
    throw error;
  }
  return startNodes({
    name: nodes === 1 ? 'kafka' : `kafka × ${nodes}`,
    url: `kafka://${brokers.join(',')}`,
    urls: brokers.map((broker) => `kafka://${broker}`),
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
}

async function format(folder: WorkFolder, java: string[], file: string): Promise<void> {
  const log = `${file}.format.log`;
  const output = openSync(log, 'w');
  const tool = [...java, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', file];
  const child = spawn('java', tool, { stdio: ['ignore', output, output], detached: true });
  closeSync(output);
  folder.guard(child, 'SIGKILL');
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`Kafka's storage could not be formatted: ${readFileSync(log, 'utf8')}`);
}

function nodeSettings(node: {
  id: number;
  broker: string;
  controllers: string[];
  folder: string;
  options: KafkaOptions;
}): [string, string | number | boolean][] {
  const { id, broker, controllers, folder, options } = node;
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
    ...options.settings,
  });
}
