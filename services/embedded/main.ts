/** The embedded CSE: broker, logs, database and the three flows in one process. Composition only. */
import { MemoryResourceCache } from '../adapters/memory/resource-cache.ts';
import { codecReports, watchCodecThreads } from '../adapters/metered/codec-threads.ts';
import { meterLink } from '../adapters/metered/device-link.ts';
import { meterConsumer, meterLog } from '../adapters/metered/request-log.ts';
import { meterStore } from '../adapters/metered/resource-store.ts';
import { createForeignPublishers } from '../adapters/mqtt/foreign-publishers.ts';
import { createCodecPool } from '../codecs/threads/pool.ts';
import type { CseDescription } from '../core/cse.ts';
import { matchesPattern } from '../core/identifiers.ts';
import { flowSettingsOf as ingressFlowOf } from '../ingress/config.ts';
import { createIngress } from '../ingress/ingress.ts';
import { beginProcess } from '../platform/begin-process.ts';
import type { Lifecycle } from '../platform/lifecycle.ts';
import { adapterLog } from '../platform/logging.ts';
import { answered, type ReadinessCheck } from '../platform/readiness.ts';
import { createSystemChance, createSystemClock } from '../platform/system-clock.ts';
import type { ResourceStore } from '../ports/resource-store.ts';
import { flowSettingsOf as workerFlowOf } from '../resource-worker/config.ts';
import { csesOf } from '../resource-worker/cse-settings.ts';
import { createResourceWorker } from '../resource-worker/resource-worker.ts';
import { createPublisherFor } from '../responder/brokers.ts';
import { flowSettingsOf as responderFlowOf } from '../responder/config.ts';
import { createResponder } from '../responder/responder.ts';
import { openEmbeddedAccess } from './access.ts';
import { listenPlanOf } from './access-settings.ts';
import type { BannerFacts } from './banner.ts';
import { dataFolderOf, type EmbeddedSettings } from './config.ts';
import { openDataFolder } from './data-folder.ts';
import { openDeadLetters } from './dead-letters.ts';
import { createEmbeddedLogs } from './logs.ts';
import { openBroker } from './open-broker.ts';
import { openEmbeddedStore } from './store.ts';

export interface EmbeddedCse {
  lifecycle: Lifecycle;
  facts: Omit<BannerFacts, 'version'>;
}

