/** Originators that keep creating instances, each request repeated with the same rqi until it is answered. */
import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, Device, type Notice, type Question, until } from '../system/device.ts';
import { contentOf, type Resource } from '../system/system.ts';

/** A request counts as lost after this many ms: far more than any failure in these tests lasts. */
const answerLimit = 90_000;
/** A repeat changes nothing twice. It comes early, so that what a dead process had taken is soon asked for again. */
const repeatAfter = 2000;

export interface TrafficOptions {
  /** Tells this traffic's AEs from those of another. */
  name: string;
  /** Of the broker's nodes; the devices divide themselves between them. */
  urls: readonly string[];
  /** Level of the CSE in topics, and the name of its CSEBase. */
  cse: { level: string; name: string };
  originators?: number;
  /** Longest pause of an originator between an answer and the next request, ms. */
  longestPause?: number;
}

/** One request to create an instance, and what became of it. */
export interface Creation {
  /** Unlike that of any other. */
  content: string;
  rqi: string;
  answer?: Answer;
}

/** A container with everything that was asked of it. */
export interface Target {
  path: string;
  owner: Device;
  creations: Creation[];
  /** Who is told of every instance; half of the containers have somebody. */
  subscriber?: Device;
}

export class Traffic {
  readonly targets: readonly Target[];
  readonly #devices: readonly Device[];
  readonly #longestPause: number;
  readonly #failures: unknown[] = [];
  #lanes: Promise<void>[] = [];
  #isEnding = false;
  #answered = 0;

  private constructor(targets: Target[], devices: Device[], longestPause: number) {
    this.targets = targets;
    this.#devices = devices;
    this.#longestPause = longestPause;
  }

  /** Registers everybody; nothing is created yet. */
  static async prepare({ name, urls, cse, originators = 20, longestPause = 400 }: TrafficOptions): Promise<Traffic> {
    const devices: Device[] = [];
    const open = async (level: string): Promise<Device> => {
      const device = await Device.open({ url: urls[devices.length % urls.length] ?? '', cse: cse.level, level });
      devices.push(device);
      await device.must(2001, {
        op: 1,
        to: cse.name,
        ty: 2,
        pc: { 'm2m:ae': { rn: `ae-${level}`, api: 'Nkills', rr: true, srv: ['3'] } },
      });
      return device;
    };
    const targets: Target[] = [];
    for (let number = 1; number <= originators; number++) {
      const owner = await open(`C${name}-originator${number}`);
      const target: Target = { path: await createContainer(owner, cse.name), owner, creations: [] };
      targets.push(target);
      if (number % 2 !== 0) continue;
      target.subscriber = await open(`C${name}-subscriber${number}`);
      await subscribe(target, `/${cse.level}/${target.subscriber.level}`);
    }
    return new Traffic(targets, devices, longestPause);
  }

  get answered(): number {
    return this.#answered;
  }

  /** Starts the originators: most have one request out, each third has one out to each of three containers. */
  start(): void {
    this.#lanes = this.targets.flatMap(({ owner }, at) => {
      const containers = at % 3 === 0 ? 3 : 1;
      return Array.from({ length: containers }, (_, further) => {
        const target = this.targets[(at + further) % this.targets.length];
        return target === undefined ? Promise.resolve() : this.#keepCreating(owner, target);
      });
    });
  }

  /** Resolves when so many more requests were answered. Rejects as soon as one was lost. */
  async flows(requests: number): Promise<void> {
    const goal = this.#answered + requests;
    await until(
      `${requests} more requests answered`,
      () => this.#answered >= goal || this.#failures.length > 0,
      120_000,
    );
    if (this.#failures.length > 0) throw this.#failures[0];
  }

  /** Resolves when at least so many were answered in all, everything that is out is answered, and every notification came. */
  async finish(atLeast: number): Promise<void> {
    await this.flows(Math.max(0, atLeast - this.#answered));
    this.#isEnding = true;
    await Promise.all(this.#lanes);
    if (this.#failures.length > 0) throw this.#failures[0];
    for (const { path, creations, subscriber } of this.targets) {
      if (subscriber === undefined) continue;
      const told = () => new Set(noticesOf(subscriber).map(({ instance }) => instance.con)).size;
      await until(`notifications of ${path}: ${creations.length}`, () => told() >= creations.length, 120_000);
    }
  }

  /** For a person who reads the run. */
  summary(): string {
    const notices = this.targets.flatMap(({ subscriber }) => (subscriber === undefined ? [] : noticesOf(subscriber)));
    const answers = this.targets.reduce((sum, { owner }) => sum + owner.answers.length, 0);
    return `${this.#answered} requests, ${answers} answers, ${notices.length} notifications`;
  }

  async close(): Promise<void> {
    this.#isEnding = true;
    await Promise.all(this.#devices.map((device) => device.close()));
  }

  async #keepCreating(originator: Device, target: Target): Promise<void> {
    while (!this.#isEnding) {
      const number = target.creations.length + 1;
      const rqi = originator.newRequestIdentifier();
      const creation: Creation = { content: `${target.path} ${number}`, rqi };
      target.creations.push(creation);
      const pc = { 'm2m:cin': { con: creation.content } };
      try {
        const primitive = { op: 1, to: target.path, ty: 4, rqi, pc };
        creation.answer = await originator.request(primitive, { every: repeatAfter, within: answerLimit });
      } catch (failure) {
        this.#failures.push(failure);
        return;
      }
      this.#answered += 1;
      await pause(Math.random() * this.#longestPause);
    }
  }
}

/** A container that every originator may fill. */
async function createContainer(owner: Device, base: string): Promise<string> {
  const parent = `${base}/ae-${owner.level}`;
  const rights = { acr: [{ acor: ['all'], acop: 63 }] };
  const policy = { rn: 'everybody', pv: rights, pvs: rights };
  const made = await owner.must(2001, { op: 1, to: parent, ty: 1, pc: { 'm2m:acp': policy } });
  const acpi = [String(contentOf(made, 'm2m:acp').ri)];
  await owner.must(2001, { op: 1, to: parent, ty: 3, pc: { 'm2m:cnt': { rn: 'data', acpi } } });
  return `${parent}/data`;
}

async function subscribe({ owner, path }: Target, subscriber: string): Promise<void> {
  const pc = { 'm2m:sub': { rn: 'told', nu: [subscriber], nct: 1, enc: { net: [3] } } };
  await owner.must(2001, { op: 1, to: path, ty: 23, pc });
}

/** A notification of a new instance. */
export interface InstanceNotice {
  rqi: string;
  instance: Resource;
}

/** Everything that a subscriber was told, repeats included, in the order of arrival. */
export function noticesOf(subscriber: Device): InstanceNotice[] {
  return subscriber.questions.flatMap(({ rqi, pc }: Question) => {
    const notice = pc?.['m2m:sgn'] as Notice | undefined;
    const instance = notice?.nev?.rep?.['m2m:cin'];
    return instance === undefined ? [] : [{ rqi, instance }];
  });
}
