/** A device as the field has it: MQTT 3.1.1, QoS 1. */
import { connectAsync, type MqttClient } from 'mqtt';

export class Device {
  readonly #client: MqttClient;
  /** `topic payload` of everything received. */
  readonly received: { topic: string; payload: string }[] = [];

  private constructor(client: MqttClient) {
    this.#client = client;
    client.on('message', (topic, payload) => {
      this.received.push({ topic, payload: payload.toString() });
    });
  }

  static async connect(url: string, clientId: string): Promise<Device> {
    const client = await connectAsync(url, { protocolVersion: 4, clientId, clean: true, reconnectPeriod: 50 });
    const { stream } = client;
    if ('setNoDelay' in stream) (stream as unknown as { setNoDelay(): void }).setNoDelay();
    return new Device(client);
  }

  async subscribe(filter: string): Promise<void> {
    await this.#client.subscribeAsync(filter, { qos: 1 });
  }

  /** Publishes one behind the other without waiting; resolves when all are acknowledged. */
  async publish(topic: string, payloads: string[]): Promise<void> {
    await Promise.all(payloads.map((payload) => this.#client.publishAsync(topic, payload, { qos: 1 })));
  }

  async close(): Promise<void> {
    await this.#client.endAsync(true);
  }
}