/** Resolves when devices are let in. Rejects with a clear message if that cannot be; what was started is stopped then. */
export async function startEmbedded(settings: EmbeddedSettings): Promise<EmbeddedCse> {
  const { log, lifecycle, metrics, tracing, failpoint, checks, adminPort, failed } = await beginProcess(
    'embedded',
    settings,
    // npm passes on the Ctrl-C that the terminal has sent already; standard output is the banner's.
    { destination: process.stderr, repeatWithin: 300 },
  );
  const clock = createSystemClock();
  const hooks = { log: adapterLog(log) };

  const folder = dataFolderOf(settings);
  const data =
    folder === undefined
      ? undefined
      : await lifecycle.started('data folder', openDataFolder(folder, failed), (part) => part.release());
  let hosted = async () => csesOf(settings);
  const access = await lifecycle.started(
    'access',
    openEmbeddedAccess({ settings, dataFolder: data?.path, cses: () => hosted(), clock, log }),
    (part) => part?.close(),
  );
  const broker = await lifecycle.started('broker', openBroker({ settings, access, metrics, log }), (part) =>
    part.close(),
  );

  const store = await lifecycle.started(
    'store',
    openEmbeddedStore({ folder: data?.path, partitions: settings.partitions, clock }),
    (part) => part.close(),
  );
  const deployment = await lifecycle.started('deployment', store.deployment());
  const cache = new MemoryResourceCache();
  const cses = await lifecycle.started('CSEs', hostCses(store, settings, broker.port));
  hosted = () => store.cses();
  await access?.refresh();
  const codec = await lifecycle.started(
    'codecs',
    createCodecPool({ threads: settings.codecThreads, ...codecReports(metrics, log) }),
    (part) => part.close(),
  );
  watchCodecThreads(metrics, codec);
  const logs = await lifecycle.started(
    'logs',
    createEmbeddedLogs({ deployment, recordBytes: settings.recordBytes, bound: settings.inFlightLimit * 2 }),
    (part) => part.close(),
  );
  const deadLetters = await lifecycle.started(
    'dead letters',
    openDeadLetters(deployment.deadLettersTopic, data?.path),
    (part) => part.close(),
  );
  const foreign = await lifecycle.started(
    'foreign brokers',
    createForeignPublishers({
      clientName: `C::embedded~${process.pid}`,
      timeLimit: settings.foreignTimeLimit,
      idleTime: settings.foreignIdle,
      hooks,
    }),
    (part) => part.close(),
  );

  const link = meterLink(broker, metrics);
  const responder = createResponder({
    outbound: meterLog(logs.outbound.log, { metrics, clock, log: 'outbound' }),
    requests: logs.ofReports,
    deadLetters,
    codec,
    publisherFor: createPublisherFor({
      own: [{ name: broker.name, url: `mqtt://127.0.0.1:${broker.port}`, open: () => link.publisher() }],
      allowedHosts: settings.notificationHosts,
      matches: matchesPattern,
      openForeign: (url) => foreign.publisherOf(url),
    }),
    brokers: [broker.name],
    clock,
    metrics,
    tracing,
    log,
    failpoint,
    failed,
    settings: responderFlowOf(settings),
  });
  const meteredStore = meterStore(store, metrics, clock);
  const worker = createResourceWorker({
    deployment,
    store: meteredStore,
    requests: meterConsumer(logs.requests.consumer, { metrics, clock, log: 'requests' }),
    producers: {
      requests: logs.requests.producer,
      outbound: logs.outbound.producer,
      deadLetters: await deadLetters.producer(),
    },
    cache,
    cses: () => store.cses(),
    clock,
    chance: createSystemChance(),
    metrics,
    tracing,
    log,
    failpoint,
    failed,
    settings: workerFlowOf(settings),
  });
  const ingress = createIngress({
    links: [link],
    requests: meterLog(logs.ofDevices, { metrics, clock, log: 'requests' }),
    cache,
    codec,
    cses: () => store.cses(),
    clock,
    tracing,
    metrics,
    log,
    failpoint,
    failed,
    settings: ingressFlowOf(settings),
  });
  // Against the stream, so that whatever comes finds the next one ready; and it ends with the stream.
  await lifecycle.started('responder', responder.start(), () => responder.drain());
  await lifecycle.started('resource worker', worker.start(), () => worker.drain());
  await lifecycle.started('ingress', ingress.start(), () => ingress.drain());
  Object.assign(checks, named('responder', responder.checks), worker.checks, named('ingress', ingress.checks), {
    store: () => answered(meteredStore.ping()),
  });
  lifecycle.complete();
  return {
    lifecycle,
    facts: {
      mqttPort: broker.port,
      webSocketPort: broker.webSocketPort,
      tlsPort: broker.tlsPort,
      tlsWebSocketPort: broker.tlsWebSocketPort,
      ...listenPlanOf(settings),
      credentials: access !== undefined,
      adminPort,
      cses,
      dataFolder: data?.path,
    },
  };
}

/** Two flows may have a check of the same name. */
function named(flow: string, checks: Record<string, ReadinessCheck>): Record<string, ReadinessCheck> {
  return Object.fromEntries(Object.entries(checks).map(([name, check]) => [`${flow} ${name}`, check]));
}

/** Puts the configured CSEs, and gives all that the store hosts, those of the settings first. */
async function hostCses(store: ResourceStore, settings: EmbeddedSettings, port: number): Promise<CseDescription[]> {
  const wanted = csesOf(settings);
  for (const cse of wanted) {
    const pointsOfAccess = cse.pointsOfAccess.length > 0 ? cse.pointsOfAccess : [`mqtt://127.0.0.1:${port}`];
    await store.putCse({ ...cse, pointsOfAccess });
  }
  const rank = (cse: CseDescription) => {
    const index = wanted.findIndex(({ id }) => id === cse.id);
    return index < 0 ? wanted.length : index;
  };
  return (await store.cses()).sort((a, b) => rank(a) - rank(b));
}
