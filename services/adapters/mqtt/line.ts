/**
 * A line to a broker that is made anew whenever it breaks. Every network connection gets a client of its own, so nothing
 * of the library (offline queue, stores, subscriptions) lives longer than the connection: an epoch of R28 is one client.
 */
import { connect, type IClientOptions, type IConnackPacket, type IDisconnectPacket, type MqttClient } from 'mqtt';
import { addressOptions, type BrokerAddress, describe } from './broker-address.ts';

export type MqttVersion = 4 | 5;

export interface LineSettings {
  address: BrokerAddress;
  clientId: string;
  /** false: the session outlives the connection. */
  clean: boolean;
  /** Seconds that the session outlives the connection, MQTT 5 only. */
  sessionExpiry: number;
  /** Seconds. */
  keepalive: number;
  /** Undefined: 5, and 3.1.1 where the broker refuses 5. */
  version?: MqttVersion;
  /** How many QoS 1 messages the broker may have out to us, 1 … 65535, MQTT 5 only. */
  receiveMaximum?: number;
  /** ms until CONNACK. */
  connectTimeLimit: number;
}

/** One network connection whose CONNACK has come. */
export interface Connection {
  readonly client: MqttClient;
  readonly version: MqttVersion;
  readonly connack: IConnackPacket;
}

export interface LineEvents {
  /** Before CONNACK: packets may come right behind it. */
  opening?(client: MqttClient): void;
  connected(connection: Connection): void;
  /** The connection that was reported last is gone. */
  lost(connection: Connection, reason: Error): void;
  /** An attempt failed. Return false to stop trying. */
  failed(error: Error): boolean;
}

/** The broker answered CONNECT with a reason code (MQTT 5 3.2.2.2) or return code (3.1.1). */
export class ConnectionRefused extends Error {
  override name = 'ConnectionRefused';
  readonly code: number;
  constructor(message: string, code: number) {
    super(message);
    this.code = code;
  }
}

/** Refusals that only a change of the configuration heals: identifier, credentials, rights, banned. */
export function isLasting(error: Error): boolean {
  return error instanceof ConnectionRefused && [2, 4, 5, 133, 134, 135, 138, 140].includes(error.code);
}

const shortestPause = 50;
const longestPause = 2000;
/** A connection that lasted so long (ms) makes the next attempt come at once. */
const steady = 1000;
const endTimeLimit = 2000;

export class Line {
  readonly #settings: LineSettings;
  readonly #events: LineEvents;
  #version: MqttVersion;
  #client: MqttClient | undefined;
  #connection: Connection | undefined;
  #timer: NodeJS.Timeout | undefined;
  #attempts = 0;
  #renewing = false;
  #closed = false;

  constructor(settings: LineSettings, events: LineEvents) {
    this.#settings = settings;
    this.#events = events;
    this.#version = settings.version ?? 5;
    this.#open();
  }

  get connection(): Connection | undefined {
    return this.#connection;
  }

  /** Gives the connection up; the next one is made after a pause. */
  drop(): void {
    this.#client?.stream.destroy();
  }

