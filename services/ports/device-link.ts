/** The way to devices: one MQTT broker, external or embedded. */

export interface InboundMessage {
  topic: string;
  payload: Uint8Array;
  /** The sender's broker may have delivered it before. */
  duplicate: boolean;
  retained: boolean;
  /** Connection it came by: order of arrival holds within one (promise 5). */
  connection: number;
  /**
   * Accepts the message: its broker forgets it. Acknowledgements are released in order of arrival per connection, and one
   * that is too late for its connection is dropped (R28). Never called for what was not made durable, except for answers
   * given by ingress itself.
   */
  acknowledge(): void;
  /**
   * There only where a message that is not acknowledged holds back its sender and nobody else. Called before the message is
   * kept waiting on purpose: it no longer counts among those of `maximumUnacknowledged`.
   */
  standAside?(): void;
  /** True once the connection it came by is gone: the broker will deliver it again if the session lives (R18). */
  abandoned(): boolean;
}

export interface ReceiveOptions {
  /** Topic filters without share prefix, e.g. `/oneM2M/req/+/id-in/#`. */
  filters: string[];
  /** Share group, so that several processes divide the messages. */
  group: string;
  /**
   * A topic that one of the filters matches and that means nothing: published where nothing arrives for long, to tell a quiet
   * time from a broker that has stopped delivering (R31). Received like any other. Absent: silence is not looked into.
   */
  silenceProbe?: string;
  /** Most messages unacknowledged at a time, over all connections; beyond it reading stops. */
  maximumUnacknowledged: number;
  received(message: InboundMessage): void;
}

export interface Receiver {
  /** Adds filters of a CSE that appeared at run time (R32). */
  addFilters(filters: string[]): Promise<void>;
  /** Subscribed, connected, and proven by a probe of its own to deliver (R31). */
  ready(): boolean;
  /** Stops taking new messages (unsubscribes); acknowledgements of what came still go out. */
  drain(): Promise<void>;
  /** `forGood` also removes the session at the broker (S22). */
  close(options?: { forGood?: boolean }): Promise<void>;
}

/** Publishing failed and will not succeed by waiting: no such host, refused by policy, time limit passed. */
export class PublishFailed extends Error {
  override name = 'PublishFailed';
}

export interface Publisher {
  /** QoS 1, never retained. Resolves at PUBACK; waits for a connection without limit unless `timeLimit` (ms) is given. Order of calls is kept. */
  publish(topic: string, payload: Uint8Array | string, options?: { timeLimit?: number }): Promise<void>;
  ready(): boolean;
  /** Connections lost since start, with publishes out: for the count of records that take a connection down (R26). */
  disconnects(): number;
  close(): Promise<void>;
}

export interface DeviceLink {
  /** Name in records and metrics: `default`, or as configured. */
  readonly name: string;
  /** Fails with a clear message if the broker grants the shared subscription and does not deliver (R31). */
  receive(options: ReceiveOptions): Promise<Receiver>;
  publisher(): Promise<Publisher>;
  close(): Promise<void>;
}
