/** A oneM2M originator and notification sink over MQTT (TS-0010 6.4), for any CSE: what the client commands speak with. */
import { randomBytes } from 'node:crypto';
import { connect, type IClientOptions, type MqttClient } from 'mqtt';
import { addressOptions, type BrokerAddress } from '../../adapters/mqtt/broker-address.ts';
import { codecOf, type SerializationName } from '../../codecs/registry.ts';
import type { WirePrimitive } from '../../codecs/wire.ts';
import { idToTopicLevel } from '../../core/identifiers.ts';
import type { RequestPrimitive, ResponsePrimitive } from '../../core/primitives.ts';

export interface ClientOptions {
  /** Broker: `mqtt://127.0.0.1:1883`, with what is needed to be let in. */
  address: BrokerAddress;
  /** SP-relative CSE-ID of the receiver. */
  cseId: string;
  /** Who we are: an AE-ID in any form. Undefined, `C` or `S`: nobody yet, and only a registration can be sent. */
  originator: string | undefined;
  serialization: SerializationName;
  /** ms to wait for an answer before the request is sent again. */
  timeLimit: number;
  /** How often a request is sent, at most. */
  tries: number;
  /** Topic levels in front of /oneM2M. */
  topicPrefix?: string;
  /** Under which somebody without an AE-ID registers: a broker with access rules lets only its own pass. Random if absent. */
  credentialId?: string;
  /** Told what a person should know meanwhile. */
  notice(text: string): void;
}

export interface Answer {
  primitive: ResponsePrimitive;
  /** The response as JSON, digits and order as they came. */
  json: string;
}

/** A request of the CSE, to be answered by a response status code. */
export type RequestHandler = (request: RequestPrimitive, json: string) => number;

/** There is no broker to speak to, or nobody answers behind it. */
export class NoAnswer extends Error {
  override name = 'NoAnswer';
}

const connectTimeLimit = 5000;

export class OneM2mClient {
  readonly #options: ClientOptions;
  readonly #mqtt: MqttClient;
  readonly #requests: string;
  readonly #waiting = new Map<string, (answer: Answer) => void>();
  #handler: RequestHandler | undefined;

