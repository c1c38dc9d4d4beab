/**
 * The broker: a share group over the sessions of ingress, and the topics of the devices. At least once everywhere: what is
 * not acknowledged on a connection comes again on the next one of its session, or to another member when the session ends.
 */
import type { ReceiveOptions } from '../../services/ports/device-link.ts';
import type { Life } from './life.ts';
import { type SimConnection, SimReceiver } from './sim-receiver.ts';
import type { World } from './world.ts';

export interface BrokerWeather {
  /** Probability that a message to or from a device is lost with a connection, or comes twice. */
  loss: number;
  twice: number;
  /** Probability that the connection of a publisher is cut at a publish. */
  cuts: number;
}

export interface BrokerMessage {
  topic: string;
  payload: Uint8Array;
}

/** What the broker keeps of a receiver between its connections. */
export interface Session {
  clientId: string;
  connection: SimConnection | undefined;
  /** Sent and not acknowledged, in order; then what waits. */
  inFlight: BrokerMessage[];
  waiting: BrokerMessage[];
  ends: () => void;
}

/** ms that a session outlives its connection (R30). */
const sessionExpiry = 20_000;

export class SimBroker {
  readonly world: World;
  readonly weather: BrokerWeather;
  /** An ingress got a message on a connection, or released its acknowledgement. */
  readonly watch: {
    arrived(connection: number, message: BrokerMessage): void;
    acknowledged(connection: number, message: BrokerMessage): void;
    /** Something was published by the CSE. */
    published(topic: string, payload: Uint8Array): void;
  };
  readonly #sessions = new Map<string, Session>();
  readonly #devices = new Map<string, (topic: string, payload: Uint8Array) => void>();
  #connections = 0;
  /** Messages that came while nobody was subscribed. */
  #stranded: BrokerMessage[] = [];

  constructor(world: World, weather: BrokerWeather, watch: SimBroker['watch']) {
    this.world = world;
    this.weather = weather;
    this.watch = watch;
  }

  /** Messages for `/oneM2M/resp/<level>/…` and for `/oneM2M/req/<cse>/<level>/…`. */
  device(level: string, received: (topic: string, payload: Uint8Array) => void): void {
    this.#devices.set(level, received);
  }

  /** A device publishes. */
  fromDevice(topic: string, payload: Uint8Array): void {
    const { random } = this.world;
    if (random.chance(this.weather.loss)) return;
    const copies = random.chance(this.weather.twice) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      const delay = random.between(0.2, 5) + copy * random.between(0, 300);
      this.world.after(delay, 'broker takes from a device', () => this.#toShareGroup({ topic, payload }));
    }
  }

  /** A process of the CSE publishes; the message has arrived here. */
  fromCse(topic: string, payload: Uint8Array): void {
    this.watch.published(topic, payload);
    const { random } = this.world;
    const [, , kind, first = '', second = ''] = topic.split('/');
    const received = this.#devices.get(kind === 'req' ? second : first);
    if (received === undefined || random.chance(this.weather.loss)) return;
    const copies = random.chance(this.weather.twice) ? 2 : 1;
    for (let copy = 0; copy < copies; copy++) {
      this.world.after(random.between(0.2, 8), `broker to ${topic}`, () => received(topic, payload));
    }
  }

  receiver(life: Life, clientId: string, options: ReceiveOptions): SimReceiver {
    return new SimReceiver(life, this, clientId, options);
  }

  nextConnection(): number {
    return ++this.#connections;
  }

  session(clientId: string): Session {
    let session = this.#sessions.get(clientId);
    if (session === undefined) {
      session = { clientId, connection: undefined, inFlight: [], waiting: [], ends() {} };
      this.#sessions.set(clientId, session);
    }
    return session;
  }

  /** A connection takes its session up again. */
  connect(connection: SimConnection): void {
    const session = this.session(connection.clientId);
    session.ends();
    session.connection = connection;
    for (const message of session.inFlight) connection.deliver(message, true);
    const waiting = [...session.waiting, ...this.#stranded];
    session.waiting = [];
    this.#stranded = [];
    for (const message of waiting) this.#deliver(session, message);
  }

  disconnect(connection: SimConnection): void {
    const session = this.session(connection.clientId);
    if (session.connection !== connection) return;
    session.connection = undefined;
    // Some brokers give the unacknowledged of a lost member to others at once, most when its session ends.
    const { random } = this.world;
    const delay = random.chance(0.2) ? random.between(1, 500) : sessionExpiry;
    session.ends = this.world.after(delay, `session of ${session.clientId} ends`, () => this.#end(session));
  }

  acknowledged(connection: SimConnection, message: BrokerMessage): void {
    const session = this.session(connection.clientId);
    if (session.connection !== connection) return;
    const at = session.inFlight.indexOf(message);
    if (at >= 0) session.inFlight.splice(at, 1);
  }

  #end(session: Session): void {
    const left = [...session.inFlight, ...session.waiting];
    this.#sessions.delete(session.clientId);
    for (const message of left) this.#toShareGroup(message);
  }

  #toShareGroup(message: BrokerMessage): void {
    const sessions = [...this.#sessions.values()];
    const connected = sessions.filter(({ connection }) => connection !== undefined);
    const { random } = this.world;
    // Now and then to a member that is away, and whose session lives.
    const members = connected.length > 0 && !random.chance(0.05) ? connected : sessions;
    if (members.length === 0) {
      this.#stranded.push(message);
      return;
    }
    const session = random.pick(members);
    if (session.connection === undefined) session.waiting.push(message);
    else this.#deliver(session, message);
  }

  #deliver(session: Session, message: BrokerMessage): void {
    session.inFlight.push(message);
    session.connection?.deliver(message, false);
  }
}
