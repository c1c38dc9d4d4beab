/** The real parts that a cluster on this machine stands on: those given, and new ones for the rest. */
import { startArtemis } from './artemis.ts';
import { startHiveMq } from './hivemq.ts';
import { type KafkaOptions, startKafka } from './kafka.ts';
import { startMosquitto } from './mosquitto.ts';
import type { Part } from './part.ts';
import { startPostgres } from './postgres.ts';
import { missingLine, type PartName } from './prerequisites.ts';
import { startRedis } from './redis.ts';

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
  /** To be used instead of new ones; they are not ended with the cluster. */
  parts?: Partial<ClusterParts>;
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
  /** Ends those that were started here. */
  stop(): Promise<void>;
}

/** Starts all together; on failure nothing is left. */
export async function startClusterParts(options: PartsOptions): Promise<StartedParts> {
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
  return { parts: { broker, kafka, postgres, redis } as ClusterParts, stop };
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
