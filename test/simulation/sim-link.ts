/** The port DeviceLink as one simulated process has it. */
import type { DeviceLink, Publisher } from '../../services/ports/device-link.ts';
import { type Life, never } from './life.ts';
import type { SimBroker } from './sim-broker.ts';
import type { SimReceiver } from './sim-receiver.ts';
import { Pipe } from './world.ts';

export interface SimLink extends DeviceLink {
  /** Cuts the receiving connection, if there is one. */
  cut(): void;
}

/** `clientId` stays the same over the lives of a process. */
export function simLink(life: Life, broker: SimBroker, clientId: string): SimLink {
  let receiver: SimReceiver | undefined;
  return {
    name: 'default',
    async receive(options) {
      if (!life.touch()) return never();
      receiver = broker.receiver(life, clientId, options);
      await receiver.connect();
      return receiver;
    },
    publisher: async () => new SimPublisher(life, broker),
    cut: () => receiver?.cut(),
    close: async () => {},
  };
}

interface Publish {
  topic: string;
  payload: Uint8Array;
  resolve(): void;
}

/** Keeps the order of its calls; what a lost connection has not acknowledged is sent again in the same order. */
class SimPublisher implements Publisher {
  readonly #life: Life;
  readonly #broker: SimBroker;
  #open: Publish[] = [];
  #there: Pipe;
  #back: Pipe;
  /** Connections so far; what was on its way on an older one is lost. */
  #connection = 0;
  #isConnected = true;
  #cutOff = false;

  constructor(life: Life, broker: SimBroker) {
    this.#life = life;
    this.#broker = broker;
    this.#there = new Pipe(life.world);
    this.#back = new Pipe(life.world);
  }

  publish(topic: string, payload: Uint8Array | string): Promise<void> {
    if (!this.#life.touch()) return never();
    const bytes = typeof payload === 'string' ? Buffer.from(payload) : payload;
    return new Promise((resolve) => {
      const publish: Publish = { topic, payload: bytes, resolve };
      this.#open.push(publish);
      if (this.#isConnected) this.#send(publish);
      if (this.#life.world.random.chance(this.#broker.weather.cuts)) this.#cut();
    });
  }

  #send(publish: Publish): void {
    const { world, name } = this.#life;
    const connection = this.#connection;
    world.after(this.#there.delay(world.random.between(0.2, 4)), `${name} publishes`, () => {
      if (connection !== this.#connection) return;
      if (!this.#life.alive && (this.#cutOff || world.random.chance(0.5))) {
        this.#cutOff = true;
        return;
      }
      this.#broker.fromCse(publish.topic, publish.payload);
      this.#life.after(this.#back.delay(world.random.between(0.2, 3)), `${name} published`, () => {
        if (connection !== this.#connection) return;
        this.#open = this.#open.filter((other) => other !== publish);
        publish.resolve();
      });
    });
  }

  #cut(): void {
    if (!this.#isConnected) return;
    const { world, name } = this.#life;
    this.#isConnected = false;
    world.after(world.random.between(0, 3), `${name} loses its publishing connection`, () => {
      this.#connection++;
    });
    this.#life.after(world.random.between(10, 800), `${name} publishes again`, () => {
      this.#isConnected = true;
      this.#there = new Pipe(world);
      this.#back = new Pipe(world);
      for (const publish of this.#open) this.#send(publish);
    });
  }

  ready(): boolean {
    return this.#isConnected;
  }

  disconnects(): number {
    return this.#connection;
  }

  async close(): Promise<void> {}
}
