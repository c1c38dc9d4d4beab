/**
 * The bare pipeline: the shape of the in-cse without oneM2M. Broker, ingress, Kafka with acks=all, worker (one pipelined
 * Postgres transaction of all its partitions: fence, rows, journal), Kafka, responder, broker; one JSON.parse on the way in
 * and one JSON.stringify on the way out. What the product reaches is quoted as a share of this, measured in the same run.
 *
 * `node load/ceiling.ts ROLE` with its connections in CEILING (JSON); `startCeiling` starts the three roles.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import kafkajs, { type Kafka as KafkaClient, type Producer } from 'kafkajs';
import mqtt from 'mqtt';
import pg from 'pg';

const { Kafka, logLevel, Partitioners } = kafkajs;

export interface CeilingConnections {
  mqttUrl: string;
  kafkaBrokers: string[];
  postgresUrl: string;
  cse: string;
  partitions: number;
  /** Kafka's replication factor; above 1 with two in-sync replicas at least. */
  replicas: number;
}

const requestsTopic = 'ceiling-requests';
const outboundTopic = 'ceiling-outbound';

const schema = `
  drop table if exists ceiling_resource, ceiling_fence, ceiling_journal;
  create table ceiling_resource(shard int, ri text, pi text, seq bigint, body jsonb, primary key(shard, ri));
  create index on ceiling_resource(shard, pi, seq);
  create table ceiling_fence(part int primary key, next bigint);
  insert into ceiling_fence select n, 0 from generate_series(0, 511) n;
  create table ceiling_journal(part int, first bigint, out bytea, primary key(part, first));
  create or replace function ceiling_advance(p int, f bigint, l bigint) returns void language plpgsql as $$
    begin
      update ceiling_fence set next = l + 1 where part = p and next <= f;
      if not found then raise 'fenced'; end if;
    end $$;`;

export interface RunningCeiling {
  processes: { kind: string; pid: number }[];
  stop(): Promise<void>;
}

/** Makes tables and topics anew and starts one process of each role; resolves when requests are taken. */
export async function startCeiling(connections: CeilingConnections): Promise<RunningCeiling> {
  const client = new pg.Client(connections.postgresUrl);
  await client.connect();
  await client.query(schema);
  await client.end();
  const admin = kafka(connections, 'admin').admin();
  await admin.connect();
  const present = (await admin.listTopics()).filter((topic) => topic === requestsTopic || topic === outboundTopic);
  if (present.length > 0) {
    await admin.deleteTopics({ topics: present });
    await new Promise((resume) => setTimeout(resume, 1500));
  }
  const { replicas, partitions } = connections;
  const configEntries = replicas > 1 ? [{ name: 'min.insync.replicas', value: '2' }] : [];
  await admin.createTopics({
    waitForLeaders: true,
    topics: [requestsTopic, outboundTopic].map((topic) => ({
      topic,
      numPartitions: partitions,
      replicationFactor: replicas,
      configEntries,
    })),
  });
  await admin.disconnect();
  const children: { kind: string; child: ChildProcess }[] = [];
  for (const kind of ['worker', 'responder', 'ingress']) {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), kind], {
      env: { ...process.env, CEILING: JSON.stringify(connections), KAFKAJS_NO_PARTITIONER_WARNING: '1' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push({ kind, child });
    await once(child.stdout, 'data');
  }
  return {
    processes: children.map(({ kind, child }) => ({ kind, pid: child.pid ?? 0 })),
    async stop() {
      const exits = children.map(({ child }) => once(child, 'exit'));
      for (const { child } of children) child.kill('SIGKILL');
      await Promise.all(exits);
    },
  };
}

function kafka({ kafkaBrokers }: CeilingConnections, role: string): KafkaClient {
  return new Kafka({ brokers: kafkaBrokers, clientId: `ceiling-${role}`, logLevel: logLevel.ERROR });
}

interface OutgoingRecord {
  partition: number;
  key: string;
  value: Buffer | string;
  headers: Record<string, string>;
}

/** One request to Kafka is out at a time; what comes meanwhile goes with the next. */
class Coalescer {
  readonly #producer: Producer;
  readonly #topic: string;
  #waiting: { record: OutgoingRecord; done(): void }[] = [];
  #isOut = false;

  constructor(producer: Producer, topic: string) {
    this.#producer = producer;
    this.#topic = topic;
  }