  private constructor(options: ClientOptions, mqtt: MqttClient, requests: string) {
    this.#options = options;
    this.#mqtt = mqtt;
    this.#requests = requests;
    mqtt.on('message', (topic, payload) => this.#received(topic, payload));
  }

  /** Connects and subscribes to its answers. Throws {@link NoAnswer}. */
  static async open(options: ClientOptions): Promise<OneM2mClient> {
    const mqtt = await connectTo(options);
    const { topicPrefix: prefix = '', serialization, credentialId } = options;
    const cse = idToTopicLevel(options.cseId);
    const own = isUnnamed(options.originator) ? undefined : idToTopicLevel(options.originator);
    // TS-0010 6.4.4: who has no AE-ID yet speaks under a credential.
    const [ask, answer, level] =
      own === undefined
        ? ['reg_req', 'reg_resp', credentialId ?? `2-${randomBytes(8).toString('hex')}`]
        : ['req', 'resp', own];
    const client = new OneM2mClient(options, mqtt, `${prefix}/oneM2M/${ask}/${level}/${cse}/${serialization}`);
    try {
      await mqtt.subscribeAsync(`${prefix}/oneM2M/${answer}/${level}/${cse}/#`, { qos: 1 });
    } catch {
      await mqtt.endAsync(true);
      throw new NoAnswer(
        `The broker at ${withoutCredentials(options.address.url)} lets us in, but not read answers to ${level}: ` +
          'whose credential is it?',
      );
    }
    return client;
  }

  /**
   * Sends a request and waits for its answer. Without one the same request is sent again under the same identifier, which
   * changes nothing twice (promise 2). Throws {@link NoAnswer} after the last try.
   */
  async request(request: Omit<RequestPrimitive, 'requestIdentifier'>): Promise<Answer> {
    const { tries, timeLimit, serialization, notice } = this.#options;
    const requestIdentifier = `cli-${randomBytes(8).toString('hex')}`;
    const text = codecOf(serialization).encodeRequest({ ...request, requestIdentifier });
    for (let attempt = 1; attempt <= tries; attempt++) {
      if (attempt > 1) {
        notice(`No answer within ${timeLimit / 1000} s: sending the same request again (rqi ${requestIdentifier}).`);
      }
      const answer = await this.#attempt(requestIdentifier, text);
      if (answer !== undefined) return answer;
    }
    throw new NoAnswer(
      `No answer from ${this.#options.cseId} at ${withoutCredentials(this.#options.address.url)}, though the same request was sent ` +
        `${tries} time(s): is that its CSE-ID (--cse-id), and is it ready? Sending it again later is safe.`,
    );
  }

  /** Takes the requests that the CSE sends to this originator, and answers each. */
  async serve(handler: RequestHandler): Promise<void> {
    const { topicPrefix: prefix = '', originator = '', cseId } = this.#options;
    this.#handler = handler;
    // No wildcard for who asks: a broker with access rules grants only this (promise 4).
    const asker = idToTopicLevel(cseId);
    await this.#mqtt.subscribeAsync(`${prefix}/oneM2M/req/${asker}/${idToTopicLevel(originator)}/#`, { qos: 1 });
  }

  async close(): Promise<void> {
    await this.#mqtt.endAsync();
  }

  async #attempt(requestIdentifier: string, text: string): Promise<Answer | undefined> {
    const answer = new Promise<Answer | undefined>((resolve) => {
      const timer = setTimeout(() => resolve(undefined), this.#options.timeLimit);
      this.#waiting.set(requestIdentifier, (received) => {
        clearTimeout(timer);
        resolve(received);
      });
    });
    // The answer is the receipt; a broker that is away for a moment gets the message when it is back.
    this.#mqtt.publish(this.#requests, text, { qos: 1 });
    try {
      return await answer;
    } finally {
      this.#waiting.delete(requestIdentifier);
    }
  }

  #received(topic: string, payload: Buffer): void {
    const serialization = topic.endsWith('/xml') ? 'xml' : 'json';
    let wire: WirePrimitive;
    try {
      wire = codecOf(serialization).read(payload);
    } catch (error) {
      this.#options.notice(`A message on ${topic} could not be read: ${(error as Error).message}`);
      return;
    }
    const json = codecOf('json').write(wire);
    if (wire.kind === 'request') this.#serve(topic, serialization, json);
    else this.#answered(json);
  }

  #answered(json: string): void {
    const primitive = codecOf('json').decodeResponse(Buffer.from(json));
    this.#waiting.get(primitive.requestIdentifier)?.({ primitive, json });
  }

  #serve(topic: string, serialization: SerializationName, json: string): void {
    if (this.#handler === undefined) return;
    const request = codecOf('json').decodeRequest(Buffer.from(json));
    const responseStatusCode = this.#handler(request, json);
    const { requestIdentifier, releaseVersion } = request;
    const response: ResponsePrimitive = { responseStatusCode, requestIdentifier };
    if (releaseVersion !== undefined) response.releaseVersion = releaseVersion;
    const reply = topic.replace('/oneM2M/req/', '/oneM2M/resp/');
    this.#mqtt.publish(reply, codecOf(serialization).encodeResponse(response), { qos: 1 });
  }
}

/** Whether the CSE is to choose the AE-ID. */
export function isUnnamed(originator: string | undefined): originator is undefined | '' | 'C' | 'S' {
  return originator === undefined || originator === '' || originator === 'C' || originator === 'S';
}

function connectTo(options: ClientOptions): Promise<MqttClient> {
  const settings: IClientOptions = {
    ...addressOptions(options.address),
    // Every broker speaks 3.1.1, the embedded one nothing else.
    protocolVersion: 4,
    // Not `A::<AE-ID>`: that would throw out the device whose name is borrowed.
    clientId: `in-cse-cli-${randomBytes(6).toString('hex')}`,
    clean: true,
    connectTimeout: connectTimeLimit,
    reconnectPeriod: 1000,
  };
  const mqtt = connect(settings);
  return new Promise((resolve, reject) => {
    const refused = (error: Error) => {
      mqtt.end(true);
      reject(new NoAnswer(explain(error, options.address.url)));
    };
    const closed = () => refused(new Error('the connection was closed'));
    mqtt.on('error', refused);
    mqtt.on('close', closed);
    mqtt.once('connect', () => {
      mqtt.off('error', refused);
      mqtt.off('close', closed);
      mqtt.on('error', (error) => options.notice(`The broker: ${error.message}`));
      resolve(mqtt);
    });
  });
}

function explain(error: Error & { code?: unknown }, url: string): string {
  const address = withoutCredentials(url);
  switch (error.code) {
    case 'ECONNREFUSED':
      return `Nobody listens at ${address}: start an embedded CSE with \`npm start\`, or name another broker with --url.`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `There is no host of the name in ${address}: correct --url.`;
    case 4:
    case 5:
      return `The broker at ${address} does not let us in: give credentials with --url mqtt://user:password@host.`;
    default:
      return `The broker at ${address} cannot be reached: ${error.message}.`;
  }
}

function withoutCredentials(text: string): string {
  const url = URL.parse(text);
  return url === null ? text : `${url.protocol}//${url.host}`;
}
