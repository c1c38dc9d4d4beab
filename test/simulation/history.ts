/** One history: a deployment, its devices, its faults, and what became of the promises. */
import { MemoryResourceStore } from '../../services/adapters/memory/resource-store.ts';
import { defaultWorkerSettings } from '../../services/resource-worker/parts.ts';
import { checkPromises } from './checks.ts';
import { Device } from './device.ts';
import { badWeather, goodWeather, planFaults } from './faults.ts';
import { Ledger } from './ledger.ts';
import { type Deployed, type Kind, Process } from './processes.ts';
import type { Sabotage } from './sabotage.ts';
import * as scripts from './scripts.ts';
import { SimBroker } from './sim-broker.ts';
import type { SimCacheServer } from './sim-cache.ts';
import type { SimDatabase } from './sim-store.ts';
import { SimTopic } from './sim-topic.ts';
import { beginning, World } from './world.ts';

export interface HistoryOptions {
  seed: number;
  sabotage?: Sabotage;
  tracer?: (line: string) => void;
}

export interface HistoryResult {
  /** Broken promises; empty if all held. */
  problems: string[];
  events: number;
  requests: number;
  instances: number;
  notifications: number;
  /** Simulated ms. */
  took: number;
}

/** Simulated time in which all must be answered, ms. */
const longest = 110_000;

export async function runHistory({ seed, sabotage = {}, tracer }: HistoryOptions): Promise<HistoryResult> {
  const world = new World(seed, tracer);
  const ledger = new Ledger(world);
  const weather = goodWeather();
  const broker = new SimBroker(world, weather.broker, {
    arrived: (connection, message) => ledger.arrived(connection, message),
    acknowledged: (connection, message) => ledger.acknowledged(connection, message),
    published: (topic, payload) => ledger.published(topic, payload),
  });
  const deployed = await deploy(world, broker, ledger, weather, sabotage);
  const { random } = world;
  const processes: Process[] = [];
  const start = (kind: Kind, count: number) => {
    for (let ordinal = 1; ordinal <= count; ordinal++) processes.push(new Process(kind, ordinal, deployed));
  };
  start('ingress', random.whole(1, 2));
  start('worker', random.whole(2, 3));
  start('responder', random.whole(1, 2));
  for (const process of processes) process.start();

  const span = random.pick([1500, 6000, 15_000]);
  if (random.chance(0.9)) badWeather(world, weather);
  const topics = [deployed.requests, deployed.outbound];
  planFaults(world, weather, { processes, topics, cache: deployed.cache }, span);
  const scene = playDevices(world, broker, ledger, span);

  const onRejection = (reason: unknown) => {
    world.broken ??= reason instanceof Error ? reason : new Error(String(reason));
  };
  process.on('unhandledRejection', onRejection);
  try {
    const isOver = () => scene.isOver() && ledger.missing.size === 0 && world.now > beginning + span;
    const ending = await world.run(isOver, beginning + longest);
    if (ending !== 'done') ledger.problem('answer', describeUnfinished(ledger, ending));
    // Who does not ask again is owed an answer all the same.
    await world.run(() => ledger.owesNothing(), beginning + longest);
    // What is still on its way must change nothing.
    await world.run(() => false, world.now + 8000);
    await checkPromises(ledger, deployed, scene.looks);
  } catch (error) {
    ledger.problem('broken', error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : String(error));
  } finally {
    for (const each of processes) each.life.alive = false;
    process.off('unhandledRejection', onRejection);
  }
  return {
    problems: ledger.problems,
    events: world.fired,
    requests: ledger.asked.size,
    instances: ledger.inserted.size,
    notifications: ledger.notifications,
    took: world.now - beginning,
  };
}

