/** The plan of faults of a history: what breaks, when, for how long; and the good weather in which it ends. */
import type { Process } from './processes.ts';
import type { BrokerWeather } from './sim-broker.ts';
import type { SimCacheServer } from './sim-cache.ts';
import type { StoreWeather } from './sim-store.ts';
import type { LogWeather, SimTopic } from './sim-topic.ts';
import type { World } from './world.ts';

export interface Weather {
  broker: BrokerWeather;
  store: StoreWeather;
  log: LogWeather;
}

export function goodWeather(): Weather {
  return {
    broker: { loss: 0, twice: 0, cuts: 0 },
    store: { isAway: false, busy: 0, unknown: 0, slow: 0, loss: 0 },
    log: { isAway: false, loss: 0, ghosts: 0, lateRevocation: 0 },
  };
}

/** Each kind of trouble is there in some histories and not in others, so that one does not hide another. */
export function badWeather(world: World, weather: Weather): void {
  const { random } = world;
  const sometimes = (most: number) => (random.chance(0.5) ? random.between(0, most) : 0);
  Object.assign(weather.broker, { loss: sometimes(0.15), twice: sometimes(0.2), cuts: sometimes(0.05) });
  Object.assign(weather.store, {
    busy: sometimes(0.1),
    unknown: sometimes(0.1),
    slow: sometimes(0.3),
    loss: sometimes(0.03),
  });
  Object.assign(weather.log, { loss: sometimes(0.1), ghosts: sometimes(0.5), lateRevocation: sometimes(0.6) });
}

export interface Victims {
  processes: readonly Process[];
  topics: readonly SimTopic[];
  cache: SimCacheServer;
}

/** Plans faults up to `span` ms from now; then the weather clears, and nobody stands still any more. */
export function planFaults(world: World, weather: Weather, victims: Victims, span: number): void {
  const { random } = world;
  const level = random.pick([0, 6, 16, 32]);
  for (let fault = 0; fault < level; fault++) {
    world.after(random.between(0, span), 'fault', () => strike(world, weather, victims));
  }
  world.after(span, 'the weather clears', () => Object.assign(weather.broker, goodWeather().broker));
  world.after(span, 'the weather clears', () => Object.assign(weather.store, goodWeather().store));
  world.after(span, 'the weather clears', () => Object.assign(weather.log, goodWeather().log));
}

function strike(world: World, weather: Weather, { processes, topics, cache }: Victims): void {
  const { random } = world;
  // Workers have the most to lose.
  const workers = processes.filter(({ kind }) => kind === 'worker');
  const process = random.pick(random.chance(0.4) ? workers : processes);
  const strikes: (() => void)[] = [
    () => process.life.dieAtCall(random.whole(1, 12)),
    () => process.life.dieAtCall(random.whole(1, 12)),
    () => process.life.die(),
    () => process.life.pause(random.pick([100, 1000, 4000, 7000]) * random.between(0.5, 1.5)),
    () => process.life.pause(random.pick([100, 1000, 4000, 7000]) * random.between(0.5, 1.5)),
    () => process.life.pause(random.between(2500, 5000)),
    () => process.link?.cut(),
    () => {
      for (const topic of topics) for (const group of topic.groups()) if (random.chance(0.5)) group.shake();
    },
    () => spell(world, 'the database', weather.store, random.between(50, 3000)),
    () => spell(world, 'the log', weather.log, random.between(50, 2000)),
    () => spell(world, 'the cache', cache, random.between(50, 5000)),
    () => cache.values.clear(),
  ];
  random.pick(strikes)();
}

function spell(world: World, name: string, what: { isAway: boolean }, ms: number): void {
  world.trace(`☁ ${name} is away for ${ms.toFixed(0)}`);
  what.isAway = true;
  world.after(ms, `${name} is back`, () => {
    what.isAway = false;
  });
}
