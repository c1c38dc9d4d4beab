/** Messages through a whole embedded CSE: each gets its answer or is counted as dropped, and the CSE stays what it was. */
import assert from 'node:assert/strict';
import mqtt, { type MqttClient } from 'mqtt';
import { coversFilter } from '../../services/core/broker-access/filters.ts';
import { createHostedCses, filtersOf } from '../../services/ingress/hosted-cses.ts';
import { createTopicReader } from '../../services/ingress/topic-reader.ts';
import { Random } from '../simulation/random.ts';
import { until } from '../system/device.ts';
import { cse } from '../unit/core/fixtures.ts';
import type { FuzzRun, Outcomes } from './fuzz-payloads.ts';
import { payloadCase } from './payload-case.ts';
import { topicOf } from './topic-grammar.ts';

export interface FuzzedProcess {
  url: string;
  adminUrl: string;
}

const hosted = { ...cse, id: '/id-in' };
const clients = 8;
const atOnce = 64;
const patience = 60_000;

export async function fuzzPath(system: FuzzedProcess, run: FuzzRun): Promise<Outcomes> {
  const answers = new Map<string, number>();
  const listener = await open(system.url);
  listener.on('message', (topic) => answers.set(topic, (answers.get(topic) ?? 0) + 1));
  await listener.subscribeAsync(['/oneM2M/resp/#', '/oneM2M/reg_resp/#'], { qos: 1 });
  const before = await counters(system);

  const senders = await Promise.all(Array.from({ length: clients }, () => open(system.url)));
  const ended = Promise.race(senders.map((client, at) => endOf(client, `sender ${at}`)));
  const asked: { topic: string; reply: string; silent: boolean }[] = [];
  let unanswerable = 0;
  for (let index = 0; index < run.cases; index += atOnce) {
    const messages = Array.from({ length: Math.min(atOnce, run.cases - index) }, (_, at) =>
      messageOf(run.seed, index + at),
    );
    for (const { reading, topic, payload } of messages) {
      if (reading.kind === 'ignored' && reaches(topic)) unanswerable++;
      if (reading.kind === 'request' && reaches(topic))
        asked.push({ topic, reply: reading.replyTopic, silent: /rtv"?\W*5/.test(`${payload}`) });
    }
    const published = messages.map(({ topic, payload }, at) =>
      senders[at % clients]?.publishAsync(topic, payload, { qos: 1 }),
    );
    await Promise.race([Promise.all(published), ended]);
  }

  const missing = () => unanswered(asked, answers);
  await until('every request is answered', () => missing().length === 0, patience).catch(() => {
    assert.fail(`seed ${run.seed}: ${missing().length} without an answer, first ${JSON.stringify(missing()[0])}`);
  });
  const after = await counters(system);
  const dropped = (after.incse_ingress_dropped_total ?? 0) - (before.incse_ingress_dropped_total ?? 0);
  assert.ok(dropped >= unanswerable, `${unanswerable} could not be answered, but ${dropped} were counted`);
  assert.equal(after.process_start_time_seconds, before.process_start_time_seconds, 'the process was another');
  await isWell(system);
  ended.catch(() => {});
  await Promise.all([listener, ...senders].map((client) => client.endAsync()));
  return { sent: run.cases, asked: asked.length, answered: answers.size, dropped };
}

function messageOf(seed: number, index: number) {
  const random = new Random(seed * 7_000_003 + index);
  const { payload, serialization } = payloadCase(seed, index);
  // A topic of its own, so that each answer has its request; now and then a wrong one.
  const topic = random.chance(0.8)
    ? `/oneM2M/req/Cf${index}/id-in/${serialization}`
    : topicOf(random, `Cf${index}`, 'id-in').toWellFormed();
  return { topic, payload: Buffer.from(payload).subarray(0, 100_000), reading: reader.read(topic) };
}

/** Only what its filters match reaches the CSE; everything else is the broker's. */
function reaches(topic: string): boolean {
  return filtersOf(hosted, '').some((filter) => coversFilter(filter, topic));
}

const reader = createTopicReader(createHostedCses([hosted]), '');

/** Requests whose topic had fewer answers than messages. `rt` 5 asks for none. */
function unanswered(asked: readonly { topic: string; reply: string; silent: boolean }[], answers: Map<string, number>) {
  const wanted = new Map<string, number>();
  return asked.filter(({ reply, silent }) => {
    if (silent) return false;
    const count = (wanted.get(reply) ?? 0) + 1;
    wanted.set(reply, count);
    return (answers.get(reply) ?? 0) < count;
  });
}

/** Whoever behaves is served as before. */
export async function isWell(system: FuzzedProcess): Promise<void> {
  assert.equal((await fetch(`${system.adminUrl}/livez`)).status, 200);
  assert.equal((await fetch(`${system.adminUrl}/readyz`)).status, 200);
  const client = await open(system.url);
  await client.subscribeAsync('/oneM2M/resp/Cdecent/id-in/#', { qos: 1 });
  const answer = new Promise<string>((resolve) => client.once('message', (_topic, payload) => resolve(`${payload}`)));
  const request = { op: 2, to: 'cse-in/there-is-no-such-thing', fr: 'Cdecent', rqi: 'd1', rvi: '3' };
  await client.publishAsync('/oneM2M/req/Cdecent/id-in/json', JSON.stringify(request), { qos: 1 });
  assert.equal((JSON.parse(await answer) as { rsc: number }).rsc, 4004);
  await client.endAsync();
}

/** Sums over labels, by name. */
async function counters(system: FuzzedProcess): Promise<Record<string, number>> {
  const text = await (await fetch(`${system.adminUrl}/metrics`)).text();
  const sums: Record<string, number> = {};
  for (const [, name = '', value] of text.matchAll(/^(\w+)(?:\{[^}]*\})? (\S+)$/gm)) {
    sums[name] = (sums[name] ?? 0) + Number(value);
  }
  return sums;
}

/** Nobody here does what a broker ends connections for. */
function endOf(client: MqttClient, name: string): Promise<never> {
  return new Promise((_resolve, reject) => {
    client.once('close', () => reject(new Error(`the connection of ${name} was ended`)));
  });
}

async function open(url: string): Promise<MqttClient> {
  const client = await mqtt.connectAsync(url, { protocolVersion: 4, reconnectPeriod: 0 });
  client.stream.setMaxListeners(0);
  return client;
}
