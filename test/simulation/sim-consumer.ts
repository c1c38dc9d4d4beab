/** A member of a consumer group. */
import type { FetchedBatch, LogConsumer, LogConsumerHandlers } from '../../services/ports/request-log.ts';
import { type Life, never } from './life.ts';
import type { ConsumerGroup } from './sim-group.ts';
import type { SimTopic } from './sim-topic.ts';
import { Pipe } from './world.ts';

/** Where the fetching of a partition stands. */
interface Fetching {
  partition: number;
  /** Undefined until `begin`. */
  cursor: number | undefined;
  /** Counts the calls of `begin`: what was fetched before one may still come. */
  epoch: number;
  isPaused: boolean;
  isOut: boolean;
  unwatch(): void;
}

export class SimConsumer implements LogConsumer {
  readonly life: Life;
  readonly #topic: SimTopic;
  readonly #group: ConsumerGroup;
  readonly #fromCommitted: boolean;
  readonly #pipe: Pipe;
  readonly #held = new Map<number, Fetching>();
  #handlers: LogConsumerHandlers | undefined;
  #isStopped = false;

  constructor(life: Life, topic: SimTopic, group: ConsumerGroup, fromCommitted: boolean) {
    this.life = life;
    this.#topic = topic;
    this.#group = group;
    this.#fromCommitted = fromCommitted;
    this.#pipe = new Pipe(life.world);
  }

