import type { Failpoint } from '../../platform/failpoints.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { Clock } from '../../ports/clock.ts';
import type { FlightOutcome, PartitionCommit, ResourceStore } from '../../ports/resource-store.ts';
import { partsToHoldBack } from './flight-plan.ts';

/** What a flight was for one of its partitions. */
export type CommitOutcome = { kind: 'committed' | 'fenced' | 'stale' } | { kind: 'unknown' | 'refused'; reason: Error };

interface Waiting {
  part: PartitionCommit;
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
  readonly #metrics: Metrics;
  readonly #failpoint: Failpoint;
  #waiting: Waiting[] = [];
  #isOut = false;

  constructor(store: ResourceStore, generation: number, clock: Clock, metrics: Metrics, failpoint: Failpoint) {
    this.#store = store;
    this.#generation = generation;
    this.#clock = clock;
    this.#metrics = metrics;
    this.#failpoint = failpoint;
  }

  /** Resolves when the flight with this part has landed, one way or the other. */
  commit(part: PartitionCommit): Promise<CommitOutcome> {
    return new Promise((settle) => {
      this.#waiting.push({ part, settle });
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
    this.#metrics.stageSeconds.observe((this.#clock.monotonic() - began) / 1000, 'commit');
    this.#metrics.batchSize.observe(flight.length, 'commit');
    await this.#tell(flight, outcome);
  }

  async #tell(flight: Waiting[], outcome: FlightOutcome): Promise<void> {
    switch (outcome.kind) {
      case 'committed':
        for (const { settle } of flight) settle({ kind: 'committed' });
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
