/** The processes of a simulated deployment: the real flows over simulated parts, started again whenever they die. */
import { decodeBatch } from '../../services/codecs/ingress-batch.ts';
import { encodeBatch } from '../../services/codecs/responder-batch.ts';
import type { IngressCodec } from '../../services/ingress/codec.ts';
import { createIngress } from '../../services/ingress/ingress.ts';
import type { Log } from '../../services/platform/logging.ts';
import { createMetrics, type Metrics } from '../../services/platform/metrics.ts';
import { createUntraced } from '../../services/platform/tracing/tracing.ts';
import type { WorkerSettings } from '../../services/resource-worker/parts.ts';
import { createResourceWorker } from '../../services/resource-worker/resource-worker.ts';
import { createResponder } from '../../services/responder/responder.ts';
import { Life } from './life.ts';
import type { Random } from './random.ts';
import type { Sabotage } from './sabotage.ts';
import type { SimBroker } from './sim-broker.ts';
import { type SimCacheServer, simCache } from './sim-cache.ts';
import { simChance, simClock, simTraces } from './sim-clock.ts';
import { type SimLink, simLink } from './sim-link.ts';
import { simLog } from './sim-log.ts';
import { type SimDatabase, simStore } from './sim-store.ts';
import type { SimTopic } from './sim-topic.ts';
import type { World } from './world.ts';

export interface Deployed {
  world: World;
  broker: SimBroker;
  database: SimDatabase;
  cache: SimCacheServer;
  requests: SimTopic;
  outbound: SimTopic;
  deadLetters: SimTopic;
  workerSettings: WorkerSettings;
  sabotage: Sabotage;
}

export type Kind = 'ingress' | 'worker' | 'responder';

/** One process over all its lives. */
export class Process {
  readonly kind: Kind;
  readonly name: string;
  life: Life;
  /** Its link to the broker in this life. */
  link: SimLink | undefined;
  readonly #deployed: Deployed;
  readonly #skew: number;
  #lives = 0;

  constructor(kind: Kind, ordinal: number, deployed: Deployed) {
    this.kind = kind;
    this.name = `${kind}${ordinal}`;
    this.#deployed = deployed;
    this.#skew = Math.floor(deployed.world.random.between(-80, 80));
    this.life = new Life(deployed.world, this.name);
    this.life.alive = false;
  }