  send(record: OutgoingRecord): Promise<void> {
    return new Promise((done) => {
      this.#waiting.push({ record, done });
      if (this.#isOut) return;
      this.#isOut = true;
      setImmediate(() => void this.#pump());
    });
  }

  async #pump(): Promise<void> {
    while (this.#waiting.length > 0) {
      const flight = this.#waiting;
      this.#waiting = [];
      const messages = flight.map(({ record }) => record);
      await this.#producer.sendBatch({ acks: -1, topicMessages: [{ topic: this.#topic, messages }] });
      for (const { done } of flight) done();
    }
    this.#isOut = false;
  }
}

async function coalescer(client: KafkaClient, topic: string): Promise<Coalescer> {
  const producer = client.producer({
    idempotent: false,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
    allowAutoTopicCreation: false,
  });
  await producer.connect();
  return new Coalescer(producer, topic);
}

function partitionOf(key: string, partitions: number): number {
  let hash = 0;
  for (let i = 0; i < key.length; i++) hash = (hash * 31 + key.charCodeAt(i)) | 0;
  return (hash >>> 0) % partitions;
}

async function ingress(connections: CeilingConnections): Promise<void> {
  const log = await coalescer(kafka(connections, 'ingress'), requestsTopic);
  const client = mqtt.connect(connections.mqttUrl, {
    protocolVersion: 5,
    clientId: 'ceiling-ingress',
    clean: true,
    properties: { receiveMaximum: 2000 },
  });
  client.on('connect', () => (client.stream as { setNoDelay?(on: boolean): void }).setNoDelay?.(true));
  const order: { id: number; done: boolean }[] = [];
  const acknowledge = () => {
    while (order[0]?.done === true) {
      const { id } = order.shift() ?? { id: 0 };
      const sender = client as unknown as { _sendPacket(packet: object, done: () => void): void };
      sender._sendPacket({ cmd: 'puback', messageId: id, reasonCode: 0 }, () => {});
    }
  };
  client.on('packetreceive', (packet) => {
    if (packet.cmd !== 'publish' || packet.qos === 0) return;
    const entry = { id: packet.messageId ?? 0, done: false };
    order.push(entry);
    // The library acknowledges what it takes for QoS 0 not at all: that is done here, after Kafka.
    packet.qos = 0;
    const value = packet.payload as Buffer;
    const { to } = JSON.parse(value.toString('utf8')) as { to: string };
    const partition = partitionOf(to, connections.partitions);
    void log.send({ partition, key: to, value, headers: { topic: packet.topic } }).then(() => {
      entry.done = true;
      acknowledge();
    });
  });
  await client.subscribeAsync(`$share/ceiling//oneM2M/req/+/${connections.cse}/#`, { qos: 1 });
  console.log('ready');
}

interface Decided {
  partition: number;
  first: string;
  last: string;
  ids: string[];
  parents: string[];
  sequences: number[];
  bodies: string[];
  out: OutgoingRecord[];
}

async function worker(connections: CeilingConnections): Promise<void> {
  const client = kafka(connections, 'worker');
  const log = await coalescer(client, outboundTopic);
  const db = new pg.Client({ connectionString: connections.postgresUrl, pipeline: true } as pg.ClientConfig);
  await db.connect();
  let waiting: { decided: Decided; landed(): void; failed(error: unknown): void }[] = [];
  let isOut = false;
  const fly = async () => {
    while (waiting.length > 0) {
      const flight = waiting;
      waiting = [];
      try {
        await commit(
          db,
          flight.map(({ decided }) => decided),
        );
        for (const { landed } of flight) landed();
      } catch (error) {
        for (const { failed } of flight) failed(error);
      }
    }
    isOut = false;
  };
  const land = (decided: Decided) =>
    new Promise<void>((landed, failed) => {
      waiting.push({ decided, landed, failed });
      if (isOut) return;
      isOut = true;
      setImmediate(() => void fly());
    });
  const consumer = client.consumer({ groupId: `ceiling-worker-${process.pid}`, maxWaitTimeInMs: 50 });
  await consumer.connect();
  await consumer.subscribe({ topic: requestsTopic, fromBeginning: true });
  let sequence = Date.now() * 1000;
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: connections.partitions,
    eachBatch: async ({ batch }) => {
      const decided: Decided = {
        partition: batch.partition,
        first: batch.messages[0]?.offset ?? '0',
        last: batch.messages.at(-1)?.offset ?? '0',
        ids: [],
        parents: [],
        sequences: [],
        bodies: [],
        out: [],
      };
      for (const { value, headers } of batch.messages) decide(decided, value, headers, ++sequence, connections);
      await land(decided);
      await Promise.all(decided.out.map((record) => log.send(record)));
    },
  });
  console.log('ready');
}

