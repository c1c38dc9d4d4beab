/** What is measured: the embedded process, or a cluster of one process of each kind. */
import { join } from 'node:path';
import { startCluster } from '../infra/local/cluster.ts';
import { missingForCluster } from '../infra/local/cluster-parts.ts';
import { commandLine } from '../infra/local/cluster-process.ts';
import { freePorts } from '../infra/local/free-ports.ts';
import { Program } from '../infra/local/program.ts';
import { openWorkFolder } from '../infra/local/work-folder.ts';
import type { CeilingConnections } from './ceiling.ts';

export interface BenchSubject {
  url: string;
  broker: string;
  /** In words, for the report. */
  kafka: string;
  processes: { kind: string; pid: number }[];
  adminUrls: string[];
  /** Where the bare pipeline can run beside it. */
  ceiling?: CeilingConnections;
  stop(): Promise<void>;
}

export async function startClusterSubject(options: {
  kafka: 1 | 3;
  partitions: number;
  profile?: string;
  /** Keeps the limits of originators as they are by default. */
  limits?: boolean;
  environment?: Record<string, string>;
}): Promise<BenchSubject> {
  const { kafka, partitions, profile, limits = false, environment = {} } = options;
  const missing = missingForCluster({});
  if (missing !== undefined) {
    console.error(missing);
    process.exit(1);
  }
  const cluster = await startCluster({
    kafka,
    partitions,
    ingress: 1,
    workers: 1,
    responders: 1,
    environment: { IN_CSE_LOG_LEVEL: 'warn', ...(limits ? {} : withoutLimits), ...profiling(profile), ...environment },
    progress: (text) => console.error(text),
  });
  const { parts, processes } = cluster;
  return {
    url: parts.broker.url,
    broker: 'Mosquitto',
    kafka: kafka === 3 ? 'Kafka with three nodes, RF 3, min ISR 2' : 'Kafka with one node (development setting)',
    processes: processes.map(({ kind, pid = 0 }) => ({ kind, pid })),
    adminUrls: processes.map(({ adminUrl }) => adminUrl),
    ceiling: {
      mqttUrl: parts.broker.url,
      kafkaBrokers: parts.kafka.urls.map((url) => new URL(url).host),
      postgresUrl: parts.postgres.url,
      cse: 'ceiling',
      partitions,
      replicas: kafka,
    },
    stop: () => cluster.stop(),
  };
}

/** `keep`: data in a folder, by PGlite; else in memory only. */
export async function startEmbeddedSubject(
  keep: boolean,
  profile: string | undefined,
  limits = false,
  environment: Record<string, string> = {},
): Promise<BenchSubject> {
  const [mqttPort = 0, wsPort = 0, adminPort = 0] = await freePorts(3);
  const folder = openWorkFolder('bench');
  const program = new Program({
    name: 'embedded',
    folder,
    command: process.execPath,
    args: [
      ...commandLine('start', ...(keep ? ['--data', join(folder.path, 'data')] : ['--memory'])),
      ...['--mqtt-port', String(mqttPort)],
      ...['--ws-port', String(wsPort), '--admin-port', String(adminPort)],
    ],
    environment: { ...process.env, ...(limits ? {} : withoutLimits), ...profiling(profile), ...environment },
    ready: /Ctrl-C/,
  });
  await program.start();
  return {
    url: `mqtt://127.0.0.1:${mqttPort}`,
    broker: 'aedes inside',
    kafka: keep ? 'no Kafka, data in a folder (PGlite)' : 'no Kafka, data in memory only',
    processes: [{ kind: 'embedded', pid: program.pid ?? 0 }],
    adminUrls: [`http://127.0.0.1:${adminPort}`],
    async stop() {
      await program.stop(10_000);
      await folder.remove();
    },
  };
}

/** What the machine can do is asked, not what an originator may. */
const withoutLimits = { IN_CSE_ORIGINATOR_RATE: '0', IN_CSE_ORIGINATOR_IN_FLIGHT: '0' };

function profiling(folder: string | undefined): Record<string, string> {
  return folder === undefined ? {} : { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${folder}` };
}
