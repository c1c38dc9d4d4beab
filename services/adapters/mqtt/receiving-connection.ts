/** One of a receiver's connections: subscribes whenever it is connected, and hands over what arrives. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { IPublishPacket, MqttClient, Packet } from 'mqtt';
import type { Budget } from './budget.ts';
import { Arrival, Epoch } from './epoch.ts';
import type { MqttHooks } from './hooks.ts';
import { type Connection, ConnectionRefused, isLasting, Line, type LineSettings } from './line.ts';
import { SilenceWatch } from './silence-watch.ts';
import { SubscriptionRefused, subscribe, unsubscribe } from './subscriptions.ts';

export interface ReceivingSettings {
  /** Number among the connections of the process, from 0. */
  index: number;
  line: LineSettings;
  budget: Budget;
  hooks: MqttHooks;
  /** Topic of the probe that breaks a silence, and how long (ms) one may last; undefined: it is not watched. */
  silence: { probe: string; limit: number } | undefined;
  received(message: Arrival): void;
}

const sessionTakenOver = 142;
/** A connection that lasted so long (ms) shows that nobody else uses the client id. */
const undisturbed = 60_000;
/** Mosquitto 2.0.11 does not say that a session was taken over: what shows is that no connection lasts (ms, and how often). */
const steady = 5000;
const suspicious = 5;
/** ms in which a resumed session delivers again what was not acknowledged. */
const silenceLimit = 2000;
/**
 * ms between CONNACK of a new session and SUBSCRIBE. HiveMQ CE 2025.5 looks for shared subscriptions once behind its CONNACK; where
 * that look meets the first SUBSCRIBE it stores that there are none, and the first backlog of more than a batch (50) is the last
 * thing that the connection delivers.
 */
const settlingTime = 250;
const unsubscribeTimeLimit = 5000;
/** ms that making a connection anew waits for what was handed over to be acknowledged. */
const renewTimeLimit = 5000;
const renewPause = 5;

export class ReceivingConnection {
  readonly #settings: ReceivingSettings;
  readonly #line: Line;
  #filters: string[];
  /** How many of them the session at the broker has. */
  #inSession = 0;
  /** Of the connection that is or, while there is none, was the last. */
  #epoch: Epoch | undefined;
  #subscribed = false;
  #draining = false;
  /** The epoch that takes nothing more, since its connection is about to be made anew. */
  #ending: Epoch | undefined;
  /** The epoch whose next message waits for the budget. */
  #held: Epoch | undefined;
  #takeovers = 0;
  #connectedAt = 0;
  #shortLived = 0;
  readonly #pinger: NodeJS.Timeout;
  readonly #silence: SilenceWatch | undefined;
  readonly #first = Promise.withResolvers<void>();
  #everSubscribed = false;

