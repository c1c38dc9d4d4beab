/** Topics are created, or checked, before anything is promised on them. */
import kafkajs, { type Admin, type ITopicConfig } from 'kafkajs';
import { backOffTime, pause } from './back-off.ts';
import { createClient, protocolErrorType, rootCause } from './client.ts';
import type { KafkaConnection } from './connection.ts';
import type { KafkaHooks } from './hooks.ts';

export interface TopicRequirement {
  name: string;
  partitions: number;
  /** ms that a new topic keeps its records; -1 for ever. */
  retention: number;
  /** ms that an outage may last: a topic that keeps less is refused (R4). */
  requiredRetention: number;
  /** Largest record batch, bytes. */
  maximumBytes: number;
}

export interface TopicOptions {
  connection: KafkaConnection;
  clientId: string;
  topics: TopicRequirement[];
  /** Settings that may lose acknowledged records are warned of instead of refused. */
  development?: boolean;
  /** False: a missing topic is refused, not created. What was lost must not come back empty (R4). */
  create?: boolean;
  hooks?: KafkaHooks;
}

/** Names every setting that breaks a promise, in one message. */
export class UnsafeTopics extends Error {
  override name = 'UnsafeTopics';
  readonly problems: string[];
  constructor(problems: string[]) {
    super(`Kafka is not set up to keep what was acknowledged:\n  - ${problems.join('\n  - ')}`);
    this.problems = problems;
  }
}

const safeReplicas = 3;
const safeInSync = 2;

/** `unsafe` may be lived with in development, `wrong` never. */
interface Problem {
  kind: 'unsafe' | 'wrong';
  text: string;
}

/**
 * Creates the topics that are missing and checks all. Resolves with what was created and, in development, what is unsafe;
 * throws {@link UnsafeTopics}, and otherwise only what KafkaJS throws when the cluster cannot be reached.
 */
export async function ensureTopics(options: TopicOptions): Promise<{ created: string[]; warnings: string[] }> {
  const { hooks = {}, development = false } = options;
  const admin = createClient(options.connection, options.clientId, hooks).admin();
  await admin.connect();
  try {
    const nodes = (await admin.describeCluster()).brokers.map(({ nodeId }) => nodeId);
    const problems = await brokerProblems(admin, nodes);
    const existing = await admin.listTopics();
    const missing = options.topics.filter(({ name }) => !existing.includes(name));
    if (missing.length > 0 && options.create === false) {
      throw new UnsafeTopics(missing.map(({ name }) => `topic ${name} does not exist; \`in-cse migrate\` creates it`));
    }
    if (missing.length > 0 && nodes.length < safeReplicas) {
      const text = `${nodes.length} broker node(s): a new topic needs ${safeReplicas} for its replicas`;
      if (!development) throw new UnsafeTopics([...problems.map((problem) => problem.text), text]);
    }
    const created = await createMissing(admin, missing, Math.min(safeReplicas, nodes.length));
    problems.push(...(await onceKnown(() => topicProblems(admin, options.topics))));
    const fatal = problems.filter(({ kind }) => kind === 'wrong' || !development);
    if (fatal.length > 0) throw new UnsafeTopics(fatal.map(({ text }) => text));
    const warnings = problems.map(({ text }) => text);
    for (const text of warnings) hooks.log?.('warn', `unsafe, allowed in development: ${text}`, {});
    return { created, warnings };
  } finally {
    await admin.disconnect();
  }
}

async function createMissing(admin: Admin, missing: TopicRequirement[], replicas: number): Promise<string[]> {
  if (missing.length === 0) return [];
  const inSync = replicas >= safeReplicas ? safeInSync : 1;
  // Another process may create them at the same moment: KafkaJS answers false then, and the check follows anyway.
  await admin.createTopics({ waitForLeaders: true, topics: missing.map((topic) => newTopic(topic, replicas, inSync)) });
  return missing.map(({ name }) => name);
}

function newTopic(topic: TopicRequirement, replicas: number, inSync: number): ITopicConfig {
  const settings: Record<string, string> = {
    'cleanup.policy': 'delete',
    'min.insync.replicas': String(inSync),
    'unclean.leader.election.enable': 'false',
    'message.timestamp.type': 'LogAppendTime',
    'max.message.bytes': String(topic.maximumBytes),
    'retention.ms': String(topic.retention),
    'retention.bytes': '-1',
  };
  return {
    topic: topic.name,
    numPartitions: topic.partitions,
    replicationFactor: replicas,
    configEntries: Object.entries(settings).map(([name, value]) => ({ name, value })),
  };
}

