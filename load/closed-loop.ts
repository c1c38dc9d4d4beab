/**
 * A closed loop over MQTT QoS 1: so many requests in flight, each followed by the next as soon as its answer is there. One
 * MQTT connection per AE, as devices have.
 */
import mqtt, { type MqttClient } from 'mqtt';

/** What to ask for, by the running number of the request. */
export interface LoopRequest {
  /** Index of the AE that asks. */
  ae: number;
  /** Everything of the primitive but `fr` and `rqi`. */
  primitive: object;
}

export interface LoopOptions {
  url: string;
  /** CSE-ID without its slash: the level of the topics. */
  cse: string;
  /** AE-ID stems; one connection each. */
  aes: readonly string[];
  concurrency: number;
  seconds: number;
  request(number: number): LoopRequest;
  /** Codes that count as success. */
  expected: readonly number[];
}

export interface LoopResult {
  requests: number;
  seconds: number;
  perSecond: number;
  /** Latencies in ms. */
  p50: number;
  p95: number;
  p99: number;
  /** Requests without an answer within ten seconds, and answers with another code. */
  unanswered: number;
  unexpected: Record<string, number>;
}

const answerTimeLimit = 10_000;

interface Connection {
  client: MqttClient;
  requestTopic: string;
  waiting: Map<string, (code: number | undefined) => void>;
}

export async function connectAes(options: Pick<LoopOptions, 'url' | 'cse' | 'aes'>): Promise<Connection[]> {
  return Promise.all(options.aes.map((ae) => connect(options.url, options.cse, ae)));
}

async function connect(url: string, cse: string, ae: string): Promise<Connection> {
  const client = await mqtt.connectAsync(url, { clientId: `A::${ae}-${process.pid}`, clean: true, protocolVersion: 4 });
  if ('setNoDelay' in client.stream) (client.stream as { setNoDelay(on: boolean): void }).setNoDelay(true);
  const waiting: Connection['waiting'] = new Map();
  client.on('message', (_topic, payload) => {
    // The echo measurement sends requests back, which have no rsc.
    const { rqi, rsc } = JSON.parse(payload.toString('utf8')) as { rqi: string; rsc?: number };
    const done = waiting.get(rqi);
    waiting.delete(rqi);
    done?.(rsc ?? 0);
  });
  await client.subscribeAsync(`/oneM2M/resp/${ae}/${cse}/json`, { qos: 1 });
  return { client, requestTopic: `/oneM2M/req/${ae}/${cse}/json`, waiting };
}

/** Sends one request and resolves with its response status code, undefined without an answer. */
export function ask(connection: Connection, ae: string, rqi: string, primitive: object): Promise<number | undefined> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      connection.waiting.delete(rqi);
      resolve(undefined);
    }, answerTimeLimit);
    connection.waiting.set(rqi, (code) => {
      clearTimeout(timer);
      resolve(code);
    });
    connection.client.publish(connection.requestTopic, JSON.stringify({ fr: ae, rqi, rvi: '3', ...primitive }), {
      qos: 1,
    });
  });
}

let runs = 0;

export async function runClosedLoop(options: LoopOptions, connections: readonly Connection[]): Promise<LoopResult> {
  const latencies: number[] = [];
  const unexpected: Record<string, number> = {};
  const run = `${process.pid.toString(36)}${Date.now().toString(36)}${runs++}`;
  let unanswered = 0;
  let number = 0;
  const began = performance.now();
  const end = began + options.seconds * 1000;
  await Promise.all(
    Array.from({ length: options.concurrency }, async () => {
      while (performance.now() < end) {
        const mine = number++;
        const { ae, primitive } = options.request(mine);
        const sent = performance.now();
        const connection = connections[ae];
        if (connection === undefined) throw new Error(`there is no AE ${ae}`);
        const code = await ask(connection, options.aes[ae] ?? '', `${run}.${mine}`, primitive);
        if (code === undefined) unanswered++;
        else if (options.expected.includes(code)) latencies.push(performance.now() - sent);
        else unexpected[code] = (unexpected[code] ?? 0) + 1;
      }
    }),
  );
  const seconds = (performance.now() - began) / 1000;
  latencies.sort((a, b) => a - b);
  const quantile = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0;
  return {
    requests: latencies.length,
    seconds,
    perSecond: latencies.length / seconds,
    p50: quantile(0.5),
    p95: quantile(0.95),
    p99: quantile(0.99),
    unanswered,
    unexpected,
  };
}