function decide(
  decided: Decided,
  value: Buffer | null,
  headers: Record<string, unknown> | undefined,
  sequence: number,
  { partitions }: CeilingConnections,
): void {
  const { to, fr, rqi, rvi, pc } = JSON.parse(value?.toString('utf8') ?? '{}') as Record<string, string> & {
    pc?: { 'm2m:cin'?: { con: unknown } };
  };
  const id = `cin${sequence.toString(36)}`;
  const resource = {
    ty: 4,
    ri: id,
    rn: id,
    pi: to,
    ct: '20261122T120000',
    lt: '20261122T120000',
    st: 1,
    cs: 20,
    con: pc?.['m2m:cin']?.con,
  };
  decided.ids.push(id);
  decided.parents.push(to ?? '');
  decided.sequences.push(sequence);
  decided.bodies.push(JSON.stringify(resource));
  decided.out.push({
    partition: partitionOf(fr ?? '', partitions),
    key: fr ?? '',
    value: JSON.stringify({ rsc: 2001, rqi, rvi, to: fr, fr: '/id-in', pc: { 'm2m:cin': resource } }),
    headers: { topic: String(headers?.topic).replace('/req/', '/resp/') },
  });
}

async function commit(db: pg.Client, parts: readonly Decided[]): Promise<void> {
  const all = <Key extends 'ids' | 'parents' | 'sequences' | 'bodies'>(key: Key) =>
    parts.flatMap((part) => part[key] as unknown[]);
  await Promise.all([
    db.query('begin'),
    db.query({
      name: 'advance',
      text: 'select ceiling_advance(p, f, l) from unnest($1::int[], $2::bigint[], $3::bigint[]) u(p, f, l)',
      values: [parts.map(({ partition }) => partition), parts.map(({ first }) => first), parts.map(({ last }) => last)],
    }),
    db.query({
      name: 'insert',
      text: 'insert into ceiling_resource select * from unnest($1::int[], $2::text[], $3::text[], $4::bigint[], $5::jsonb[])',
      values: [
        parts.flatMap(({ partition, ids }) => ids.map(() => partition)),
        all('ids'),
        all('parents'),
        all('sequences'),
        all('bodies'),
      ],
    }),
    db.query({
      name: 'journal',
      text: 'insert into ceiling_journal select * from unnest($1::int[], $2::bigint[], $3::bytea[])',
      values: [
        parts.map(({ partition }) => partition),
        parts.map(({ first }) => first),
        parts.map(({ out }) => Buffer.from(out.map(({ value }) => value).join('\n'))),
      ],
    }),
    db.query('commit'),
  ]);
}

async function responder(connections: CeilingConnections): Promise<void> {
  const client = mqtt.connect(connections.mqttUrl, {
    protocolVersion: 5,
    clientId: 'ceiling-responder',
    clean: true,
    properties: { receiveMaximum: 65535 },
  });
  client.on('connect', () => (client.stream as { setNoDelay?(on: boolean): void }).setNoDelay?.(true));
  const consumer = kafka(connections, 'responder').consumer({
    groupId: `ceiling-responder-${process.pid}`,
    maxWaitTimeInMs: 50,
  });
  await consumer.connect();
  await consumer.subscribe({ topic: outboundTopic, fromBeginning: true });
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: connections.partitions,
    eachBatch: async ({ batch }) => {
      await Promise.all(
        batch.messages.map(({ headers, value }) =>
          client.publishAsync(String(headers?.topic), value ?? '', { qos: 1 }),
        ),
      );
    },
  });
  console.log('ready');
}

const roles: Record<string, (connections: CeilingConnections) => Promise<void>> = { ingress, worker, responder };
const role = roles[process.argv[2] ?? ''];
if (import.meta.main && role !== undefined) await role(JSON.parse(process.env.CEILING ?? '{}') as CeilingConnections);