async function brokerProblems(admin: Admin, nodes: number[]): Promise<Problem[]> {
  const settings = await readSettings(admin, kafkajs.ConfigResourceTypes.BROKER, nodes.map(String));
  return [...settings]
    .filter(([, values]) => values.get('auto.create.topics.enable') === 'true')
    .map(([node]) => ({
      kind: 'unsafe',
      text: `broker ${node}: auto.create.topics.enable is true, so that a lost topic comes back empty; set it to false`,
    }));
}

/** ms in which every node certainly has heard of a topic that exists. */
const spreadLimit = 30_000;

/**
 * Repeats a question about topics while the node that is asked does not know them yet: the cluster has acknowledged their
 * creation, but KafkaJS asks any node, and each learns of it in its own time.
 */
export async function onceKnown<Result>(question: () => Promise<Result>, limit = spreadLimit): Promise<Result> {
  const signal = AbortSignal.timeout(limit);
  for (let attempt = 1; ; attempt++) {
    try {
      return await question();
    } catch (error) {
      const unknown = protocolErrorType(rootCause(error)) === 'UNKNOWN_TOPIC_OR_PARTITION';
      if (!unknown || signal.aborted) throw error;
      await pause(backOffTime(attempt), signal);
    }
  }
}

async function topicProblems(admin: Admin, required: TopicRequirement[]): Promise<Problem[]> {
  const names = required.map(({ name }) => name);
  const { topics } = await admin.fetchTopicMetadata({ topics: names });
  const settings = await readSettings(admin, kafkajs.ConfigResourceTypes.TOPIC, names);
  return required.flatMap((topic) => {
    const partitions = topics.find(({ name }) => name === topic.name)?.partitions ?? [];
    const replicas = Math.min(...partitions.map((partition) => partition.replicas.length));
    return checkTopic(topic, partitions.length, replicas, settings.get(topic.name) ?? new Map());
  });
}

/** What is wrong with one topic, given what the cluster says of it. */
export function checkTopic(
  topic: TopicRequirement,
  partitions: number,
  replicas: number,
  settings: ReadonlyMap<string, string>,
): Problem[] {
  const problems: Problem[] = [];
  const add = (kind: Problem['kind'], text: string) => problems.push({ kind, text: `topic ${topic.name}: ${text}` });
  const number = (name: string) => Number(settings.get(name) ?? Number.NaN);
  if (partitions !== topic.partitions) {
    add('wrong', `has ${partitions} partitions, this deployment was laid out for ${topic.partitions}`);
  }
  if (!(number('max.message.bytes') >= topic.maximumBytes)) {
    add('wrong', `max.message.bytes is ${settings.get('max.message.bytes')}, needed are ${topic.maximumBytes}`);
  }
  if (settings.get('message.timestamp.type') !== 'LogAppendTime') {
    add('wrong', `message.timestamp.type is ${settings.get('message.timestamp.type')}, needed is LogAppendTime`);
  }
  if (settings.get('cleanup.policy') !== 'delete') {
    add('wrong', `cleanup.policy is ${settings.get('cleanup.policy')}, needed is delete`);
  }
  if (!(replicas >= safeReplicas)) add('unsafe', `replication factor is ${replicas}, needed is ${safeReplicas}`);
  if (!(number('min.insync.replicas') >= safeInSync)) {
    add('unsafe', `min.insync.replicas is ${settings.get('min.insync.replicas')}, needed is ${safeInSync}`);
  }
  if (settings.get('unclean.leader.election.enable') !== 'false') {
    add('unsafe', 'unclean.leader.election.enable is true, needed is false');
  }
  const retention = number('retention.ms');
  if (retention !== -1 && !(retention >= topic.requiredRetention)) {
    add('unsafe', `retention.ms is ${retention}, an outage may last ${topic.requiredRetention}`);
  }
  if (number('retention.bytes') !== -1) {
    add(
      'unsafe',
      `retention.bytes is ${settings.get('retention.bytes')}: records go by size before their time; needed is -1`,
    );
  }
  return problems;
}

async function readSettings(
  admin: Admin,
  type: kafkajs.ConfigResourceTypes,
  names: string[],
): Promise<Map<string, Map<string, string>>> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: names.map((name) => ({ type, name })),
  });
  return new Map(
    resources.map(({ resourceName, configEntries }) => [
      resourceName,
      new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
    ]),
  );
}
