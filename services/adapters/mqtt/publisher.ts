/** Publishes over one clean connection: bounded, in order, again after a reconnect, nothing of it in the library's hands. */
import type { Packet } from 'mqtt';
import { type Publisher, PublishFailed } from '../../ports/device-link.ts';
import type { MqttHooks } from './hooks.ts';
import { type Connection, Line, type LineSettings } from './line.ts';
import { encodePublishes } from './packets.ts';
import { type PublishLimits, PublishQueue, QueuedPublish } from './publish-queue.ts';
import { reasonText } from './reason-codes.ts';

export interface PublisherSettings {
  line: LineSettings;
  /** Our own bounds on what is out. */
  window: number;
  windowBytes: number;
  /** ms that `close` waits for acknowledgements, while there is a connection. */
  closeTimeLimit: number;
  hooks: MqttHooks;
  /** An attempt to connect failed. Return false to fail all that waits and to stop trying. */
  connectFailed?(error: Error): boolean;
}

/** Closed before PUBACK came: whether the broker has it is not known, and it may be published again. */
export class PublisherClosed extends Error {
  override name = 'PublisherClosed';
}

/** Publishes go out as one piece up to about so many bytes. */
const pieceBytes = 65_536;

export class MqttPublisher implements Publisher {
  readonly #settings: PublisherSettings;
  readonly #queue = new PublishQueue();
  readonly #line: Line;
  #limits: PublishLimits;
  #scheduled = false;
  #closed = false;
  /** Nothing is sent until the connection has been made anew. */
  #renewing = false;
  #idle: (() => void) | undefined;
  readonly #pump = () => this.#send();

  constructor(settings: PublisherSettings) {
    this.#settings = settings;
    this.#limits = limitsOf(settings, undefined);
    this.#line = new Line(settings.line, {
      opening: (client) => {
        client.on('packetreceive', (packet) => this.#arrived(packet));
      },
      connected: (connection) => this.#connected(connection),
      lost: (_, reason) => this.#lost(reason),
      failed: (error) => this.#attemptFailed(error),
    });
  }

  /** Handed in and not acknowledged. */
  get pending(): number {
    return this.#queue.size;
  }

  publish(topic: string, payload: Uint8Array | string, options?: { timeLimit?: number }): Promise<void> {
    return new Promise((resolve, reject) => {
      const publish = new QueuedPublish(topic, payload, resolve, reject);
      if (this.#closed) return publish.failed(new PublisherClosed('the publisher is closed'));
      const fault = topicFault(publish);
      if (fault !== undefined) return publish.failed(new PublishFailed(fault));
      if (options?.timeLimit !== undefined) limit(publish, options.timeLimit);
      this.#queue.add(publish);
      this.#schedule();
    });
  }

  ready(): boolean {
    return this.#line.connection !== undefined;
  }

  disconnects(): number {
    return this.#queue.disconnects;
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#queue.size > 0 && this.ready()) await this.#drained();
    this.#queue.failAll(new PublisherClosed('the publisher was closed before the broker acknowledged'));
    await this.#line.close();
  }

  /** Makes the connection anew when what is out has been acknowledged; what is handed in meanwhile waits. */
  async renew(): Promise<void> {
    if (this.#closed || !this.ready()) return;
    this.#renewing = true;
    if (this.#queue.out > 0) await this.#drained();
    await this.#line.renew();
    this.#renewing = false;
    this.#schedule();
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#settings.closeTimeLimit);
      this.#idle = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Behind the microtasks of this turn: everything that they publish goes out as one piece.
    process.nextTick(this.#pump);
  }

  #send(): void {
    this.#scheduled = false;
    const connection = this.#line.connection;
    if (connection === undefined) return;
    if (this.#renewing) return this.#sentAll();
    const taken = this.#queue.take(this.#limits);
    const { stream } = connection.client;
    for (let from = 0; from < taken.length; ) {
      let bytes = 0;
      let to = from;
      while (to < taken.length && bytes < pieceBytes) bytes += taken[to++]?.payloadBytes ?? 0;
      stream.write(encodePublishes(taken.slice(from, to), connection.version));
      from = to;
    }
    this.#sentAll();
  }

  /** Tells who waits for it that nothing is out, or (unless the connection is to be made anew) left. */
  #sentAll(): void {
    const left = this.#renewing ? this.#queue.out : this.#queue.size;
    if (this.#idle !== undefined && left === 0) this.#idle();
  }

  #arrived(packet: Packet): void {
    if (packet.cmd === 'puback') {
      const code = packet.reasonCode ?? 0;
      const failure = code < 128 ? undefined : new PublishFailed(`the broker refused it: ${reasonText(code)}`);
      this.#queue.acknowledged(packet.messageId ?? 0, failure);
      this.#schedule();
    } else if (packet.cmd === 'disconnect') {
      const details = this.#details({ reason: reasonText(packet.reasonCode ?? 0) });
      this.#settings.hooks.log?.('warn', 'the broker ends the publishing connection', details);
    }
  }

  #connected(connection: Connection): void {
    this.#limits = limitsOf(this.#settings, connection);
    const { version } = connection;
    const details = this.#details({ version: version === 5 ? '5' : '3.1.1', window: this.#limits.window });
    this.#settings.hooks.log?.('info', 'publishing', details);
    this.#schedule();
  }

  #lost(reason: Error): void {
    this.#queue.lost();
    this.#idle?.();
    if (this.#closed) return;
    this.#settings.hooks.connectionLost?.('publishing');
    this.#settings.hooks.log?.('warn', 'publishing connection lost', this.#details({ reason: reason.message }));
  }

  #attemptFailed(error: Error): boolean {
    this.#settings.hooks.log?.('warn', 'cannot connect', this.#details({ reason: error.message }));
    if (this.#settings.connectFailed?.(error) !== false) return true;
    this.#closed = true;
    this.#queue.failAll(new PublishFailed(error.message));
    return false;
  }

  #details(more: Record<string, unknown>): Record<string, unknown> {
    return { client: this.#settings.line.clientId, ...more };
  }
}

function limitsOf(settings: PublisherSettings, connection: Connection | undefined): PublishLimits {
  const properties = connection?.connack.properties;
  return {
    window: Math.min(settings.window, properties?.receiveMaximum ?? 65_535),
    windowBytes: settings.windowBytes,
    maximumPacketSize: properties?.maximumPacketSize ?? 268_435_460,
    version: connection?.version ?? 5,
  };
}

function limit(publish: QueuedPublish, timeLimit: number): void {
  publish.timer = setTimeout(() => {
    publish.failed(new PublishFailed(`no acknowledgement within ${timeLimit} ms`));
  }, timeLimit);
}

/** A broker would end the connection for a topic name like that (MQTT 4.7). */
function topicFault(publish: QueuedPublish): string | undefined {
  if (publish.topicBytes === 0 || publish.topicBytes > 65_535) return 'the topic is empty or too long';
  return /[+#\0]/.test(publish.topic) ? 'the topic has a wildcard or NUL' : undefined;
}
