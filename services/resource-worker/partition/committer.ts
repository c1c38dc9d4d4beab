import type { Failpoint } from '../../platform/failpoints.ts';
import { asSampled } from '../../platform/trace-context.ts';
import type { Tracing } from '../../platform/tracing/tracing.ts';
import type { Clock } from '../../ports/clock.ts';
import type { CseUsage, FlightOutcome, PartitionCommit, ResourceStore } from '../../ports/resource-store.ts';
import { partsToHoldBack } from './flight-plan.ts';

/** What a flight was for one of its partitions. */
export type CommitOutcome =
  /** `usage`: what CSEs have now in the partition, where the part changed it. */
  | { kind: 'committed'; usage?: readonly CseUsage[] }
  | { kind: 'fenced' | 'stale' }
  | { kind: 'unknown' | 'refused'; reason: Error };

interface Waiting {
  part: PartitionCommit;
  /** Spans of its requests that are recorded. */
  sampled: readonly string[];
  settle(outcome: CommitOutcome): void;
}

/** Pause before a flight that met a lock is tried again, ms. */
const busyPause = 5;

/**
 * Commits of a worker are grouped (R11): one transaction is out at a time, and what became ready meanwhile, of whatever
 * partition, goes into the next one.
 */
export class Committer {
  readonly #store: ResourceStore;
  readonly #generation: number;
  readonly #clock: Clock;
  readonly #failpoint: Failpoint;
  readonly #tracing: Tracing;
  #waiting: Waiting[] = [];
  #isOut = false;

  constructor(store: ResourceStore, generation: number, clock: Clock, failpoint: Failpoint, tracing: Tracing) {
    this.#store = store;
    this.#generation = generation;
    this.#clock = clock;
    this.#failpoint = failpoint;
    this.#tracing = tracing;
  }

  /** Resolves when the flight with this part has landed, one way or the other. */
  commit(part: PartitionCommit, sampled: readonly string[] = []): Promise<CommitOutcome> {
    return new Promise((settle) => {
      this.#waiting.push({ part, sampled, settle });
      if (!this.#isOut) {
        this.#isOut = true;
        this.#clock.soon(() => void this.#fly());
      }
    });
  }

  async #fly(): Promise<void> {
    while (this.#waiting.length > 0) {
      const held = partsToHoldBack(this.#waiting.map(({ part }) => part));
      const flight = this.#waiting.filter(({ part }) => !held.has(part));
      this.#waiting = this.#waiting.filter(({ part }) => held.has(part));
      await this.#land(flight);
    }
    this.#isOut = false;
  }

  async #land(flight: Waiting[]): Promise<void> {
    const began = this.#clock.monotonic();
    this.#failpoint('begin');
    const sent = this.#store.commit(
      this.#generation,
      flight.map(({ part }) => part),
    );
    this.#failpoint('commit-sent');
    const outcome = await sent;
    if (outcome.kind === 'committed') this.#failpoint('commit-acked');
    if (flight.some(({ sampled }) => sampled.length > 0)) this.#trace(flight, began, outcome);
    await this.#tell(flight, outcome);
  }

  /** A flight is for requests of many traces: a trace of its own, linked to theirs. */
  #trace(flight: readonly Waiting[], began: number, { kind }: FlightOutcome): void {
    const { wallTime } = this.#tracing;
    this.#tracing.record({
      traceparent: asSampled(this.#tracing.begin()),
      parent: undefined,
      name: 'commit flight',
      kind: 'internal',
      began: wallTime(began),
      ended: wallTime(this.#clock.monotonic()),
      attributes: { 'in_cse.partitions': flight.length },
      links: flight.flatMap(({ sampled }) => sampled),
      error: kind === 'committed' ? undefined : kind,
    });
  }

  async #tell(flight: Waiting[], outcome: FlightOutcome): Promise<void> {
    switch (outcome.kind) {
      case 'committed':
        for (const { part, settle } of flight) settle(outcomeOfPart(outcome.usage, part.partition));
        return;
      case 'unknown':
        for (const { settle } of flight) settle(outcome);
        return;
      case 'busy':
        await new Promise<void>((resume) => this.#clock.after(busyPause, resume));
        return this.#land(flight);
      case 'fenced':
      case 'stale': {
        const named = new Set(outcome.partitions);
        // The others go again without them, before anything that became ready later.
        this.#waiting.unshift(...flight.filter(({ part }) => !named.has(part.partition)));
        for (const { part, settle } of flight) if (named.has(part.partition)) settle({ kind: outcome.kind });
        return;
      }
      case 'refused':
        // Which part the database did not like shows when each flies alone (R12).
        if (flight.length === 1) for (const { settle } of flight) settle(outcome);
        else for (const waiting of flight) await this.#land([waiting]);
        return;
    }
  }
}

function outcomeOfPart(
  usage: readonly (CseUsage & { partition: number })[] | undefined,
  partition: number,
): CommitOutcome {
  if (usage === undefined) return { kind: 'committed' };
  return { kind: 'committed', usage: usage.filter((each) => each.partition === partition) };
}
