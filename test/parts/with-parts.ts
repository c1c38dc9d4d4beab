/** Real parts for a test file: started when first asked for, one of each kind per process, ended with the file's tests. */
import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { type ArtemisOptions, startArtemis } from '../../infra/local/artemis.ts';
import { givenPart } from '../../infra/local/given-servers.ts';
import { type HiveMqOptions, startHiveMq } from '../../infra/local/hivemq.ts';
import { type KafkaOptions, startKafka } from '../../infra/local/kafka.ts';
import { type MosquittoOptions, startMosquitto } from '../../infra/local/mosquitto.ts';
import type { Part } from '../../infra/local/part.ts';
import { type PostgresOptions, startPostgres } from '../../infra/local/postgres.ts';
import { isCi, missingLine, type PartName } from '../../infra/local/prerequisites.ts';
import { type RedisOptions, startRedis } from '../../infra/local/redis.ts';
import { startZipkin, type ZipkinOptions } from '../../infra/local/zipkin.ts';

export interface WantedParts {
  /** A number of nodes, or options. */
  kafka?: 1 | 3 | KafkaOptions;
  artemis?: 1 | 3 | ArtemisOptions;
  hivemq?: true | HiveMqOptions;
  mosquitto?: true | MosquittoOptions;
  postgres?: true | PostgresOptions;
  redis?: true | RedisOptions;
  zipkin?: true | ZipkinOptions;
}

export type StartedParts<W extends WantedParts> = {
  /** Resolves when the part serves; the same part however often it is asked for. */
  readonly [K in keyof W & PartName]-?: () => Promise<Part>;
} & {
  /** For `describe(…, { skip: parts.skip })`: what is missing on this machine, in one line; false if nothing. */
  readonly skip: string | false;
};

export interface PartsOptions {
  /** Started here even where the environment names a server: the test kills or stops it. */
  own?: boolean;
}

const starters: { [K in PartName]: (wanted: NonNullable<WantedParts[K]>) => Promise<Part> } = {
  kafka: (wanted) => startKafka(optionsOf(wanted)),
  artemis: (wanted) => startArtemis(optionsOf(wanted)),
  hivemq: (wanted) => startHiveMq(optionsOf(wanted)),
  mosquitto: (wanted) => startMosquitto(optionsOf(wanted)),
  postgres: (wanted) => startPostgres(optionsOf(wanted)),
  redis: (wanted) => startRedis(optionsOf(wanted)),
  zipkin: (wanted) => startZipkin(optionsOf(wanted)),
};

function optionsOf<O extends object>(wanted: number | true | O): O {
  if (wanted === true) return {} as O;
  return typeof wanted === 'number' ? ({ nodes: wanted } as unknown as O) : wanted;
}

/** Of this process: two suites in one file that want the same get the same. */
const running = new Map<string, Promise<Part>>();

/**
 * To be called at the top level of a test file. Where something is missing the tests are to be skipped by `skip`; with
 * CI=true nothing may be missing, and a failing test says what is.
 */
export function withParts<W extends WantedParts>(wanted: W, options: PartsOptions = {}): StartedParts<W> {
  const names = Object.keys(wanted) as PartName[];
  const given = (name: PartName) => (options.own === true ? undefined : givenPart(name));
  const missing = missingLine(names.filter((name) => given(name) === undefined));
  if (missing !== undefined && isCi()) it('finds everything it needs (CI)', () => assert.fail(missing));
  const started = new Set<string>();
  after(async () => {
    // What could not start has failed its tests already.
    const parts = await Promise.allSettled([...started].map((key) => running.get(key)));
    for (const key of started) running.delete(key);
    await Promise.all(parts.map((each) => (each.status === 'fulfilled' ? each.value?.stop() : undefined)));
  });
  const start = (name: PartName): Promise<Part> => {
    const key = JSON.stringify([name, wanted[name], options.own === true]);
    started.add(key);
    const part = running.get(key) ?? startOne(name, wanted, given(name));
    running.set(key, part);
    return part;
  };
  const parts = Object.fromEntries(names.map((name) => [name, () => start(name)]));
  return { ...parts, skip: missing ?? false } as StartedParts<W>;
}

async function startOne(name: PartName, wanted: WantedParts, given: Part | undefined): Promise<Part> {
  const starter = starters[name] as (options: unknown) => Promise<Part>;
  return given ?? starter(wanted[name]);
}
