/** The whole product on this machine: real parts, and N processes of each kind. Everything is gone when the starter is. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type ClusterParts, type PartsOptions, type StartedParts, startClusterParts } from './cluster-parts.ts';
import { ClusterProcess, commandLine, type Environment, type ProcessKind } from './cluster-process.ts';
import { freePorts } from './free-ports.ts';
import type { Security } from './secured-parts.ts';
import { openWorkFolder } from './work-folder.ts';

export type { AccessWriter } from './cluster-parts.ts';
export type { ClusterProcess, Environment, ProcessKind } from './cluster-process.ts';

const run = promisify(execFile);

export interface ClusterOptions extends PartsOptions {
  /** Processes of each kind; 2 by default. */
  ingress?: number;
  workers?: number;
  responders?: number;
  /** Of the requests log and of the outbound log, when new. */
  partitions?: number;
  /** Settings of all processes and of `migrate`, as the environment has them. */
  environment?: Environment;
  /** Settings of one process beside those. */
  environmentOf?: (kind: ProcessKind, index: number) => Environment;
  /** Every line that a process logs. */
  line?: (process: string, text: string) => void;
  /** What is being done, for a person who waits. */
  progress?: (text: string) => void;
}

export interface Cluster {
  readonly parts: ClusterParts;
  /** Of a secured one. */
  readonly security: Security | undefined;
  /** Of the broker, one per node. */
  readonly mqttUrls: readonly string[];
  readonly processes: readonly ClusterProcess[];
  process(kind: ProcessKind, index?: number): ClusterProcess;
  /** Ends everything: with `drain` (the default) in good order, in the direction of the stream. */
  stop(options?: { drain?: boolean }): Promise<void>;
}

const kinds: readonly ProcessKind[] = ['ingress', 'resource-worker', 'responder'];

/** Resolves when every process is ready. On failure nothing is left. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const { progress = () => {} } = options;
  progress('starting the broker, Kafka, Postgres and Redis');
  const started = await startClusterParts(options);
  const { parts, stop: stopParts } = started;
  const folder = openWorkFolder('cluster');
  const environment = environmentFor(started, options);
  let processes: ClusterProcess[] = [];

  async function stop({ drain = true } = {}): Promise<void> {
    for (const kind of kinds) {
      const members = processes.filter((each) => each.kind === kind);
      await Promise.all(members.map((each) => each.kill(drain ? 'SIGTERM' : 'SIGKILL')));
    }
    for (const each of processes) each.finish();
    await folder.remove();
    await stopParts();
  }

  try {
    progress('creating topics, tables and CSEs');
    await migrate(environment);
    await admitProcesses(started, options, environment);
    processes = await createProcesses();
    progress('starting the processes');
    const outcomes = await Promise.allSettled(processes.map((each) => each.start()));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  } catch (error) {
    await stop({ drain: false });
    throw error;
  }

  async function createProcesses(): Promise<ClusterProcess[]> {
    const counts = [options.ingress ?? 2, options.workers ?? 2, options.responders ?? 2];
    const members = kinds.flatMap((kind, at) =>
      Array.from({ length: counts[at] ?? 0 }, (_, index) => ({ kind, index: index + 1 })),
    );
    const ports = await freePorts(members.length);
    return members.map(({ kind, index }, at) => {
      const { line } = options;
      const adminPort = ports[at] ?? 0;
      return new ClusterProcess({
        kind,
        index,
        adminPort,
        folder,
        environment: {
          ...environment,
          // Members of a clustered broker share the load; a guarded one has a listener for them.
          IN_CSE_MQTT_URL:
            started.security?.guard?.serviceUrl ??
            parts.broker.urls[(index - 1) % parts.broker.urls.length] ??
            parts.broker.url,
          ...options.environmentOf?.(kind, index),
        },
        ...(line === undefined ? {} : { line: (text: string) => line(`${kind}-${index}`, text) }),
      });
    });
  }

  return {
    parts,
    security: started.security,
    mqttUrls: parts.broker.urls,
    processes,
    process(kind, index = 1) {
      const found = processes.find((each) => each.kind === kind && each.index === index);
      if (found === undefined) throw new Error(`there is no ${kind}-${index}`);
      return found;
    },
    stop,
  };
}

function environmentFor({ parts, environment }: StartedParts, options: ClusterOptions): Environment {
  const { partitions } = options;
  return {
    IN_CSE_KAFKA_URL: parts.kafka.url,
    IN_CSE_POSTGRES_URL: parts.postgres.url,
    IN_CSE_REDIS_URL: parts.redis.url,
    IN_CSE_POINTS_OF_ACCESS: parts.broker.urls.map(withoutCredentials).join(','),
    // One node keeps its promises only as long as its disk lives.
    IN_CSE_DEVELOPMENT: String(parts.kafka.nodes < 3),
    ...(partitions === undefined
      ? {}
      : { IN_CSE_PARTITIONS: String(partitions), IN_CSE_OUTBOUND_PARTITIONS: String(partitions) }),
    ...environment,
    ...options.environment,
  };
}

async function admitProcesses(
  { security }: StartedParts,
  { access }: ClusterOptions,
  environment: Environment,
): Promise<void> {
  const { guard } = security ?? {};
  if (access === undefined || guard === undefined) return;
  await access.admit(guard.name, guard.folder, environment);
  await guard.renew();
}

async function migrate(environment: Environment): Promise<void> {
  try {
    await run(process.execPath, commandLine('migrate'), { env: { ...process.env, ...environment } });
  } catch (error) {
    const { stderr = '', stdout = '', message } = error as { stderr?: string; stdout?: string; message: string };
    throw new Error(`in-cse migrate failed: ${(stderr + stdout).trim() || message}`);
  }
}

function withoutCredentials(text: string): string {
  const url = new URL(text);
  return `${url.protocol}//${url.host}`;
}
