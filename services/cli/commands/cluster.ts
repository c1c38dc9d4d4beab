import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import type { Cluster, ClusterOptions } from '../../../infra/local/cluster.ts';
import type { Part } from '../../../infra/local/part.ts';
import { WrongArgument } from '../client/attribute-values.ts';
import type { GuardedCluster } from '../cluster/guarded-cluster.ts';
import { givenServerUrls } from '../config.ts';
import { CommandFailed, ExitCode } from '../exit-codes.ts';

const note = `
Everything runs on this machine on 127.0.0.1, keeps its data in temporary folders, and is gone after Ctrl-C. Servers that
are named by IN_CSE_KAFKA_URL, IN_CSE_POSTGRES_URL, IN_CSE_REDIS_URL or IN_CSE_MQTT_URL are used instead of new ones. Other
settings of the processes and of migrate can be given as IN_CSE_<NAME>, such as IN_CSE_ADMIN=CAdmin.

With --secured nothing is in the clear: TLS and credentials to Kafka, Postgres and Redis, and a broker (mosquitto or hivemq)
that lets in by "in-cse credentials" only and keeps the topic rules. What these commands change it learns by itself.

Examples:
  in-cse cluster
  in-cse cluster --kafka 3 --broker artemis
  in-cse cluster --secured
  in-cse cluster --ingress 1 --workers 4 --responders 1 --mqtt-port 11883`;

interface Options {
  mqttPort?: string;
  secured?: boolean;
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
    .option(
      '--mqtt-port <number>',
      'port of the broker on 127.0.0.1; 0 takes any free one (default: 1883, secured 8883)',
    )
    .option('--secured', 'TLS and credentials everywhere, and the topic rules at the broker')
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
  const { bannerOf } = await import('../cluster/banner.ts');
  const wanted = await wantedCluster(options);
  const missing = missingForCluster(wanted);
  if (missing !== undefined) throw new CommandFailed(ExitCode.failed, missing);
  // Before anything runs: a Ctrl-C while it starts must leave no trace either. The guard of each folder sees to that.
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => resolve());
  });
  const starting = startWanted(wanted, options);
  const started = await Promise.race([starting, interrupted]);
  if (started === undefined) {
    process.stderr.write('Ending.\n');
    process.exit(ExitCode.ok);
  }
  const { cluster, guarded } = started;
  process.stdout.write(bannerOf({ ...options, ...started }));
  const watching = watch(cluster);
  const following = guarded === undefined ? undefined : followCredentials(guarded);
  await interrupted;
  clearInterval(watching);
  await following?.stop();
  process.stderr.write('Ending: finishing what is in flight. A second Ctrl-C ends at once.\n');
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(130));
  await cluster.stop();
}

async function startWanted(
  wanted: ClusterOptions,
  { secured = false }: Options,
): Promise<{ cluster: Cluster; guarded: GuardedCluster | undefined }> {
  if (!secured) {
    const { startCluster } = await import('../../../infra/local/cluster.ts');
    return { cluster: await startCluster(wanted), guarded: undefined };
  }
  const { startGuardedCluster } = await import('../cluster/guarded-cluster.ts');
  const guarded = await startGuardedCluster(wanted);
  return { cluster: guarded, guarded };
}

async function wantedCluster(options: Options): Promise<ClusterOptions> {
  const { secured = false, mqttPort = secured ? '8883' : '1883' } = options;
  const parts = await givenParts();
  if (secured && options.broker === 'artemis') {
    throw new WrongArgument('--secured is for mosquitto and hivemq: there are no access files for Artemis.');
  }
  if (secured && Object.keys(parts).length > 0) {
    throw new WrongArgument(
      `--secured takes no servers of others: leave IN_CSE_${Object.keys(parts)[0]?.toUpperCase()}_URL out.`,
    );
  }
  const port = countOf(mqttPort, '--mqtt-port', 0);
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

/** Lets the broker know of every change that `in-cse credentials` makes; `stop` resolves when nothing is under way. */
function followCredentials(cluster: GuardedCluster): { stop(): Promise<void> } {
  const ending = new AbortController();
  const say = (text: string) => process.stderr.write(`${'credentials'.padEnd(17)} | ${text}\n`);
  const told = {
    told: 'the broker has taken up the new ones',
    restarted: 'the broker was restarted with the new ones',
  };
  const following = (async () => {
    while (!ending.signal.aborted) {
      try {
        const renewal = await cluster.renewAccess();
        if (renewal !== 'unchanged') say(told[renewal]);
      } catch (error) {
        say(`the broker keeps the old ones: ${(error as Error).message}`);
      }
      await pause(1000, undefined, { signal: ending.signal }).catch(() => undefined);
    }
  })();
  return {
    async stop() {
      ending.abort();
      await following;
    },
  };
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
