/**
 * A consumer group: partitions move when members come, go, or are silent for longer than the session. Who was silent learns
 * of it late, and goes on as before until then.
 */
import type { SimConsumer } from './sim-consumer.ts';
import type { SimTopic } from './sim-topic.ts';

/** ms of silence after which a member is out. */
const sessionTimeout = 3000;

export class ConsumerGroup {
  readonly topic: SimTopic;
  readonly name: string;
  /** Committed offsets. */
  readonly committed: number[];
  readonly #owners: (SimConsumer | undefined)[];
  #members: SimConsumer[] = [];
  #generation = 0;
  #isPlanned = false;

  constructor(topic: SimTopic, name: string) {
    this.topic = topic;
    this.name = name;
    this.committed = topic.partitions.map(() => 0);
    this.#owners = topic.partitions.map(() => undefined);
  }

  join(member: SimConsumer): void {
    if (!this.#members.includes(member)) this.#members.push(member);
    this.#plan();
  }

  /** It left, or was silent for too long. */
  remove(member: SimConsumer): void {
    if (!this.#members.includes(member)) return;
    this.#members = this.#members.filter((other) => other !== member);
    this.topic.world.trace(`${this.name} goes on without ${member.life.name}`);
    this.#plan();
  }

  has(member: SimConsumer): boolean {
    return this.#members.includes(member);
  }

  /** No sign of life from now on. */
  silent(member: SimConsumer): void {
    const { world } = this.topic;
    world.after(sessionTimeout, `${this.name} misses ${member.life.name}`, () => {
      if (!member.life.alive || member.life.isPaused) this.remove(member);
    });
  }

  /** Only the member that the group knows as owner commits. */
  commit(member: SimConsumer, partition: number, offset: number): void {
    if (this.#owners[partition] === member) this.committed[partition] = offset;
  }

  /** A rebalance without a cause, as after a change of the coordinator. */
  shake(): void {
    if (this.#members.length > 0) this.#plan();
  }

  #plan(): void {
    if (this.#isPlanned) return;
    this.#isPlanned = true;
    const { world } = this.topic;
    world.after(world.random.between(5, 200), `${this.name} rebalances`, () => {
      this.#isPlanned = false;
      this.#rebalance();
    });
  }

  #rebalance(): void {
    const { world, weather } = this.topic;
    const { random } = world;
    const generation = ++this.#generation;
    const members = random.shuffled(this.#members);
    const partitions = this.topic.partitions.map((_, partition) => partition);
    const sticks = random.chance(0.5);
    const targets = new Map<SimConsumer, number[]>(members.map((member) => [member, []]));
    random.shuffled(partitions).forEach((partition, index) => {
      const before = this.#owners[partition];
      const owner = sticks && before !== undefined && targets.has(before) ? before : members[index % members.length];
      this.#owners[partition] = owner;
      if (owner !== undefined) targets.get(owner)?.push(partition);
    });
    let barrier = 1;
    const delays = members.map((member) => {
      const late = random.chance(weather.lateRevocation);
      const delay = late ? random.between(100, 4000) : random.between(1, 40);
      if (!late) barrier = Math.max(barrier, delay);
      return { member, delay };
    });
    for (const { member, delay } of delays) {
      const target = targets.get(member) ?? [];
      const stillHolds = () => generation === this.#generation;
      const revoke = random.chance(0.4);
      member.life.after(delay, `${this.name} takes from ${member.life.name}`, () => {
        if (stillHolds()) member.keepOnly(revoke ? [] : target);
      });
      member.life.after(
        Math.max(barrier, delay) + random.between(0.1, 10),
        `${this.name} gives to ${member.life.name}`,
        () => {
          if (stillHolds()) member.hold(target);
        },
      );
    }
  }
}
