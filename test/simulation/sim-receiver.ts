/** A receiving connection of ingress, and the receiver that makes a new one when it is lost. */
import type { InboundMessage, ReceiveOptions, Receiver } from '../../services/ports/device-link.ts';
import type { Life } from './life.ts';
import type { BrokerMessage, SimBroker } from './sim-broker.ts';
import { Pipe } from './world.ts';

export interface SimConnection {
  readonly clientId: string;
  deliver(message: BrokerMessage, again: boolean): void;
}

interface Arrival {
  message: BrokerMessage;
  isAcknowledged: boolean;
}

export class SimReceiver implements Receiver {
  readonly #life: Life;
  readonly #broker: SimBroker;
  readonly #clientId: string;
  readonly #options: ReceiveOptions;
  #cut: (() => void) | undefined;

  constructor(life: Life, broker: SimBroker, clientId: string, options: ReceiveOptions) {
    this.#life = life;
    this.#broker = broker;
    this.#clientId = clientId;
    this.#options = options;
    life.onDeath(() => this.#cut?.());
  }

  /** Connects; resolves when subscribed. */
  connect(): Promise<void> {
    const { random } = this.#life.world;
    return new Promise((resolve) => {
      this.#life.after(random.between(1, 10), `${this.#life.name} connects`, () => {
        this.#open();
        resolve();
      });
    });
  }

  /** The connection is lost; another follows. */
  cut(): void {
    if (this.#cut === undefined) return;
    this.#cut();
    this.#life.after(this.#life.world.random.between(20, 3000), `${this.#life.name} connects again`, () =>
      this.#open(),
    );
  }

  #open(): void {
    const life = this.#life;
    const broker = this.#broker;
    const { world } = life;
    const number = broker.nextConnection();
    const inbound = new Pipe(world);
    const outbound = new Pipe(world);
    let isOpen = true;
    let arrivals: Arrival[] = [];
    const release = () => {
      while (arrivals[0]?.isAcknowledged === true) {
        const { message } = arrivals[0];
        arrivals = arrivals.slice(1);
        broker.watch.acknowledged(number, message);
        world.after(outbound.delay(world.random.between(0.2, 2)), `${life.name} acknowledges`, () => {
          if (isOpen || world.random.chance(0.5)) broker.acknowledged(connection, message);
        });
      }
    };
    const connection: SimConnection = {
      clientId: this.#clientId,
      deliver: (message, again) => {
        life.after(inbound.delay(world.random.between(0.2, 3)), `${life.name} receives`, () => {
          if (!isOpen) return;
          const arrival: Arrival = { message, isAcknowledged: false };
          arrivals.push(arrival);
          broker.watch.arrived(number, message);
          const received: InboundMessage = {
            topic: message.topic,
            payload: message.payload,
            duplicate: again,
            retained: false,
            connection: number,
            acknowledge: () => {
              if (!life.touch() || !isOpen || arrival.isAcknowledged) return;
              arrival.isAcknowledged = true;
              release();
            },
            abandoned: () => !isOpen,
          };
          this.#options.received(received);
        });
      },
    };
    this.#cut = () => {
      isOpen = false;
      this.#cut = undefined;
      world.trace(`${life.name} loses connection ${number}`);
      broker.disconnect(connection);
    };
    broker.connect(connection);
  }

  async addFilters(): Promise<void> {}

  ready(): boolean {
    return this.#cut !== undefined;
  }

  async drain(): Promise<void> {}

  async close(): Promise<void> {
    this.#cut?.();
  }
}
