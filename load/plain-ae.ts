/** An AE as a device would write it: plain JSON over an MQTT client, nothing of the CSE's own code. */
import mqtt, { type MqttClient } from 'mqtt';

/** A response on the wire. */
export interface WireResponse {
  rsc: number;
  rqi: string;
  pc?: Record<string, unknown>;
  /** 1: partial, `cnot` is where to go on. */
  cnst?: number;
  cnot?: number;
}

/** As much of a notification as the examples look at. */
export interface WireNotification {
  'm2m:sgn'?: { sur?: string; nev?: { net?: number; rep?: Record<string, { ri?: string; con?: unknown }> } };
}

/** How long an answer may take before the request is sent again, ms; a repeat changes nothing twice. */
const answerTimeLimit = 5000;
const tries = 12;

export class PlainAe {
  readonly stem: string;
  readonly #cse: string;
  readonly #client: MqttClient;
  readonly #waiting = new Map<string, (response: WireResponse) => void>();
  #notified: (content: WireNotification) => void = () => {};
  #requests = 0;

  private constructor(stem: string, cse: string, client: MqttClient) {
    this.stem = stem;
    this.#cse = cse;
    this.#client = client;
    client.on('message', (topic, payload) => this.#received(topic, payload));
  }

  static async open(url: string, cse: string, stem: string): Promise<PlainAe> {
    const client = await mqtt.connectAsync(url, { clientId: `A::${stem}`, clean: false, protocolVersion: 4 });
    if ('setNoDelay' in client.stream) (client.stream as { setNoDelay(on: boolean): void }).setNoDelay(true);
    const ae = new PlainAe(stem, cse, client);
    await client.subscribeAsync([`/oneM2M/resp/${stem}/${cse}/json`, `/oneM2M/req/${cse}/${stem}/json`], { qos: 1 });
    return ae;
  }

  onNotification(notified: (content: WireNotification) => void): void {
    this.#notified = notified;
  }

  /** Sends a request until it is answered, always with the same rqi. */
  async request(primitive: object): Promise<WireResponse> {
    const rqi = `${this.stem}-${++this.#requests}`;
    const payload = JSON.stringify({ fr: this.stem, rqi, rvi: '3', ...primitive });
    for (let attempt = 0; attempt < tries; attempt++) {
      const answer = new Promise<WireResponse | undefined>((resolve) => {
        const timer = setTimeout(() => resolve(undefined), answerTimeLimit);
        this.#waiting.set(rqi, (response) => {
          clearTimeout(timer);
          resolve(response);
        });
      });
      this.#client.publish(`/oneM2M/req/${this.stem}/${this.#cse}/json`, payload, { qos: 1 });
      const response = await answer;
      if (response !== undefined) return response;
    }
    throw new Error(`no answer to ${rqi}`);
  }

  /** The same, and anything but this code is an error. */
  async must(code: number, primitive: object): Promise<WireResponse> {
    const response = await this.request(primitive);
    if (response.rsc !== code) {
      throw new Error(`${this.stem} got ${response.rsc} instead of ${code}: ${JSON.stringify(response.pc)}`);
    }
    return response;
  }

  /** Leaves for good: the broker keeps nothing for it. */
  async close(): Promise<void> {
    await this.#client.unsubscribeAsync([
      `/oneM2M/resp/${this.stem}/${this.#cse}/json`,
      `/oneM2M/req/${this.#cse}/${this.stem}/json`,
    ]);
    await this.#client.endAsync();
  }

  #received(topic: string, payload: Buffer): void {
    const message = JSON.parse(payload.toString('utf8')) as WireResponse & { op?: number; pc?: WireNotification };
    if (message.op === undefined) {
      this.#waiting.get(message.rqi)?.(message);
      this.#waiting.delete(message.rqi);
      return;
    }
    if (message.pc !== undefined) this.#notified(message.pc);
    const answer = JSON.stringify({ rsc: 2000, rqi: message.rqi, rvi: '3' });
    this.#client.publish(topic.replace('/req/', '/resp/'), answer, { qos: 1 });
  }
}
