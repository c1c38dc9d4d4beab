/** A device as somebody else would write it: the `mqtt` package and JSON, nothing of the product's own code. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import mqtt, { type MqttClient } from 'mqtt';

/** A response primitive as it stands on the wire. */
export interface Answer {
  rsc: number;
  rqi: string;
  rvi?: string;
  to?: string;
  fr?: string;
  ot?: string;
  pc?: Record<string, unknown>;
  cnst?: number;
  cnot?: number;
  [parameter: string]: unknown;
}

/** A request that the CSE sent to this device. */
export interface Question {
  topic: string;
  op: number;
  rqi: string;
  fr?: string;
  to?: string;
  pc?: Record<string, unknown>;
  [parameter: string]: unknown;
}

/** What `m2m:sgn` of a question holds. */
export interface Notice {
  sur?: string;
  vrq?: boolean;
  sud?: boolean;
  cr?: string;
  nev?: { net?: number; rep?: Record<string, Record<string, unknown>> };
}

export interface Message {
  topic: string;
  text: string;
}

export interface DeviceOptions {
  url: string;
  /** Level of the CSE in topics, `id-in`. */
  cse: string;
  /** Level of the device in topics: its AE-ID as a topic has it, `Cpump`. */
  level: string;
  /** False: the broker keeps the session of a device that is away. */
  clean?: boolean;
  protocolVersion?: 4 | 5;
  /** For `mqtts:`, PEM. */
  tls?: { ca: Buffer; cert?: Buffer; key?: Buffer };
  login?: { username: string; password: string };
}

/** In ms: how soon a request is sent again, and when it counts as lost. */
export interface RepeatOptions {
  every?: number;
  within?: number;
}

/** How a device answers what it is asked: with a status code, or not at all. */
export type AnswerRule = (question: Question) => number | undefined;

/** A repeat with the same rqi changes nothing twice, so it may come early. */
const repeatAfter = 5000;
export const patience = 60_000;

export class Device {
  readonly level: string;
  readonly cse: string;
  /** Everything that has arrived, in order. */
  readonly messages: Message[] = [];
  /** Every response, also the second one to the same request. */
  readonly answers: Answer[] = [];
  /** Every request of the CSE, also repeated ones. */
  readonly questions: Question[] = [];
  answerRule: AnswerRule = () => 2000;
  /** Told of every message, before anything else is done with it. */
  heard: (message: Message) => void = () => {};
  readonly #options: DeviceOptions;
  readonly #run = randomBytes(4).toString('hex');
  readonly #waiting = new Map<string, (answer: Answer) => void>();
  #client: MqttClient;
  #requests = 0;

  private constructor(options: DeviceOptions, client: MqttClient) {
    this.#options = options;
    this.#client = client;
    this.level = options.level;
    this.cse = options.cse;
  }

  static async open(options: DeviceOptions): Promise<Device> {
    const device = new Device(options, connect(options));
    await device.#attach();
    return device;
  }

  async #attach(): Promise<void> {
    const client = this.#client;
    client.on('message', (topic, payload) => this.#received({ topic, text: payload.toString('utf8') }));
    client.on('error', () => {}); // It connects again.
    const { level, cse } = this;
    const filters = [`/oneM2M/resp/${level}/${cse}/#`, `/oneM2M/req/${cse}/${level}/#`];
    await client.subscribeAsync(filters, { qos: 1 });
  }

  async subscribe(...filters: string[]): Promise<void> {
    await this.#client.subscribeAsync(filters, { qos: 1 });
  }

  /** Publishes anything anywhere. Resolves at PUBACK. */
  async publish(topic: string, payload: string | Buffer): Promise<void> {
    await this.#client.publishAsync(topic, payload, { qos: 1 });
  }

  newRequestIdentifier(): string {
    return `${this.#run}-${++this.#requests}`;
  }

  /** Sends a request, again and again with the same rqi, until it is answered. */
  async request(primitive: object, { every = repeatAfter, within = patience }: RepeatOptions = {}): Promise<Answer> {
    const whole = { fr: this.level, rqi: this.newRequestIdentifier(), rvi: '3', ...primitive };
    const { promise, resolve } = Promise.withResolvers<Answer>();
    this.#waiting.set(whole.rqi, resolve);
    const send = () => {
      // A client that is connecting keeps it and sends it then.
      this.#client.publish(`/oneM2M/req/${this.level}/${this.cse}/json`, JSON.stringify(whole), { qos: 1 });
    };
    send();
    const repeating = setInterval(send, every);
    const limit = pause(within, undefined, { ref: false }).then(() => undefined);
    const answer = await Promise.race([promise, limit]);
    clearInterval(repeating);
    this.#waiting.delete(whole.rqi);
    assert.ok(answer !== undefined, `${this.level}: no answer to ${JSON.stringify(whole)}`);
    return answer;
  }