  start(handlers: LogConsumerHandlers): Promise<void> {
    if (!this.life.touch()) return never();
    this.#handlers = handlers;
    const { world } = this.life;
    this.life.onDeath(() => this.#group.silent(this));
    this.life.onPause(() => this.#group.silent(this));
    this.life.onWake(() => this.#noticeLater());
    return new Promise((resolve) => {
      this.life.after(world.random.between(1, 20), `${this.life.name} joins`, () => {
        this.#group.join(this);
        resolve();
      });
    });
  }

  begin(partition: number, offset: number): void {
    if (!this.life.touch()) return;
    const fetching = this.#held.get(partition);
    if (fetching === undefined) return;
    const { end } = this.#topic.partition(partition);
    // What is out of range is met at the start of the log, silently, as with KafkaJS.
    fetching.cursor = offset > end || offset < 0 ? 0 : offset;
    fetching.epoch++;
    fetching.isOut = false;
    this.#fetch(fetching);
  }

  pause(partition: number): void {
    const fetching = this.#held.get(partition);
    if (this.life.touch() && fetching !== undefined) fetching.isPaused = true;
  }

  resume(partition: number): void {
    const fetching = this.#held.get(partition);
    if (!this.life.touch() || fetching === undefined) return;
    fetching.isPaused = false;
    this.#fetch(fetching);
  }

  bounds(partition: number): Promise<{ start: number; end: number }> {
    if (!this.life.touch()) return never();
    const { world } = this.life;
    const { weather } = this.#topic;
    return new Promise((resolve, reject) => {
      world.after(world.random.between(0.2, 2), `${this.life.name} asks bounds`, () => {
        const bounds = { start: 0, end: this.#topic.partition(partition).end };
        this.life.after(world.random.between(0.2, 2), `${this.life.name} learns bounds`, () => {
          if (weather.isAway || world.random.chance(weather.loss)) reject(new Error('the log did not answer'));
          else resolve(bounds);
        });
      });
    });
  }

  done(partition: number, offset: number): void {
    if (!this.life.touch()) return;
    const { world } = this.life;
    if (this.#topic.weather.isAway || world.random.chance(this.#topic.weather.loss)) return;
    world.after(
      this.#pipe.delay(world.random.between(0.2, 30)),
      `${this.life.name} commits ${offset} of ${partition}`,
      () => this.#group.commit(this, partition, offset),
    );
  }

  async stop(): Promise<void> {
    if (!this.life.touch()) return never();
    this.#isStopped = true;
    this.keepOnly([]);
    this.#group.remove(this);
  }

  /** The group takes away all but these. */
  keepOnly(partitions: readonly number[]): void {
    const lost = [...this.#held.keys()].filter((partition) => !partitions.includes(partition));
    for (const partition of lost) {
      const fetching = this.#held.get(partition);
      fetching?.unwatch();
      if (fetching !== undefined) fetching.epoch++;
      this.#held.delete(partition);
    }
    if (lost.length === 0 || this.#isStopped) return;
    this.life.world.trace(`${this.life.name} loses ${this.#topic.name} ${lost}`);
    this.#handlers?.revoked(lost);
  }

  /** The group gives these. */
  hold(partitions: readonly number[]): void {
    if (this.#isStopped) return;
    const gained = partitions.filter((partition) => !this.#held.has(partition));
    for (const partition of gained) {
      const fetching: Fetching = {
        partition,
        cursor: undefined,
        epoch: 0,
        isPaused: false,
        isOut: false,
        unwatch() {},
      };
      fetching.unwatch = this.#topic.partition(partition).watch(() => this.#fetch(fetching));
      this.#held.set(partition, fetching);
    }
    if (gained.length === 0) return;
    this.life.world.trace(`${this.life.name} gets ${this.#topic.name} ${gained}`);
    this.#handlers?.assigned(gained);
    if (this.#fromCommitted) {
      const { world } = this.life;
      for (const partition of gained) {
        const fetching = this.#held.get(partition);
        this.life.after(world.random.between(0.5, 5), `${this.life.name} begins where committed`, () => {
          if (fetching?.cursor === undefined && this.#held.get(partition) === fetching) {
            this.begin(partition, this.#group.committed[partition] ?? 0);
          }
        });
      }
    }
  }

  /** After a pause the first heartbeat tells whether the group went on without it. */
  #noticeLater(): void {
    const { world } = this.life;
    this.life.after(world.random.between(0, 1500), `${this.life.name} beats`, () => {
      if (this.#isStopped || this.#group.has(this)) return;
      this.keepOnly([]);
      this.#group.join(this);
    });
  }

  #fetch(fetching: Fetching): void {
    const { partition, cursor, epoch } = fetching;
    const source = this.#topic.partition(partition);
    if (fetching.isOut || fetching.isPaused || cursor === undefined || this.#isStopped) return;
    if (!this.life.alive || cursor >= source.end) return;
    const { world } = this.life;
    fetching.isOut = true;
    const isMine = () => fetching.epoch === epoch && this.#held.get(partition) === fetching;
    world.after(world.random.between(0.1, 3), `${this.life.name} fetches ${this.#topic.name}/${partition}`, () => {
      if (this.#topic.weather.isAway) {
        this.life.after(300, `${this.life.name} fetches again`, () => {
          if (!isMine()) return;
          fetching.isOut = false;
          this.#fetch(fetching);
        });
        return;
      }
      const records = source.read(cursor, world.random.whole(1, 12));
      const last = records.at(-1);
      const nextOffset = last === undefined ? source.end : last.offset + 1;
      this.life.after(world.random.between(0.1, 2), `${this.life.name} takes ${this.#topic.name}/${partition}`, () =>
        this.#take(fetching, isMine(), { partition, fetchedOffset: cursor, nextOffset, records }),
      );
    });
  }

  /** What was fetched before a later `begin` comes all the same, now and then. */
  #take(fetching: Fetching, isCurrent: boolean, batch: FetchedBatch): void {
    if (this.#isStopped) return;
    const isLate = !isCurrent && this.#held.has(batch.partition) && this.life.world.random.chance(0.5);
    if (isCurrent) {
      fetching.cursor = batch.nextOffset;
      fetching.isOut = false;
    }
    if ((isCurrent || isLate) && batch.records.length > 0) this.#handlers?.batch(batch);
    if (isCurrent) this.#fetch(fetching);
  }
}
