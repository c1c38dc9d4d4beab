/**
 * A broker within the process: aedes 1.2 (MQTT 3.1.1) as a DeviceLink. With `access` it asks for credentials, and each client
 * has the topics of its own; without, whoever reaches its sockets may use any, so it listens on loopback only. Our flows are
 * inside and need none.
 */
import { Aedes, type Client } from 'aedes';
import type { BrokerAccess } from '../../ports/broker-access.ts';
import type { DeviceLink, ReceiveOptions, Receiver } from '../../ports/device-link.ts';
import { AccessChecks } from './access-checks.ts';
import { type ConnectRequest, type Refusal, refuseConnect, refusePublish, refuseSubscribe } from './admission.ts';
import { Arrivals } from './arrivals.ts';
import { type Endpoints, openListeners } from './open-listeners.ts';
import { EmbeddedPublisher } from './publisher.ts';
import { TopicFilters } from './topic-filters.ts';

export interface EmbeddedBrokerOptions extends Endpoints {
  /** Name of the link in records and metrics. */
  name: string;
  /** Who may connect and do what; undefined: everybody everything. */
  access?: BrokerAccess;
  /** Largest message, bytes; 256 KiB. */
  maximumPacketSize?: number;
  /** One line for the log, at most once for each client and reason. */
  refused?(refusal: Refusal): void;
  /** Every time that access was denied. */
  denied?(action: 'connect' | 'publish' | 'subscribe'): void;
}

export interface EmbeddedBroker extends DeviceLink {
  readonly port: number;
  readonly webSocketPort: number | undefined;
  readonly tlsPort: number | undefined;
  readonly tlsWebSocketPort: number | undefined;
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

  const { access } = options;
  const checks =
    access === undefined
      ? undefined
      : new AccessChecks(access, (action, client, reason) => {
          options.denied?.(action);
          report(client, reason);
        });

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
    authenticate(client, name, password, done) {
      if (checks === undefined) return done(null, true);
      checks.authenticate(client, name, password).then(
        () => done(null, true),
        (error) => done(error, false),
      );
    },
    authorizePublish(client, packet, callback) {
      const reason = refusePublish(packet, maximumPacketSize);
      if (reason !== undefined) {
        report(client?.id ?? '', reason);
        return callback(new Error(reason));
      }
      // MQTT 3.1.1 has no answer for it but PUBACK or the end of the connection (3.3.5), and PUBACK would be a promise.
      if (client !== null && checks?.mayPublish(client, packet.topic) === false) {
        return callback(new Error('not authorized'));
      }
      if (client === null || arrivals === undefined || !filters.matches(packet.topic)) return callback(null);
      arrivals.arrived(client as unknown as { closed: boolean }, packet, callback);
    },
    authorizeSubscribe(client, subscription, callback) {
      const reason = refuseSubscribe(subscription.topic);
      if (reason !== undefined) report(client.id, reason);
      else if (checks?.maySubscribe(client, subscription.topic) !== false) return callback(null, subscription);
      // SUBACK with 0x80.
      callback(null, null);
    },
    ...(checks === undefined ? {} : { authorizeForward: forwardAllowed(checks) }),
  });
  if (checks !== undefined) {
    broker.on('clientDisconnect', (client) => checks.disconnected(client));
    broker.on('subscribe', (subscriptions, client) => forgetDenied(broker, subscriptions, client));
  }
  const listeners = await openListeners(
    options,
    { credentials: access !== undefined, maximumPacketSize: maximumPacketSize + 65_536 },
    (stream, request) => broker.handle(stream, request),
  ).catch(async (error: unknown) => {
    checks?.close();
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
    ...listeners.ports,
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
      checks?.close();
      await Promise.all([...publishers].map((publisher) => publisher.close()));
      await closeBroker(broker);
      await listeners.close();
    },
  };
}

function closeBroker(broker: Aedes): Promise<void> {
  return new Promise((resolve) => broker.close(() => resolve()));
}

/** Clients without a lasting session get what they subscribed to since they connected, and that has been checked. */
function forwardAllowed(checks: AccessChecks) {
  return <P extends { topic: string }>(client: Client, packet: P): P | null =>
    client.clean || checks.mayReceive(client, packet.topic) ? packet : null;
}

/** aedes keeps all filters of a SUBSCRIBE for a lasting session once one of them was granted. */
function forgetDenied(broker: Aedes, subscriptions: readonly { topic: string; qos: number }[], client: Client): void {
  if (client.clean) return;
  const topics = subscriptions.filter(({ qos }) => qos === 0x80).map(({ topic }) => topic);
  const { persistence } = broker as unknown as {
    persistence: { removeSubscriptions(client: Client, topics: string[]): Promise<void> };
  };
  if (topics.length > 0) persistence.removeSubscriptions(client, topics).catch(() => client.close());
}