  /** The same, and anything but this status code fails the test. */
  async must(code: number, primitive: object, options: RepeatOptions = {}): Promise<Answer> {
    const answer = await this.request(primitive, options);
    if (answer.rsc !== code) {
      assert.fail(
        `${this.level} got ${answer.rsc} instead of ${code} for ${JSON.stringify(primitive)}: ${JSON.stringify(answer.pc)}`,
      );
    }
    return answer;
  }

  /** Sends the payload once and gives the first message that then arrives at `/oneM2M/resp/…` or `…/reg_resp/…`. */
  async exchange(topic: string, payload: string | Buffer): Promise<Message> {
    const before = this.messages.length;
    await this.publish(topic, payload);
    const isAnswer = ({ topic: at }: Message) => /^\/oneM2M\/(reg_)?resp\//.test(at);
    return this.arrived(`an answer to what was published at ${topic}`, isAnswer, before);
  }

  /** The first message from `from` on that is wanted. */
  async arrived(what: string, wanted: (message: Message) => boolean, from = 0): Promise<Message> {
    return until(what, () => this.messages.slice(from).find(wanted));
  }

  /** What the questions told, verifications left out; one for each rqi, in the order of their first delivery. */
  notices(): Notice[] {
    const first = new Map<string, Notice>();
    for (const { rqi, pc } of this.questions) {
      const notice = pc?.['m2m:sgn'] as Notice | undefined;
      if (notice !== undefined && notice.vrq !== true && !first.has(rqi)) first.set(rqi, notice);
    }
    return [...first.values()];
  }

  /** Resolves when so many different notifications are there. */
  async noticed(count: number): Promise<Notice[]> {
    return until(`${count} notifications at ${this.level}`, () => {
      const notices = this.notices();
      return notices.length >= count ? notices : undefined;
    });
  }

  /** Goes away without a word; a clean session is gone with it. */
  async leave(): Promise<void> {
    await this.#client.endAsync(true);
  }

  /** Comes back after {@link leave}. */
  async comeBack(): Promise<void> {
    this.#client = connect(this.#options);
    await this.#attach();
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }

  #received(message: Message): void {
    this.messages.push(message);
    this.heard(message);
    const primitive = parsed(message.text);
    if (primitive === undefined) return;
    if (typeof primitive.rsc === 'number') {
      const answer = primitive as Answer;
      this.answers.push(answer);
      this.#waiting.get(answer.rqi)?.(answer);
      return;
    }
    if (typeof primitive.op !== 'number') return;
    const question = { ...primitive, topic: message.topic } as Question;
    this.questions.push(question);
    const rsc = this.answerRule(question);
    if (rsc === undefined || !message.topic.startsWith('/oneM2M/req/')) return;
    const answer = JSON.stringify({ rsc, rqi: question.rqi, rvi: '3' });
    this.#client.publish(message.topic.replace('/req/', '/resp/'), answer, { qos: 1 });
  }
}

function connect({ url, level, clean = true, protocolVersion = 4, tls, login }: DeviceOptions): MqttClient {
  // A connection that must not end with the session of another test has an id of its own.
  const clientId = clean ? `A::${level}~${randomBytes(3).toString('hex')}` : `A::${level}`;
  const client = mqtt.connect(url, {
    clientId,
    clean,
    protocolVersion,
    reconnectPeriod: 200,
    resubscribe: true,
    ...tls,
    ...login,
  });
  client.on('connect', () => {
    if ('setNoDelay' in client.stream) (client.stream as { setNoDelay(on: boolean): void }).setNoDelay(true);
  });
  return client;
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined; // XML, or broken on purpose.
  }
}

/** Waits for a condition, not for a time: `limit` (ms) is only when to give up. */
export async function until<T>(
  what: string,
  condition: () => T | undefined | false | Promise<T | undefined | false>,
  limit = patience,
): Promise<T> {
  const end = performance.now() + limit;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value;
    assert.ok(performance.now() < end, `not within ${limit / 1000} s: ${what}`);
    await pause(10);
  }
}
