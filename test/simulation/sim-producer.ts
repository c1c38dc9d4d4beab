/** A producer of one process: one request out at a time, its retries included; a repeated one may stand in the log twice. */
import type { Append, LogProducer } from '../../services/ports/request-log.ts';
import { type Life, never } from './life.ts';
import type { SimTopic } from './sim-topic.ts';

/** ms after which a request counts as lost. */
const requestTimeout = 400;

interface Batch {
  records: Append[];
  resolve(): void;
}

export class SimProducer implements LogProducer {
  readonly #life: Life;
  readonly #topic: SimTopic;
  #waiting: Batch[] = [];
  #out: Batch[] | undefined;
  /** After a death only the beginning of what was on its way still arrives. */
  #cutOff = false;

  constructor(life: Life, topic: SimTopic) {
    this.#life = life;
    this.#topic = topic;
  }

  append(records: Append[]): Promise<void> {
    if (!this.#life.touch()) return never();
    if (records.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push({ records, resolve });
      if (this.#out === undefined) this.#next();
    });
  }

  pending(): { records: number; bytes: number } {
    const all = [...(this.#out ?? []), ...this.#waiting].flatMap(({ records }) => records);
    return { records: all.length, bytes: all.reduce((sum, { value }) => sum + value.length, 0) };
  }

  async close(): Promise<void> {}

  #next(): void {
    const { random } = this.#life.world;
    if (this.#waiting.length === 0) {
      this.#out = undefined;
      return;
    }
    const count = random.chance(0.2) ? random.whole(1, this.#waiting.length) : this.#waiting.length;
    this.#out = this.#waiting.splice(0, count);
    this.#send(this.#out, 1);
  }

  #send(batches: Batch[], attempt: number): void {
    const { world } = this.#life;
    const { random } = world;
    const { weather, name } = this.#topic;
    const records = batches
      .flatMap((batch) => batch.records)
      .map((record) => ({
        partition: record.partition,
        value: attempt === 1 ? record.value : (renewed(record) ?? record.value),
      }));
    const again = () =>
      this.#life.after(requestTimeout, `${this.#life.name} repeats to ${name}`, () => this.#send(batches, attempt + 1));
    if (weather.isAway || random.chance(weather.loss)) {
      if (random.chance(weather.ghosts)) {
        world.after(random.between(1000, 6000), `${this.#life.name} ghost into ${name}`, () =>
          this.#store(records, false),
        );
      }
      again();
      return;
    }
    world.after(random.between(0.3, 4), `${this.#life.name} into ${name}`, () => {
      const isWhole = this.#store(records, random.chance(weather.loss));
      if (!isWhole || random.chance(weather.loss)) again();
      else {
        this.#life.after(random.between(0.2, 2), `${name} acknowledges ${this.#life.name}`, () => {
          for (const { resolve } of batches) resolve();
          this.#next();
        });
      }
    });
  }

  /** Records of one partition stay together; `isPartial`: some partitions did not take theirs. */
  #store(records: { partition: number; value: Buffer }[], isPartial: boolean): boolean {
    const { random } = this.#life.world;
    if (!this.#life.alive && (this.#cutOff || random.chance(0.5))) {
      this.#cutOff = true;
      return false;
    }
    const left = new Set<number>();
    if (isPartial) for (const { partition } of records) if (random.chance(0.5)) left.add(partition);
    for (const { partition, value } of records) {
      if (!left.has(partition)) this.#topic.partition(partition).append(value);
    }
    return left.size === 0;
  }
}

function renewed({ renewed: again }: Append): Buffer | undefined {
  return again?.();
}
