/**
 * Messages of devices on their way in. aedes asks whether a publish is allowed before it writes PUBACK: the answer is held
 * back until the message is acknowledged, so that PUBACK means the same here as with an external broker (R28), and so that
 * aedes reads no more of a device whose messages wait.
 */
import type { InboundMessage, ReceiveOptions } from '../../ports/device-link.ts';

export interface IncomingPublish {
  topic: string;
  payload: string | Buffer;
  dup: boolean;
  retain: boolean;
}

/** What aedes' client tells us. */
export interface ConnectedClient {
  readonly closed: boolean;
}

/** The device's connection: its messages in order of arrival. */
interface Sender {
  client: ConnectedClient;
  connection: number;
  waiting: Arrival[];
}

class Arrival implements InboundMessage {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly duplicate: boolean;
  readonly retained: boolean;
  readonly connection: number;
  readonly sender: Sender;
  readonly #owner: Arrivals;
  /** Lets aedes go on: PUBACK, then the next packets. */
  readonly proceed: () => void;
  done = false;
  /** Waits on purpose, and is not counted. */
  aside = false;

  constructor(owner: Arrivals, sender: Sender, packet: IncomingPublish, proceed: () => void) {
    this.topic = packet.topic;
    this.payload = typeof packet.payload === 'string' ? Buffer.from(packet.payload) : packet.payload;
    this.duplicate = packet.dup;
    this.retained = packet.retain;
    this.connection = sender.connection;
    this.sender = sender;
    this.#owner = owner;
    this.proceed = proceed;
  }

  acknowledge(): void {
    if (this.done) return;
    this.done = true;
    this.#owner.finished(this);
  }

  standAside(): void {
    if (this.done || this.aside) return;
    this.aside = true;
    this.#owner.leftRoom();
  }

  /** Never: the broker is this process, and nobody but the device itself would send the message again. */
  abandoned(): boolean {
    return false;
  }
}

export class Arrivals {
  readonly #options: Pick<ReceiveOptions, 'maximumUnacknowledged' | 'received'>;
  readonly #senders = new WeakMap<ConnectedClient, Sender>();
  #connections = 0;
  #open = 0;
  /** Beyond the bound, or while draining. */
  #held: Arrival[] = [];
  #draining = false;
  #isHandingOver = false;

  constructor(options: Pick<ReceiveOptions, 'maximumUnacknowledged' | 'received'>) {
    this.#options = options;
  }

  arrived(client: ConnectedClient, packet: IncomingPublish, proceed: () => void): void {
    const sender = this.#senderOf(client);
    const arrival = new Arrival(this, sender, packet, proceed);
    sender.waiting.push(arrival);
    if (this.#draining || this.#open >= this.#options.maximumUnacknowledged) this.#held.push(arrival);
    else this.#handOver(arrival);
  }

  /** From now on what arrives is held and never acknowledged: its senders will send it again to our successor. */
  drain(): void {
    this.#draining = true;
  }

  /** One of those that are handed over counts no longer. */
  leftRoom(): void {
    this.#open -= 1;
    if (this.#held.length > 0 && !this.#draining) this.#handOverHeld();
  }

  finished(arrival: Arrival): void {
    if (!arrival.aside) this.#open -= 1;
    const { client, waiting } = arrival.sender;
    while (waiting[0]?.done === true) {
      const first = waiting.shift();
      if (!client.closed) first?.proceed();
    }
    if (this.#held.length > 0 && !this.#draining) this.#handOverHeld();
  }

  /** What is handed over may be done, or stand aside, before the call returns: the loop that runs sees to that too. */
  #handOverHeld(): void {
    if (this.#isHandingOver) return;
    this.#isHandingOver = true;
    try {
      while (this.#held.length > 0 && this.#open < this.#options.maximumUnacknowledged) {
        const next = this.#held.shift();
        // Its sender is gone without PUBACK and will repeat it; handed over it would only come twice.
        if (next !== undefined && !next.sender.client.closed) this.#handOver(next);
      }
    } finally {
      this.#isHandingOver = false;
    }
  }

  #handOver(arrival: Arrival): void {
    this.#open += 1;
    this.#options.received(arrival);
  }

  #senderOf(client: ConnectedClient): Sender {
    let sender = this.#senders.get(client);
    if (sender === undefined) {
      sender = { client, connection: this.#connections++, waiting: [] };
      this.#senders.set(client, sender);
    }
    return sender;
  }
}