  /** Ends the connection in good order, the session stays; the next one, with what secrets say now, is made at once. */
  async renew(): Promise<void> {
    const client = this.#client;
    if (client === undefined || this.#closed || this.#renewing) return;
    this.#renewing = true;
    await endClient(client, {});
    this.#renewing = false;
  }

  /** Stops for good, with a DISCONNECT where there is a connection. */
  async close(disconnect: Partial<IDisconnectPacket> = {}): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#timer);
    if (this.#client !== undefined) await endClient(this.#client, disconnect);
  }

  #open(): void {
    let client: MqttClient;
    try {
      client = connect(this.#options());
    } catch (error) {
      // Unreadable certificate files: an operator may be replacing them.
      if (this.#events.failed(error as Error)) this.#openLater();
      return;
    }
    this.#client = client;
    const { stream } = client;
    // Without it a turn's packets wait for the broker's delayed TCP acknowledgement, 40 ms.
    if ('setNoDelay' in stream) (stream as unknown as { setNoDelay(on: boolean): void }).setNoDelay(true);
    this.#watch(client);
    this.#events.opening?.(client);
  }

  #watch(client: MqttClient): void {
    const version = this.#version;
    let error: Error | undefined;
    let connection: Connection | undefined;
    let since = 0;
    client.on('error', (reason) => {
      error ??= reason;
    });
    client.on('connect', (connack) => {
      since = performance.now();
      connection = { client, version, connack };
      this.#connection = connection;
      this.#events.connected(connection);
    });
    client.once('close', () => {
      client.end(true);
      if (this.#client !== client) return;
      this.#client = undefined;
      this.#connection = undefined;
      if (this.#closed) return;
      if (connection === undefined) return this.#attemptFailed(error, version);
      if (performance.now() - since >= steady) this.#attempts = 0;
      const renewed = this.#renewing ? new Error('it is made anew') : undefined;
      this.#events.lost(connection, renewed ?? error ?? new Error('the broker closed the connection'));
      if (renewed === undefined) this.#openLater();
      else if (!this.#closed) this.#open();
    });
  }

  #attemptFailed(error: Error | undefined, version: MqttVersion): void {
    const reason = this.#explain(error ?? new Error('the broker closed the connection before CONNACK'));
    const refusesFive = reason instanceof ConnectionRefused && (reason.code === 1 || reason.code === 132);
    if (refusesFive && version === 5 && this.#settings.version === undefined) {
      this.#version = 4;
      this.#open();
    } else if (this.#events.failed(reason)) {
      this.#openLater();
    }
  }

  #explain(error: Error): Error {
    const { code } = error as { code?: unknown };
    const broker = describe(this.#settings.address);
    if (typeof code === 'number') return new ConnectionRefused(`${broker}: ${error.message}`, code);
    return Object.assign(new Error(`${broker}: ${error.message || String(code)}`, { cause: error }), { code });
  }

  #openLater(): void {
    if (this.#closed) return;
    const full = Math.min(longestPause, shortestPause * 2 ** Math.min(this.#attempts++, 10));
    this.#timer = setTimeout(() => this.#open(), full * (0.75 + Math.random() / 2));
  }

  #options(): IClientOptions {
    const settings = this.#settings;
    const version = this.#version;
    return {
      ...addressOptions(settings.address),
      clientId: settings.clientId,
      clean: settings.clean,
      keepalive: settings.keepalive,
      protocolVersion: version,
      ...(version === 5 ? { properties: connectProperties(settings) } : {}),
      connectTimeout: settings.connectTimeLimit,
      reconnectPeriod: 0,
      resubscribe: false,
      queueQoSZero: false,
      // A new timer for every PUBACK otherwise; a ping each period costs nothing.
      reschedulePings: false,
      timerVariant: 'native',
      subscribeBatchSize: 100,
      log: silence,
    };
  }
}

function connectProperties(settings: LineSettings): NonNullable<IClientOptions['properties']> {
  return {
    ...(settings.clean ? {} : { sessionExpiryInterval: settings.sessionExpiry }),
    ...(settings.receiveMaximum === undefined ? {} : { receiveMaximum: settings.receiveMaximum }),
  };
}

/** The library formats a line for every step of every packet unless told otherwise. */
function silence(): void {}

/** Sends DISCONNECT behind what was written before, and ends the connection within a time limit. */
function endClient(client: MqttClient, disconnect: Partial<IDisconnectPacket>): Promise<void> {
  const { stream } = client;
  if (stream.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(() => stream.destroy(), endTimeLimit);
    stream.once('close', () => {
      clearTimeout(timer);
      resolve();
    });
    if (client.connected) client.end(false, disconnect);
    else client.end(true);
  });
}
