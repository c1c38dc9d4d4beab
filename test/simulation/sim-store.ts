/** The database as one simulated process has it: the memory store behind delays, outages, locks and lost answers. */
import type { MemoryResourceStore } from '../../services/adapters/memory/resource-store.ts';
import type { FlightOutcome, PartitionCommit, ResourceStore } from '../../services/ports/resource-store.ts';
import { type Life, never } from './life.ts';
import type { World } from './world.ts';

/** Weather of the database, changed by the plan of faults. */
export interface StoreWeather {
  /** Reads are rejected, and commits have an unknown outcome. */
  isAway: boolean;
  /** Probabilities for a commit: a lock is met, the outcome stays unknown, the answer takes seconds. */
  busy: number;
  unknown: number;
  slow: number;
  /** Probability that a read is rejected. */
  loss: number;
}

export interface SimDatabase {
  world: World;
  truth: MemoryResourceStore;
  weather: StoreWeather;
  generation: number;
  /** What has been committed, as it happens. */
  committed(parts: readonly PartitionCommit[]): void;
}

/** What a test takes away from the store, to see that somebody notices. */
export type StoreSabotage = (parts: PartitionCommit[]) => Promise<PartitionCommit[]>;

export function simStore(life: Life, database: SimDatabase, sabotage?: StoreSabotage): ResourceStore {
  const { world, truth, weather } = database;
  const { random } = world;

  function read<Result>(label: string, ask: () => Promise<Result>): Promise<Result> {
    if (!life.touch()) return never();
    return new Promise((resolve, reject) => {
      world.after(random.between(0.2, 2), `${life.name} asks ${label}`, () => {
        if (weather.isAway || random.chance(weather.loss)) {
          life.after(random.between(1, 60), `${label} fails`, () => reject(new Error('the database is away')));
          return;
        }
        // A process that is gone cannot read.
        if (!life.alive) return;
        ask().then(
          (result) => life.after(random.between(0.2, 2), `${life.name} learns ${label}`, () => resolve(result)),
          (error: unknown) => {
            world.broken ??= new Error(`${label}: ${String(error)}`, { cause: error });
          },
        );
      });
    });
  }

  async function land(parts: PartitionCommit[]): Promise<FlightOutcome> {
    const flown = sabotage === undefined ? parts : await sabotage(parts);
    const outcome = await truth.commit(database.generation, flown);
    if (world.isTraced) {
      const what = parts.map(({ partition, version, first, next }) => `${partition}:v${version + 1}[${first},${next})`);
      world.trace(`  ${life.name} commits ${what.join(' ')} → ${outcome.kind}`);
    }
    if (outcome.kind === 'refused')
      world.broken ??= new Error(`refused: ${outcome.reason.message}`, { cause: outcome.reason });
    if (outcome.kind === 'committed') database.committed(flown);
    return outcome;
  }

  function commit(_generation: number, parts: PartitionCommit[]): Promise<FlightOutcome> {
    if (!life.touch()) return never();
    return new Promise((resolve) => {
      const answer = (ms: number, outcome: FlightOutcome) =>
        life.after(ms, `${life.name} learns ${outcome.kind}`, () => resolve(outcome));
      const unknown: FlightOutcome = { kind: 'unknown', reason: new Error('the connection was lost') };
      const travel = random.chance(weather.slow) ? random.between(500, 6000) : random.between(0.3, 3);
      if (weather.isAway || random.chance(weather.unknown)) {
        // Never arrived, arrived before or after its sender gave up.
        const arrival = random.pick([undefined, travel, random.between(100, 4000)]);
        if (arrival !== undefined) world.after(arrival, `${life.name} commits unheard`, () => void land(parts));
        answer(random.between(5, 400), unknown);
        return;
      }
      world.after(travel, `${life.name} commits`, () => {
        if (!life.alive && random.chance(0.5)) return;
        if (random.chance(weather.busy)) answer(random.between(0.2, 50), { kind: 'busy' });
        else void land(parts).then((outcome) => answer(random.between(0.2, 3), outcome));
      });
    });
  }

  return {
    deployment: () => read('deployment', () => truth.deployment()),
    cses: () => read('cses', () => truth.cses()),
    putCse: (cse) => read('putCse', () => truth.putCse(cse)),
    readFence: (...of) => read('fence', () => truth.readFence(...of)),
    readWindow: (...of) => read('window', () => truth.readWindow(...of)),
    readUnemitted: (...of) => read('unemitted', () => truth.readUnemitted(...of)),
    readOut: (...of) => read('out', () => truth.readOut(...of)),
    findKey: (...of) => read('key', () => truth.findKey(...of)),
    fences: (...of) => read('fences', () => truth.fences(...of)),
    findInJournal: (...of) => read('found in the journal', () => truth.findInJournal(...of)),
    readSeen: (...of) => read('seen', () => truth.readSeen(...of)),
    load: (needs) => read('facts', () => truth.load(needs)),
    versions: (rows) => read('versions', () => truth.versions(rows)),
    due: (...of) => read('due', () => truth.due(...of)),
    nextDue: (...of) => read('next due', () => truth.nextDue(...of)),
    sweep: (...of) => read('sweep', () => truth.sweep(...of)),
    deliveries: (...of) => read('deliveries', () => truth.deliveries(...of)),
    exchanges: (...of) => read('exchanges', () => truth.exchanges(...of)),
    usage: (...of) => read('usage', () => truth.usage(...of)),
    usageOfPartition: (...of) => read('usage of a partition', () => truth.usageOfPartition(...of)),
    recountUsage: () => read('recounted usage', () => truth.recountUsage()),
    repairUsage: () => read('repaired usage', () => truth.repairUsage()),
    commit,
    maintain: (...of) => read('maintain', () => truth.maintain(...of)),
    ping: () => read('ping', () => truth.ping()),
    close: async () => {},
  };
}