  /** `filters` with their share prefix. */
  constructor(settings: ReceivingSettings, filters: string[]) {
    this.#settings = settings;
    this.#filters = filters;
    this.#line = new Line(settings.line, {
      opening: (client) => this.#attach(client),
      connected: (connection) => this.#connected(connection),
      lost: (_, reason) => this.#lost(reason),
      failed: (error) => this.#attemptFailed(error),
    });
    this.#pinger = setInterval(() => this.#keepAlive(), (settings.line.keepalive * 1000) / 4).unref();
    const { silence } = settings;
    if (silence === undefined) return;
    this.#silence = new SilenceWatch({
      limit: silence.limit,
      isListening: () => this.#subscribed && this.unacknowledged === 0,
      probe: () => this.#line.connection?.client.publish(silence.probe, '', { qos: 1 }),
      distrust: (lasted) => {
        const details = this.#details({ silence: Math.round(lasted) });
        settings.hooks.log?.('warn', 'nothing arrives, not even our own probes: connects anew', details);
        this.#line.drop();
      },
    });
  }

  /** Subscribed for the first time; rejects if the broker refuses that for good before it ever was. */
  get subscribedOnce(): Promise<void> {
    return this.#first.promise;
  }

  get subscribed(): boolean {
    return this.#subscribed;
  }

  get unacknowledged(): number {
    return this.#epoch?.size ?? 0;
  }

  /** Where there is no connection, the next one will have them. */
  async addFilters(filters: string[]): Promise<void> {
    this.#filters = [...this.#filters, ...filters];
    const connection = this.#line.connection;
    if (connection === undefined || !this.#subscribed) return;
    try {
      await this.#complete(connection);
    } catch (error) {
      if (error instanceof SubscriptionRefused) throw error;
    }
  }

  async drain(): Promise<void> {
    this.#draining = true;
    this.#subscribed = false;
    const client = this.#line.connection?.client;
    if (client !== undefined) await unsubscribe(client, this.#filters, unsubscribeTimeLimit);
  }

  /**
   * Makes the connection anew: takes nothing more, waits until what was handed over is acknowledged, and leaves the session
   * at the broker. What is not acknowledged by then comes again.
   */
  async renew(): Promise<void> {
    if (this.#line.connection === undefined) return;
    this.#ending = this.#epoch;
    const until = performance.now() + renewTimeLimit;
    while (this.unacknowledged > 0 && performance.now() < until) await sleep(renewPause);
    this.#epoch?.flush();
    await this.#line.renew();
    while (!this.#subscribed && !this.#draining && performance.now() < until) await sleep(renewPause);
  }

  /** True if `forGood` could be told to the broker. */
  async close(forGood: boolean): Promise<boolean> {
    clearInterval(this.#pinger);
    this.#silence?.stop();
    this.#subscribed = false;
    this.#epoch?.flush();
    this.#epoch?.end();
    const connection = this.#line.connection;
    const ends = forGood && connection?.version === 5;
    await this.#line.close(ends ? { reasonCode: 0, properties: { sessionExpiryInterval: 0 } } : {});
    this.#first.resolve();
    return ends;
  }

  #attach(client: MqttClient): void {
    const epoch = new Epoch(this.#settings.budget, (bytes) => client.stream.write(bytes));
    client.on('packetreceive', (packet: Packet) => {
      if (packet.cmd === 'publish') this.#arrived(packet, epoch);
      else if (packet.cmd === 'connack' && isAccepted(packet)) this.#begun(epoch, packet.sessionPresent);
      else if (packet.cmd === 'disconnect' && packet.reasonCode === sessionTakenOver) this.#takenOver();
    });
    // The library reads no further while a message waits here; nothing but this keeps a broker that overruns the receive
    // maximum (Mosquitto 2.0.11) or speaks 3.1.1 within the bound.
    client.handleMessage = (_packet, next) => {
      if (!epoch.live || !this.#settings.budget.exhausted) return next();
      this.#held = epoch;
      this.#settings.budget.whenFree(() => {
        if (this.#held === epoch) this.#held = undefined;
        next();
      });
    };
  }

  #begun(epoch: Epoch, session: boolean): void {
    const previous = this.#epoch;
    this.#epoch = epoch;
    if (!session) previous?.forgotten();
    if (!session || previous === undefined) return;
    setTimeout(() => {
      if (epoch.live && !epoch.anyArrived) this.#distrust(previous.leftOpen > 0);
    }, silenceLimit).unref();
  }

  /** The session was resumed and nothing has come: perhaps there is nothing, perhaps the broker has lost its way. */
  #distrust(shouldHaveCome: boolean): void {
    const connection = this.#line.connection;
    if (shouldHaveCome) {
      // HiveMQ CE after a crash waits for acknowledgements of what it does not deliver again, and delivers nothing else
      // until the client has connected once more.
      this.#settings.hooks.log?.('warn', 'the broker resumed the session and delivers nothing', this.#details({}));
      this.#line.drop();
    } else if (connection !== undefined && this.#subscribed) {
      // Mosquitto 2.0.11 after a restart has the session, but no shared subscriptions any more. Nothing is out that another
      // subscription could deliver twice.
      this.#inSession = 0;
      this.#complete(connection).catch(() => this.#line.drop());
    }
  }

  #arrived(packet: IPublishPacket, epoch: Epoch): void {
    if (!epoch.live) return;
    this.#silence?.heard();
    const identifier = packet.qos === 0 ? 0 : (packet.messageId ?? 0);
    // For the library this is QoS 0 now: it sends no PUBACK and goes on to the next packet.
    packet.qos = 0;
    // Not acknowledged: the broker sends it again on the next connection.
    if (epoch === this.#ending && identifier !== 0) return;
    // Sent again on a connection that still lives (EMQX `retry_interval`): a second PUBACK could hit another message.
    if (identifier !== 0 && packet.dup && epoch.isOpen(identifier)) return;
    const message = new Arrival(
      epoch,
      this.#settings.index,
      identifier,
      packet as IPublishPacket & { payload: Buffer },
    );
    if (identifier !== 0) epoch.add(message);
    this.#settings.received(message);
  }

  #connected(connection: Connection): void {
    this.#connectedAt = performance.now();
    this.#subscribe(connection).catch((error: Error) => {
      if (this.#line.connection !== connection) return;
      this.#settings.hooks.log?.('error', 'subscribing failed', this.#details({ reason: error.message }));
      if (!this.#everSubscribed && error instanceof SubscriptionRefused) this.#first.reject(error);
      else this.#line.drop();
    });
  }

  async #subscribe(connection: Connection): Promise<void> {
    if (this.#draining) return unsubscribe(connection.client, this.#filters, unsubscribeTimeLimit);
    if (connection.connack.properties?.sharedSubscriptionAvailable === false) {
      throw new SubscriptionRefused('the broker says that it has no shared subscriptions');
    }
    // A session that was kept has what it had: subscribed to again, HiveMQ and Artemis deliver twice what was out.
    if (!connection.connack.sessionPresent) {
      this.#inSession = 0;
      await sleep(settlingTime);
    }
    await this.#complete(connection);
    if (this.#line.connection !== connection || this.#draining) return;
    this.#subscribed = true;
    this.#everSubscribed = true;
    this.#first.resolve();
    const { connack, version } = connection;
    const details = this.#details({ session: connack.sessionPresent, version: version === 5 ? '5' : '3.1.1' });
    this.#settings.hooks.log?.('info', 'receiving', details);
  }

  /** Subscribes to what the session lacks, until there is nothing left. */
  async #complete(connection: Connection): Promise<void> {
    while (this.#inSession < this.#filters.length && this.#line.connection === connection) {
      const count = this.#filters.length;
      await subscribe(connection.client, this.#filters.slice(this.#inSession, count));
      if (this.#line.connection === connection) this.#inSession = Math.max(this.#inSession, count);
    }
  }

  #lost(reason: Error): void {
    this.#subscribed = false;
    this.#held = undefined;
    this.#epoch?.end();
    const lasted = performance.now() - this.#connectedAt;
    if (lasted > undisturbed) this.#takeovers = 0;
    this.#shortLived = lasted > steady ? 0 : this.#shortLived + 1;
    this.#settings.hooks.connectionLost?.('receiving');
    this.#settings.hooks.log?.('warn', 'receiving connection lost', this.#details({ reason: reason.message }));
    if (this.#shortLived !== suspicious) return;
    const text = `${suspicious} connections in a row were ended at once: perhaps another process runs with the same ordinal`;
    this.#settings.hooks.log?.('error', text, this.#details({}));
  }

  #attemptFailed(error: Error): boolean {
    this.#settings.hooks.log?.('warn', 'cannot connect', this.#details({ reason: error.message }));
    if (this.#everSubscribed || !isLasting(error)) return true;
    this.#first.reject(error);
    return false;
  }

  #takenOver(): void {
    if (performance.now() - this.#connectedAt > undisturbed) this.#takeovers = 0;
    this.#takeovers += 1;
    if (this.#takeovers < 2) return;
    const { clientId } = this.#settings.line;
    const reason = new ConnectionRefused(
      `the session of MQTT client ${clientId} was taken over twice: another process runs with the same ordinal`,
      sessionTakenOver,
    );
    this.#first.reject(reason);
    this.#subscribed = false;
    this.#epoch?.end();
    this.#settings.hooks.log?.('error', reason.message, this.#details({}));
    this.#line.close().catch(() => undefined);
    this.#settings.hooks.fatal?.(reason);
  }

  /** While reading stands still, PINGRESP is not read either: the library must neither give up nor stop pinging. */
  #keepAlive(): void {
    const client = this.#line.connection?.client;
    if (this.#held === undefined || client === undefined) return;
    client.sendPing();
    client.reschedulePing(true);
  }

  #details(more: Record<string, unknown>): Record<string, unknown> {
    return { client: this.#settings.line.clientId, ...more };
  }
}

function isAccepted(connack: { reasonCode?: number; returnCode?: number }): boolean {
  return (connack.reasonCode ?? connack.returnCode ?? 0) === 0;
}
