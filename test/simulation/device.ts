/** A device: asks until it is answered, always with the same `rqi`; answers notifications if it is a subscriber. */
import { eventOf, type Ledger } from './ledger.ts';
import type { Random } from './random.ts';
import type { SimBroker } from './sim-broker.ts';
import type { World } from './world.ts';

export interface Answer {
  rsc: number;
  pc: Record<string, Record<string, unknown>> | undefined;
}

export interface Request {
  op: number;
  to: string;
  ty?: number;
  pc?: object;
  /** `fr` where it is not the sender's own. */
  fr?: string;
  con?: string;
}

/** How a subscriber behaves. */
export interface Manners {
  /** Probability that it does not answer, or only after seconds. */
  silent: number;
  late: number;
}

export class Device {
  readonly level: string;
  readonly manners: Manners = { silent: 0, late: 0 };
  readonly #world: World;
  readonly #random: Random;
  readonly #broker: SimBroker;
  readonly #ledger: Ledger;
  readonly #waiting = new Map<string, (answer: Answer) => void>();
  #requests = 0;

  constructor(world: World, broker: SimBroker, ledger: Ledger, level: string) {
    this.#world = world;
    this.#random = world.random.fork();
    this.#broker = broker;
    this.#ledger = ledger;
    this.level = level;
    broker.device(level, (topic, payload) => this.#received(topic, payload));
  }

  get random(): Random {
    return this.#random;
  }

  rest(ms: number): Promise<void> {
    return new Promise((resume) => this.#world.after(ms, `${this.level} rests`, resume));
  }

  /** Repeats until answered. `storm`: sends several copies at once, and again after the answer. */
  ask(request: Request, storm = false): Promise<Answer> {
    const { rqi, payload, topic } = this.#write(request);
    return new Promise((resolve) => {
      let isAnswered = false;
      const send = () => this.#broker.fromDevice(topic, payload);
      const again = () => {
        if (isAnswered) return;
        send();
        this.#world.after(this.#random.between(1500, 4000), `${this.level} repeats ${rqi}`, again);
      };
      this.#waiting.set(rqi, (answer) => {
        isAnswered = true;
        if (storm) {
          for (let copy = 0; copy < 2; copy++)
            this.#world.after(this.#random.between(0, 2000), `${this.level} storms`, send);
        }
        resolve(answer);
      });
      again();
      if (storm) for (let copy = 0; copy < 3; copy++) send();
    });
  }

  /** Sends once and forgets. */
  tell(request: Request): void {
    const { payload, topic } = this.#write(request);
    this.#broker.fromDevice(topic, payload);
  }

  #write({ fr, con, ...request }: Request): { rqi: string; payload: Buffer; topic: string } {
    const turn = this.#requests++;
    const rqi = `${this.level}-${turn}`;
    this.#ledger.asked.set(rqi, {
      rqi,
      level: this.level,
      to: request.to,
      operation: request.op,
      con,
      turn,
      firstSentAt: this.#world.now,
      answeredAt: undefined,
      answers: new Set(),
      rsc: undefined,
      published: 0,
      isShed: false,
      arrivals: [],
      acknowledged: [],
    });
    this.#world.trace(`> ${rqi} ${request.op} ${request.to} ${con ?? ''}`);
    const payload = Buffer.from(JSON.stringify({ ...request, rqi, fr: fr ?? this.level, rvi: '3' }));
    return { rqi, payload, topic: `/oneM2M/req/${this.level}/id-in/json` };
  }

  #received(topic: string, payload: Uint8Array): void {
    const text = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString('utf8');
    const wire = JSON.parse(text) as Answer & { rqi: string };
    if (topic.startsWith('/oneM2M/req/')) return this.#notified(wire);
    // Overload is no answer: the device repeats (R29).
    if (wire.rsc === 5000 && text.includes('overloaded')) return;
    this.#world.trace(`< ${wire.rqi} ${wire.rsc}`);
    this.#ledger.answerReceived(wire.rqi, text, wire.rsc);
    const resolve = this.#waiting.get(wire.rqi);
    if (resolve === undefined) return;
    this.#waiting.delete(wire.rqi);
    resolve(wire);
  }

  #notified(wire: Answer & { rqi: string }): void {
    const event = eventOf(wire);
    if (event !== undefined) this.#ledger.notificationReceived(event.subscription, event.con);
    if (this.#random.chance(this.manners.silent)) return;
    const delay = this.#random.chance(this.manners.late)
      ? this.#random.between(500, 5000)
      : this.#random.between(0.5, 10);
    const answer = Buffer.from(JSON.stringify({ rsc: 2000, rqi: wire.rqi, fr: this.level, to: '/id-in', rvi: '3' }));
    this.#world.after(delay, `${this.level} answers ${wire.rqi}`, () =>
      this.#broker.fromDevice(`/oneM2M/resp/id-in/${this.level}/json`, answer),
    );
  }
}
