/**
 * Simulated time: a heap of events, of which one at a time fires; everything that it sets free in promises settles before the
 * next. Events of the same moment fire in random order. The same seed gives the same history.
 */
import { Random } from './random.ts';

interface Planned {
  at: number;
  order: number;
  label: string;
  run: (() => void) | undefined;
}

/** Where simulated time begins, ms since 1970. */
export const beginning = Date.UTC(2026, 0, 1);

/** Turns of the event loop ordered at a time. */
const turnsAtOnce = 64;

export type Ending = 'done' | 'idle' | 'late';

export class World {
  now = beginning;
  readonly random: Random;
  /** Events fired so far. */
  fired = 0;
  /** Set by whoever sees something that must not be: the run ends at once. */
  broken: Error | undefined;
  #heap: Planned[] = [];
  #tracer: ((line: string) => void) | undefined;

  constructor(seed: number, tracer?: (line: string) => void) {
    this.random = new Random(seed);
    this.#tracer = tracer;
  }

  /** Fires once after `ms`; the returned function cancels. */
  after(ms: number, label: string, run: () => void): () => void {
    const planned: Planned = { at: this.now + Math.max(0, ms), order: this.random.bits(), label, run };
    this.#push(planned);
    return () => {
      planned.run = undefined;
    };
  }

  get isTraced(): boolean {
    return this.#tracer !== undefined;
  }

  trace(text: string): void {
    this.#tracer?.(`${(this.now - beginning).toFixed(2).padStart(10)} ${text}`);
  }

  /** Runs until `done` holds, nothing is planned any more, or simulated time has passed `limit` (ms since 1970). */
  run(done: () => boolean, limit: number): Promise<Ending> {
    return new Promise((resolve, reject) => {
      let isOver = false;
      const finish = (ending: Ending | Error) => {
        isOver = true;
        if (ending instanceof Error) reject(ending);
        else resolve(ending);
      };
      const turn = () => {
        if (isOver) return;
        try {
          if (this.broken !== undefined) return finish(this.broken);
          if (done()) return finish('done');
          const event = this.#pop();
          if (event === undefined) return finish('idle');
          if (event.at > limit) {
            this.#push(event);
            this.now = limit;
            return finish('late');
          }
          this.now = event.at;
          this.fired++;
          if (this.#tracer !== undefined) this.trace(`· ${event.label}`);
          event.run?.();
        } catch (error) {
          finish(error instanceof Error ? error : new Error(String(error)));
        }
      };
      // Promises settle between two immediates, as between two turns of the event loop.
      const pump = () => {
        if (isOver) return;
        for (let ordered = 0; ordered < turnsAtOnce; ordered++) setImmediate(turn);
        setImmediate(pump);
      };
      pump();
    });
  }

  #push(planned: Planned): void {
    const heap = this.#heap;
    let at = heap.push(planned) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above] as Planned;
      if (!isBefore(planned, parent)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = planned;
  }

  /** The next event that was not cancelled. */
  #pop(): Planned | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined) return undefined;
      const last = this.#heap.pop() as Planned;
      if (this.#heap.length > 0) this.#sink(last);
      if (first.run !== undefined) return first;
    }
  }

  #sink(planned: Planned): void {
    const heap = this.#heap;
    let at = 0;
    for (;;) {
      let below = at * 2 + 1;
      if (below >= heap.length) break;
      const right = below + 1;
      if (right < heap.length && isBefore(heap[right] as Planned, heap[below] as Planned)) below = right;
      if (!isBefore(heap[below] as Planned, planned)) break;
      heap[at] = heap[below] as Planned;
      at = below;
    }
    heap[at] = planned;
  }
}

function isBefore(one: Planned, other: Planned): boolean {
  return one.at < other.at || (one.at === other.at && one.order < other.order);
}

/** A way on which nothing overtakes: what is sent later arrives later. */
export class Pipe {
  readonly #world: World;
  #last = 0;

  constructor(world: World) {
    this.#world = world;
  }

  /** Delay to use for something sent now that would take `ms`. */
  delay(ms: number): number {
    const at = Math.max(this.#world.now + ms, this.#last + 1e-3);
    this.#last = at;
    return at - this.#world.now;
  }
}
