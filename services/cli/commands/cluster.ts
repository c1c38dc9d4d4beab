import { createServer } from 'node:net';
import { type Command, Option } from 'commander';
import type { Cluster, ClusterOptions } from '../../../infra/local/cluster.ts';
import type { Part } from '../../../infra/local/part.ts';
import { WrongArgument } from '../client/attribute-values.ts';
import { givenServerUrls, inheritedCseId } from '../config.ts';
import { CommandFailed, ExitCode } from '../exit-codes.ts';
import { productVersion } from '../version.ts';

const note = `
Everything runs on this machine on 127.0.0.1, keeps its data in temporary folders, and is gone after Ctrl-C. Servers that
are named by IN_CSE_KAFKA_URL, IN_CSE_POSTGRES_URL, IN_CSE_REDIS_URL or IN_CSE_MQTT_URL are used instead of new ones. Other
settings of the processes and of migrate can be given as IN_CSE_<NAME>, such as IN_CSE_ADMIN=CAdmin.

Examples:
  in-cse cluster
  in-cse cluster --kafka 3 --broker artemis
  in-cse cluster --ingress 1 --workers 4 --responders 1 --mqtt-port 11883`;

interface Options {
  mqttPort: string;
  broker: 'mosquitto' | 'hivemq' | 'artemis';
  kafka: '1' | '3';
  ingress: string;
  workers: string;
  responders: string;
  partitions: string;
  logLevel: string;
}

export function addCluster(program: Command): void {
  program
    .command('cluster')
    .description('a whole cluster on this machine: broker, Kafka, Postgres, Redis, and N processes of each kind')
    .option('--mqtt-port <number>', 'port of the broker on 127.0.0.1; 0 takes any free one', '1883')
    .addOption(
      new Option('--broker <name>', 'MQTT broker').choices(['mosquitto', 'hivemq', 'artemis']).default('mosquitto'),
    )
    .addOption(new Option('--kafka <nodes>', '3: as promised; 1: for development').choices(['1', '3']).default('1'))
    .option('--ingress <count>', 'processes that take requests', '2')
    .option('--workers <count>', 'processes that apply them', '2')
    .option('--responders <count>', 'processes that publish answers', '2')
    .option('--partitions <count>', 'partitions of each log', '24')
    .option('--log-level <level>', 'of the processes', 'info')
    .addHelpText('after', note)
    .action(runCluster);
}

async function runCluster(options: Options): Promise<void> {
  const { missingForCluster } = await import('../../../infra/local/cluster-parts.ts');
  const { startCluster } = await import('../../../infra/local/cluster.ts');
  const wanted = await wantedCluster(options);
  const missing = missingForCluster(wanted);
  if (missing !== undefined) throw new CommandFailed(ExitCode.failed, missing);
  // Before anything runs: a Ctrl-C while it starts must leave no trace either. The guard of each folder sees to that.
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => resolve());
  });
  const starting = startCluster(wanted);
  const cluster = await Promise.race([starting, interrupted]);
  if (cluster === undefined) {
    process.stderr.write('Ending.\n');
    process.exit(ExitCode.ok);
  }
  process.stdout.write(bannerOf(cluster, options));
  const watching = watch(cluster);
  await interrupted;
  clearInterval(watching);
  process.stderr.write('Ending: finishing what is in flight. A second Ctrl-C ends at once.\n');
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  await cluster.stop();
}

async function wantedCluster(options: Options): Promise<ClusterOptions> {
  const parts = await givenParts();
  const port = countOf(options.mqttPort, '--mqtt-port', 0);
  if (port !== 0 && parts.broker === undefined && !(await isFree(port))) {
    throw new CommandFailed(
      ExitCode.failed,
      `Port ${port} of 127.0.0.1 is in use: stop who uses it, or choose another with --mqtt-port (0 takes any free one).`,
    );
  }
  return {
    broker: options.broker,
    ...(port === 0 ? {} : { mqttPort: port }),
    kafka: options.kafka === '3' ? 3 : 1,
    ingress: countOf(options.ingress, '--ingress', 1),
    workers: countOf(options.workers, '--workers', 1),
    responders: countOf(options.responders, '--responders', 1),
    partitions: countOf(options.partitions, '--partitions', 1),
    environment: { IN_CSE_LOG_LEVEL: options.logLevel },
    parts,
    progress: (text) => process.stderr.write(`in-cse cluster: ${text} …\n`),
    line: (name, text) => process.stderr.write(`${name.padEnd(17)} | ${text}\n`),
  };
}

async function givenParts(): Promise<NonNullable<ClusterOptions['parts']>> {
  const { givenServer } = await import('../../../infra/local/part.ts');
  const given: Record<string, Part> = {};
  for (const [name, url] of givenServerUrls()) given[name] = givenServer(name, url);
  return given;
}

function countOf(text: string, flag: string, least: number): number {
  if (/^\d+$/.test(text) && Number(text) >= least && Number(text) <= 65_535) return Number(text);
  throw new WrongArgument(`${flag} must be a whole number from ${least} on, not "${text}".`);
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** Says when a process has ended that nobody ended; none is started again. */
function watch(cluster: Cluster): NodeJS.Timeout {
  const gone = new Set<string>();
  return setInterval(() => {
    for (const { name, pid } of cluster.processes) {
      if (pid !== undefined || gone.has(name)) continue;
      gone.add(name);
      process.stderr.write(`${name.padEnd(17)} | has ended; it is not started again.\n`);
    }
  }, 200);
}

function bannerOf(cluster: Cluster, { broker, kafka }: Options): string {
  const { parts, processes, mqttUrls } = cluster;
  const [url = ''] = mqttUrls;
  const shown = url === 'mqtt://127.0.0.1:1883' ? '' : ` --url ${url}`;
  const pidsOf = ({ pids }: Part) => (pids.length === 0 ? 'given' : `pid ${pids.join(', ')}`);
  const cseId = inheritedCseId();
  const lines = [
    '',
    `in-cse ${productVersion()}: a cluster on this machine`,
    '',
    `  MQTT      ${mqttUrls.join('  ')}  (${broker}, ${pidsOf(parts.broker)})`,
    `  Kafka     ${parts.kafka.url}  (${pidsOf(parts.kafka)})`,
    `  Postgres  ${withoutPassword(parts.postgres.url)}  (${pidsOf(parts.postgres)})`,
    `  Redis     ${withoutPassword(parts.redis.url)}  (${pidsOf(parts.redis)})`,
    ...processes.map(
      ({ name, adminUrl, pid }) => `  ${name.padEnd(17)}  pid ${String(pid).padEnd(7)} ${adminUrl}/readyz`,
    ),
    '',
    ...(kafka === '1' ? ['  One Kafka node: for development. What was promised needs --kafka 3.', ''] : []),
    '  Try in another terminal',
    `    npx in-cse create ae --from Cme --name me${shown}${cseId === undefined ? '' : ` --cse-id ${cseId}`}`,
    '',
    '  Ctrl-C ends everything and leaves nothing behind.',
    '',
  ];
  return `${lines.join('\n')}\n`;
}

function withoutPassword(text: string): string {
  const url = URL.parse(text);
  if (url === null) return text;
  url.password = '';
  return url.href;
}
