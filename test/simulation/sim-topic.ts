/** One topic of the simulated log: partitions with gaps in their offsets, as transaction markers leave them. */
import type { LogRecord } from '../../services/ports/request-log.ts';
import { ConsumerGroup } from './sim-group.ts';
import type { World } from './world.ts';

/** Weather of the log, changed by the plan of faults. */
export interface LogWeather {
  /** Nothing gets through while this holds. */
  isAway: boolean;
  /** Probability that a request, or the response to one, is lost. */
  loss: number;
  /** Probability that an append that was given up still arrives, much later. */
  ghosts: number;
  /** Probability that a revocation is noticed late. */
  lateRevocation: number;
}

export class SimTopic {
  readonly world: World;
  readonly name: string;
  readonly partitions: readonly SimPartition[];
  readonly weather: LogWeather;
  readonly #groups = new Map<string, ConsumerGroup>();

  constructor(world: World, name: string, partitions: number, weather: LogWeather) {
    this.world = world;
    this.name = name;
    this.weather = weather;
    this.partitions = Array.from({ length: partitions }, () => new SimPartition(world));
  }

  partition(number: number): SimPartition {
    const partition = this.partitions[number];
    if (partition === undefined) throw new Error(`${this.name} has no partition ${number}`);
    return partition;
  }

  group(name: string): ConsumerGroup {
    let group = this.#groups.get(name);
    if (group === undefined) {
      group = new ConsumerGroup(this, name);
      this.#groups.set(name, group);
    }
    return group;
  }

  groups(): Iterable<ConsumerGroup> {
    return this.#groups.values();
  }
}

export class SimPartition {
  readonly records: LogRecord[] = [];
  end = 0;
  readonly #world: World;
  readonly #watchers = new Set<() => void>();

  constructor(world: World) {
    this.#world = world;
  }

  append(value: Buffer): void {
    if (this.#world.random.chance(0.02)) this.end += this.#world.random.whole(1, 2);
    this.records.push({ offset: this.end, appendedAt: Math.floor(this.#world.now), value });
    this.end++;
    for (const tell of this.#watchers) tell();
  }

  /** Records from an offset on. */
  read(offset: number, limit: number): LogRecord[] {
    let low = 0;
    let high = this.records.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.records[middle] as LogRecord).offset < offset) low = middle + 1;
      else high = middle;
    }
    return this.records.slice(low, low + limit);
  }

  watch(tell: () => void): () => void {
    this.#watchers.add(tell);
    return () => this.#watchers.delete(tell);
  }
}