  start(): void {
    const { world } = this.#deployed;
    const life = new Life(world, `${this.name}.${++this.#lives}`);
    this.life = life;
    life.onDeath(() => world.after(world.random.between(50, 4000), `${this.name} starts again`, () => this.start()));
    world.trace(`★ ${life.name}`);
    // What fails to start ends, and is started again.
    this.#begin(life).catch((error: unknown) => {
      world.trace(`${life.name} cannot start: ${String(error)}`);
      life.die();
    });
  }

  #begin(life: Life): Promise<void> {
    switch (this.kind) {
      case 'ingress':
        return this.#ingress(life);
      case 'worker':
        return this.#worker(life);
      case 'responder':
        return this.#responder(life);
    }
  }

  #common(life: Life) {
    const { world } = this.#deployed;
    return {
      clock: simClock(life, this.#skew),
      metrics: silentMetrics,
      tracing: createUntraced(simTraces()),
      log: traceLog(world, life),
      failpoint: () => {},
      failed: (reason: Error) => {
        world.trace(`${life.name} cannot go on: ${reason.message}`);
        life.die();
      },
    };
  }

  async #ingress(life: Life): Promise<void> {
    const { world, broker, database, cache, requests, sabotage } = this.#deployed;
    const link = simLink(life, broker, this.name);
    this.link = link;
    const { cses } = simStore(life, database);
    await createIngress({
      ...this.#common(life),
      links: [sabotage.link?.(link) ?? link],
      requests: simLog(life, requests),
      cache: simCache(life, cache),
      codec: slowCodec(life, world.random),
      cses,
      settings: {
        shareGroup: 'in-cse',
        topicPrefix: '',
        maximumUnacknowledged: 100,
        inFlightLimit: 50,
        overloadAge: 5000,
        recordBytes: 100_000,
        decodeBatch: 8,
        codecThreads: 2,
        cseRefresh: 60_000,
        homesKept: 100,
        homeLifetime: 2000,
        payloadBytes: 262_144,
        originatorRate: 0,
        originatorBurst: 0,
        originatorInFlight: 0,
        answerRate: 0,
        cseInFlight: 0,
        originatorsKept: 1000,
      },
    }).start();
  }

  async #worker(life: Life): Promise<void> {
    const { world, database, cache, requests, outbound, deadLetters, sabotage, workerSettings } = this.#deployed;
    const store = simStore(life, database, sabotage.commits?.(database));
    const common = this.#common(life);
    const log = simLog(life, requests);
    await createResourceWorker({
      ...common,
      clock: sabotage.workerClock?.(common.clock) ?? common.clock,
      deployment: await database.truth.deployment(),
      store: sabotage.store?.(store) ?? store,
      requests: await log.consumer({ group: 'workers' }),
      producers: {
        requests: await log.producer(),
        outbound: await simLog(life, outbound).producer(),
        deadLetters: await simLog(life, deadLetters).producer(),
      },
      cache: simCache(life, cache),
      cses: store.cses,
      chance: simChance(life),
      settings: { ...workerSettings, batchRecords: world.random.pick([1, 3, 8, 50]) },
    }).start();
  }

  async #responder(life: Life): Promise<void> {
    const { world, broker, requests, outbound, deadLetters } = this.#deployed;
    const link = simLink(life, broker, this.name);
    await createResponder({
      ...this.#common(life),
      outbound: simLog(life, outbound),
      requests: simLog(life, requests),
      deadLetters: simLog(life, deadLetters),
      codec: { encode: async (batch) => encodeBatch(batch) },
      publisherFor: () => link.publisher(),
      brokers: ['default'],
      settings: {
        group: 'responders',
        publishesInFlight: world.random.pick([1, 4, 64]),
        queuedPerPartition: 20,
        encodeBatch: 4,
        foreignTimeLimit: 1000,
        foreignIdle: 10_000,
      },
    }).start();
  }
}

/** Codec threads that finish in any order. */
function slowCodec(life: Life, random: Random): IngressCodec {
  return {
    decode(batch) {
      const primitives = decodeBatch(batch);
      return new Promise((resolve) => {
        life.after(random.between(0.05, 3), `${life.name} has decoded`, () => resolve(primitives));
      });
    },
    encodeText: async (json) => json,
  };
}

/** Lines of a process, in the trace; what only a defect can bring about ends the history. */
function traceLog(world: World, life: Life): Log {
  const line = (level: string) => (fields: object, message: string) => {
    if (!life.alive) return;
    if (world.isTraced) world.trace(`  ${life.name} ${level}: ${message} ${describe(fields)}`);
    if (level === 'error' || level === 'fatal') {
      world.broken ??= new Error(`${life.name} ${level}: ${message} ${describe(fields)}`);
    }
  };
  const log: Log = {
    debug: () => {},
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    fatal: line('fatal'),
    child: () => log,
  };
  return log;
}

function describe(fields: object): string {
  return JSON.stringify(fields, (_name, value: unknown) =>
    value instanceof Error ? `${value.message} ${(value.stack ?? '').split('\n').slice(1, 4).join(' | ')}` : value,
  );
}

const silentMetrics: Metrics = silence(createMetrics());

/** Nothing is counted, and nobody scrapes. */
function silence(metrics: Metrics): Metrics {
  const silent = { add() {}, set() {}, remove() {}, observe() {} };
  const instruments = Object.keys(metrics).map((name) => [name, silent]);
  return { ...Object.fromEntries(instruments), registry: metrics.registry, beforeScrape: () => () => {} } as Metrics;
}
