/**
 * The life of one simulated process. It may die at any call of a port: then nothing that it waits for ever comes back, and
 * nothing that it does has an effect, but what it had handed to others may still arrive. It may also stand still for a while
 * and wake up as a zombie that believes what it knew before.
 */
import type { World } from './world.ts';

export class Life {
  readonly world: World;
  readonly name: string;
  alive = true;
  /** Calls of ports until it dies. */
  #callsLeft: number | undefined;
  #pausedUntil = 0;
  #deferred: { label: string; run: () => void }[] = [];
  readonly #deathWatch: (() => void)[] = [];
  readonly #pauseWatch: (() => void)[] = [];
  readonly #wakeWatch: (() => void)[] = [];

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
  }

  /** True if the effect of a call takes place. */
  touch(): boolean {
    if (!this.alive) return false;
    if (this.#callsLeft === undefined || --this.#callsLeft > 0) return true;
    const comesThrough = this.world.random.chance(0.5);
    this.die();
    return comesThrough;
  }

  /** Something that reaches the process: never if it is dead by then, later if it stands still. */
  after(ms: number, label: string, run: () => void): () => void {
    let cancelled = false;
    const meet = () => {
      if (cancelled || !this.alive) return;
      if (this.isPaused) this.#deferred.push({ label, run: meet });
      else run();
    };
    const cancel = this.world.after(ms, label, meet);
    return () => {
      cancelled = true;
      cancel();
    };
  }

  get isPaused(): boolean {
    return this.#pausedUntil > this.world.now;
  }

  /** Dies at the n-th call of a port from now. */
  dieAtCall(calls: number): void {
    this.#callsLeft = calls;
  }

  die(): void {
    if (!this.alive) return;
    this.alive = false;
    this.#deferred = [];
    this.world.trace(`✝ ${this.name}`);
    for (const tell of this.#deathWatch.splice(0)) tell();
  }

  pause(ms: number): void {
    if (!this.alive || this.isPaused) return;
    this.#pausedUntil = this.world.now + ms;
    this.world.trace(`⏸ ${this.name} for ${ms.toFixed(0)}`);
    for (const tell of this.#pauseWatch) tell();
    this.world.after(ms, `${this.name} wakes`, () => this.#wake());
  }

  #wake(): void {
    if (!this.alive) return;
    const deferred = this.#deferred;
    this.#deferred = [];
    for (const tell of this.#wakeWatch) tell();
    // In the order in which they would have come.
    for (const [index, { label, run }] of deferred.entries()) this.world.after((index + 1) * 1e-3, label, run);
  }

  onDeath(tell: () => void): void {
    this.#deathWatch.push(tell);
  }

  onPause(tell: () => void): void {
    this.#pauseWatch.push(tell);
  }

  onWake(tell: () => void): void {
    this.#wakeWatch.push(tell);
  }
}

/** Never comes back: the answer to a call of a dead process. */
export function never<Value>(): Promise<Value> {
  return new Promise(() => {});
}
