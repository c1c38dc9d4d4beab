/**
 * A broker within the process: aedes 1.2 (MQTT 3.1.1) as a DeviceLink. It asks for no credentials: whoever reaches its
 * sockets may use any topic, so it listens on loopback only.
 */
import { Aedes } from 'aedes';
import type { DeviceLink, ReceiveOptions, Receiver } from '../../ports/device-link.ts';
import { type ConnectRequest, type Refusal, refuseConnect, refusePublish, refuseSubscribe } from './admission.ts';
import { Arrivals } from './arrivals.ts';
import { listen } from './listeners.ts';
import { EmbeddedPublisher } from './publisher.ts';
import { TopicFilters } from './topic-filters.ts';

export interface EmbeddedBrokerOptions {
  /** Name of the link in records and metrics. */
  name: string;
  /** 127.0.0.1. */
  host?: string;
  /** 1883; 0 for any free port. */
  port?: number;
  /** No WebSocket unless given. */
  webSocketPort?: number;
  /** Listen on other than loopback addresses, without credentials. */
  allowRemote?: boolean;
  /** Largest message, bytes; 256 KiB. */
  maximumPacketSize?: number;
  /** One line for the log, at most once for each client and reason. */
  refused?(refusal: Refusal): void;
}

export interface EmbeddedBroker extends DeviceLink {
  readonly port: number;
  readonly webSocketPort: number | undefined;
  /** Clients connected now. */
  clients(): number;
}

/** Refusals that were reported and are not reported again. */
const remembered = 1000;

/** Throws ListenFailed. Clients are let in as soon as somebody receives. */
export async function createEmbeddedBroker(options: EmbeddedBrokerOptions): Promise<EmbeddedBroker> {
  const maximumPacketSize = options.maximumPacketSize ?? 262_144;
  const reported = new Set<string>();
  let filters = new TopicFilters();
  let arrivals: Arrivals | undefined;
  let waiting: (() => void)[] = [];

  function report(client: string, reason: string): void {
    const key = `${client} ${reason}`;
    if (reported.has(key) || reported.size >= remembered) return;
    reported.add(key);
    options.refused?.({ client, reason });
  }

  const broker = await Aedes.createBroker({
    concurrency: 1000,
    // A client that stops reading must not hold up the others for long.
    drainTimeout: 10_000,
    preConnect(client, packet, callback) {
      const refused = refuseConnect(packet as ConnectRequest);
      if (refused !== undefined) {
        report(refused.refusal.client, refused.refusal.reason);
        client.conn.end(refused.connack);
        return callback(new Error(refused.refusal.reason), false);
      }
      if (arrivals === undefined) waiting.push(() => callback(null, true));
      else callback(null, true);
    },
    authorizePublish(client, packet, callback) {
      const reason = refusePublish(packet, maximumPacketSize);
      if (reason !== undefined) {
        report(client?.id ?? '', reason);
        return callback(new Error(reason));
      }
      if (client === null || arrivals === undefined || !filters.matches(packet.topic)) return callback(null);
      arrivals.arrived(client as unknown as { closed: boolean }, packet, callback);
    },
    authorizeSubscribe(client, subscription, callback) {
      const reason = refuseSubscribe(subscription.topic);
      if (reason === undefined) return callback(null, subscription);
      report(client.id, reason);
      // SUBACK with 0x80.
      callback(null, null);
    },
  });
  const listeners = await listen(
    {
      host: options.host ?? '127.0.0.1',
      port: options.port ?? 1883,
      allowRemote: options.allowRemote ?? false,
      maximumPacketSize: maximumPacketSize + 65_536,
      ...(options.webSocketPort === undefined ? {} : { webSocketPort: options.webSocketPort }),
    },
    (stream, request) => broker.handle(stream, request),
  ).catch(async (error: unknown) => {
    await closeBroker(broker);
    throw error;
  });
  const publishers = new Set<EmbeddedPublisher>();
  const deliver = (topic: string, payload: Buffer, callback: (error?: Error | null) => void) => {
    broker.publish({ cmd: 'publish', qos: 1, topic, payload, retain: false, dup: false }, callback);
  };

  function receive(receiveOptions: ReceiveOptions): Receiver {
    const own = new Arrivals(receiveOptions);
    filters = new TopicFilters();
    for (const filter of receiveOptions.filters) filters.add(filter);
    arrivals = own;
    for (const letIn of waiting) letIn();
    waiting = [];
    return {
      async addFilters(more) {
        for (const filter of more) filters.add(filter);
      },
      ready: () => arrivals === own && !broker.closed,
      async drain() {
        own.drain();
      },
      async close() {
        own.drain();
      },
    };
  }

  return {
    name: options.name,
    port: listeners.port,
    webSocketPort: listeners.webSocketPort,
    clients: () => broker.connectedClients,
    async receive(receiveOptions) {
      return receive(receiveOptions);
    },
    async publisher() {
      const publisher = new EmbeddedPublisher(deliver);
      publishers.add(publisher);
      return publisher;
    },
    async close() {
      await Promise.all([...publishers].map((publisher) => publisher.close()));
      await closeBroker(broker);
      await listeners.close();
    },
  };
}

function closeBroker(broker: Aedes): Promise<void> {
  return new Promise((resolve) => broker.close(() => resolve()));
}
