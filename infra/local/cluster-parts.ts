/** The real parts that a cluster on this machine stands on: those given, and new ones for the rest. */
import { startArtemis } from './artemis.ts';
import type { Environment } from './cluster-process.ts';
import type { GuardedBrokerName } from './guarded-broker.ts';
import { startHiveMq } from './hivemq.ts';
import { type KafkaOptions, startKafka } from './kafka.ts';
import { startMosquitto } from './mosquitto.ts';
import type { Part } from './part.ts';
import { startPostgres } from './postgres.ts';
import { missingLine, type PartName } from './prerequisites.ts';
import { startRedis } from './redis.ts';
import { type SecuredPartsOptions, type Security, startSecuredParts } from './secured-parts.ts';

export type BrokerName = 'mosquitto' | 'hivemq' | 'artemis';

export interface ClusterParts {
  broker: Part;
  kafka: Part;
  postgres: Part;
  redis: Part;
}

export interface PartsOptions {
  /** Mosquitto unless said otherwise; Artemis comes as three clustered nodes. */
  broker?: BrokerName;
  /** Of the broker; any free one if absent. */
  mqttPort?: number;
  /** Nodes, 1 by default, or all options. */
  kafka?: 1 | 3 | KafkaOptions;
  /** Mosquitto and one Kafka node, all parts with TLS and credentials; nothing else may be chosen then. */
  secured?: boolean;
  /** The same, with Mosquitto or HiveMQ, 1 or 3 nodes, and access files that decide who may connect to the broker. */
  access?: AccessWriter;
  /** To be used instead of new ones; they are not ended with the cluster. */
  parts?: Partial<ClusterParts>;
}

/** Who writes the access files of a guarded broker. They are not of this room. */
export interface AccessWriter {
  /** The files that let nobody in. */
  begin(broker: GuardedBrokerName, folder: string): Promise<void>;
  /** When there is a database: makes the credential of our processes, by certificate, and writes the files that let them in. */
  admit(broker: GuardedBrokerName, folder: string, environment: Environment): Promise<void>;
}

/** What is missing on this machine for the parts that are not given, in one line. */
export function missingForCluster({ broker = 'mosquitto', parts = {} }: PartsOptions): string | undefined {
  const wanted: [keyof ClusterParts, PartName][] = [
    ['broker', broker],
    ['kafka', 'kafka'],
    ['postgres', 'postgres'],
    ['redis', 'redis'],
  ];
  return missingLine(wanted.filter(([name]) => parts[name] === undefined).map(([, need]) => need));
}

export interface StartedParts {
  parts: ClusterParts;
  /** How the processes reach them, where that is more than their URLs. */
  environment: Environment;
  security?: Security;
  /** Ends those that were started here. */
  stop(): Promise<void>;
}

/** Starts all together; on failure nothing is left. */
export async function startClusterParts(options: PartsOptions): Promise<StartedParts> {
  if (options.access !== undefined) return startSecuredParts(guardedOptions(options, options.access));
  if (options.secured === true) return startSecuredParts(mqttPortOf(options));
  const started: Part[] = [];
  const own = async (given: Part | undefined, start: () => Promise<Part>): Promise<Part> => {
    if (given !== undefined) return given;
    const part = await start();
    started.push(part);
    return part;
  };
  const stop = async () => {
    await Promise.all(started.splice(0).map((part) => part.stop()));
  };
  const { parts: given = {} } = options;
  const outcomes = await Promise.allSettled([
    own(given.broker, () => startBroker(options)),
    own(given.kafka, () => startKafka(kafkaOptions(options.kafka))),
    own(given.postgres, () => startPostgres()),
    own(given.redis, () => startRedis()),
  ]);
  const failed = outcomes.find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) {
    await stop();
    throw failed.reason;
  }
  const [broker, kafka, postgres, redis] = outcomes.map((outcome) => (outcome as { value: Part }).value);
  return { parts: { broker, kafka, postgres, redis } as ClusterParts, environment: {}, stop };
}

function mqttPortOf({ mqttPort }: PartsOptions): { mqttPort?: number } {
  return mqttPort === undefined ? {} : { mqttPort };
}

function guardedOptions(options: PartsOptions, access: AccessWriter): SecuredPartsOptions {
  const { broker = 'mosquitto', kafka = 1, parts = {} } = options;
  if (broker === 'artemis') throw new Error('there are no access files for Artemis');
  if (typeof kafka !== 'number' || Object.keys(parts).length > 0) throw new Error('secured parts are all new ones');
  return { ...mqttPortOf(options), kafka, access: { broker, begin: (folder) => access.begin(broker, folder) } };
}

function startBroker({ broker = 'mosquitto', mqttPort }: PartsOptions): Promise<Part> {
  const options = mqttPort === undefined ? {} : { port: mqttPort };
  switch (broker) {
    case 'mosquitto':
      return startMosquitto(options);
    case 'hivemq':
      return startHiveMq(options);
    case 'artemis':
      return startArtemis({ ...options, nodes: 3 });
  }
}

function kafkaOptions(kafka: PartsOptions['kafka'] = 1): KafkaOptions {
  return typeof kafka === 'number' ? { nodes: kafka } : kafka;
}