async function deploy(
  world: World,
  broker: SimBroker,
  ledger: Ledger,
  weather: ReturnType<typeof goodWeather>,
  sabotage: Sabotage,
): Promise<Deployed> {
  const deployment = {
    generation: 1,
    requestsTopic: 'requests',
    outboundTopic: 'outbound',
    deadLettersTopic: 'dead-letters',
    requestPartitions: 3,
    outboundPartitions: 2,
  };
  const truth = new MemoryResourceStore({ deployment, clock: { now: () => Math.floor(world.now) } });
  await truth.putCse({
    id: '/id-in',
    name: 'cse-in',
    serviceProvider: '//sp.example',
    admin: '/id-in/CAdmin',
    registrationPatterns: ['*'],
    demandRegistration: false,
    ignoreUnknownParameters: false,
    maximumLifetime: 1e12,
    duplicateWindow: sabotage.duplicateWindow ?? 120_000,
    credentialsPerDevice: false,
    pointsOfAccess: [],
    notificationHosts: [],
  });
  const database: SimDatabase = {
    world,
    truth,
    weather: weather.store,
    generation: 1,
    committed: (parts) => ledger.committed(parts),
  };
  const cache: SimCacheServer = { world, values: new Map(), isAway: false };
  return {
    world,
    broker,
    database,
    cache,
    requests: new SimTopic(world, 'requests', deployment.requestPartitions, weather.log),
    outbound: new SimTopic(world, 'outbound', deployment.outboundPartitions, weather.log),
    deadLetters: new SimTopic(world, 'dead-letters', 1, weather.log),
    sabotage,
    workerSettings: {
      ...defaultWorkerSettings,
      queuedPerPartition: 12,
      cachedPerPartition: world.random.pick([60, 1000]),
      cseRefresh: 60_000,
      deliveries: {
        window: world.random.pick([1, 3, 32]),
        answerTimeLimit: 2000,
        firstPause: 100,
        longestPause: 1500,
        queuedNotifications: 10_000,
        notificationLifetime: 3_600_000,
      },
    },
  };
}

/** Starts the scripts. */
function playDevices(world: World, broker: SimBroker, ledger: Ledger, span: number) {
  const { random } = world;
  let playing = 0;
  const looks: { con: string; latest: string }[] = [];
  let open = () => {};
  const scene: scripts.Scene = {
    random: random.fork(),
    span,
    creates: random.whole(2, 6),
    shared: new Promise((resolve) => {
      open = resolve;
    }),
    problem(promise, text) {
      if (promise === 'look') looks.push(JSON.parse(text) as { con: string; latest: string });
      else ledger.problem(promise, text);
    },
    now: () => world.now,
  };
  const play = (script: Promise<unknown>) => {
    playing++;
    script.then(
      () => playing--,
      (error: unknown) => {
        world.broken ??= error instanceof Error ? error : new Error(String(error));
      },
    );
  };
  const device = (level: string) => new Device(world, broker, ledger, level);
  const originators = Array.from({ length: random.whole(1, 3) }, (_, index) => `Cdev${index}`);
  const members = [...originators, 'Csub', 'Cforgetful'];
  const sub = device('Csub');
  if (random.chance(0.6)) Object.assign(sub.manners, { silent: 0.15, late: 0.15 });
  world.after(span, 'the subscriber behaves', () => Object.assign(sub.manners, { silent: 0, late: 0 }));

  const hasGuest = random.chance(0.5);
  const hasForger = random.chance(0.3);
  const isForgetful = random.chance(0.7);
  const hasSecond = random.chance(0.3);
  const boss = device('CAdmin');
  const making = scripts.admin(scene, boss, members);
  play(making.then(() => open()));
  if (hasGuest) {
    play(
      making.then(({ grants }) =>
        Promise.all([
          scripts.toggleGuest(scene, boss, members, grants),
          scripts.guestTries(scene, device(scripts.guest), grants),
        ]),
      ),
    );
  }
  play(scripts.subscriber(scene, sub));
  for (const [index, level] of originators.entries()) play(scripts.originator(scene, device(level), `ae${index}`));
  if (hasSecond) play(scripts.subscribeFor(scene, boss, 'second', 'Csub'));
  if (hasForger) play(scripts.forger(scene, device('Cforger'), 'Cdev0'));
  if (isForgetful) play(scripts.forgetful(scene, device('Cforgetful')));
  return { looks, isOver: () => playing === 0 };
}

function describeUnfinished({ asked, missing }: Ledger, ending: string): string {
  const open = [...asked.values()].filter(
    ({ answeredAt, level }) => answeredAt === undefined && level !== 'Cforgetful',
  );
  const what = [...open.map(({ rqi }) => rqi), ...[...missing].map((each) => `notification ${each}`)];
  return `${ending}: not answered or told: ${what.slice(0, 8).join(', ')}`;
}
