/** The embedded CSE: broker, logs, database and the three flows in one process. Composition only. */
import { createEmbeddedBroker, type EmbeddedBroker } from '../adapters/aedes/embedded-broker.ts';
import { ListenFailed } from '../adapters/aedes/listeners.ts';
import { MemoryResourceCache } from '../adapters/memory/resource-cache.ts';
import { createForeignPublishers } from '../adapters/mqtt/foreign-publishers.ts';
import { createCodecPool } from '../codecs/threads/pool.ts';
import type { CseDescription } from '../core/cse.ts';
import { matchesPattern } from '../core/identifiers.ts';
import { flowSettingsOf as ingressFlowOf } from '../ingress/config.ts';
import { createIngress } from '../ingress/ingress.ts';
import { createAdminServer, type ReadinessCheck } from '../platform/admin-server.ts';
import { createFailpoints } from '../platform/failpoints.ts';
import { createLifecycle, endOnFailure, type Lifecycle, stopOnSignals } from '../platform/lifecycle.ts';
import { adapterLog, createLog, type Log } from '../platform/logging.ts';
import { createMetrics } from '../platform/metrics.ts';
import { createSystemChance, createSystemClock } from '../platform/system-clock.ts';
import { createTraceSource } from '../platform/trace-context.ts';
import type { ResourceStore } from '../ports/resource-store.ts';
import { flowSettingsOf as workerFlowOf } from '../resource-worker/config.ts';
import { csesOf } from '../resource-worker/cse-settings.ts';
import { createResourceWorker } from '../resource-worker/resource-worker.ts';
import { createPublisherFor } from '../responder/brokers.ts';
import { flowSettingsOf as responderFlowOf } from '../responder/config.ts';
import { createResponder } from '../responder/responder.ts';
import type { BannerFacts } from './banner.ts';
import { dataFolderOf, type EmbeddedSettings } from './config.ts';
import { openDataFolder } from './data-folder.ts';
import { openDeadLetters } from './dead-letters.ts';
import { createEmbeddedLogs } from './logs.ts';
import { openEmbeddedStore } from './store.ts';

export interface EmbeddedCse {
  lifecycle: Lifecycle;
  facts: Omit<BannerFacts, 'version'>;
}

const host = '127.0.0.1';

/** A port of the embedded broker cannot be had; the message says why and what to do. */
export class BrokerPortUnavailable extends Error {
  override name = 'BrokerPortUnavailable';
}

/** Resolves when devices are let in. Rejects with a clear message if that cannot be; what was started is stopped then. */
export async function startEmbedded(settings: EmbeddedSettings): Promise<EmbeddedCse> {
  const log = createLog({
    service: 'embedded',
    instance: settings.instance,
    level: settings.logLevel,
    destination: process.stderr,
  });
  const lifecycle = createLifecycle(log);
  const ending = { log, drainDeadline: settings.drainDeadline, repeatWithin: 300 };
  stopOnSignals(lifecycle, ending);
  const failed = endOnFailure(lifecycle, ending);
  const metrics = createMetrics({ defaults: true });
  const clock = createSystemClock();
  const checks: Record<string, ReadinessCheck> = {};
  const failpoint = createFailpoints(settings.failpoints);
  const hooks = { log: adapterLog(log) };

  const admin = createAdminServer({
    host: settings.adminHost,
    port: settings.adminPort,
    registry: metrics.registry,
    checks,
    started: lifecycle.isStarted,
  });
  const adminPort = await lifecycle.started('admin server', admin.start(), () => admin.stop());
  const folder = dataFolderOf(settings);
  const data =
    folder === undefined
      ? undefined
      : await lifecycle.started('data folder', openDataFolder(folder, failed), (part) => part.release());
  const broker = await lifecycle.started('broker', openBroker(settings, log), (part) => part.close());

  const store = await lifecycle.started(
    'store',
    openEmbeddedStore({ folder: data?.path, partitions: settings.partitions, clock }),
    (part) => part.close(),
  );
  const deployment = await lifecycle.started('deployment', store.deployment());
  const cache = new MemoryResourceCache();
  const cses = await lifecycle.started('CSEs', hostCses(store, settings, broker.port));
  const codec = await lifecycle.started(
    'codecs',
    createCodecPool({
      coded: (direction, way) => metrics.codecBatches.add(1, direction, way),
      threads: settings.codecThreads,
      threadFailed: (error) => log.warn({ error }, 'a codec thread failed'),
    }),
    (part) => part.close(),
  );
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

  const responder = createResponder({
    outbound: logs.outbound.log,
    requests: logs.ofReports,
    deadLetters,
    codec,
    publisherFor: createPublisherFor({
      own: [{ name: broker.name, url: `mqtt://${host}:${broker.port}`, open: () => broker.publisher() }],
      allowedHosts: settings.notificationHosts,
      matches: matchesPattern,
      openForeign: (url) => foreign.publisherOf(url),
    }),
    brokers: [broker.name],
    clock,
    metrics,
    log,
    failpoint,
    failed,
    settings: responderFlowOf(settings),
  });
  const worker = createResourceWorker({
    deployment,
    store,
    requests: logs.requests.consumer,
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
    log,
    failpoint,
    failed,
    settings: workerFlowOf(settings),
  });
  const ingress = createIngress({
    links: [broker],
    requests: logs.ofDevices,
    cache,
    codec,
    cses: () => store.cses(),
    clock,
    traces: createTraceSource(settings.traceShare),
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
  Object.assign(checks, named('responder', responder.checks), worker.checks, named('ingress', ingress.checks));
  lifecycle.complete();
  return {
    lifecycle,
    facts: { mqttPort: broker.port, webSocketPort: broker.webSocketPort, adminPort, cses, dataFolder: data?.path },
  };
}

async function openBroker(settings: EmbeddedSettings, log: Log): Promise<EmbeddedBroker> {
  try {
    return await createEmbeddedBroker({
      name: 'default',
      host,
      port: settings.mqttPort,
      webSocketPort: settings.wsPort,
      refused: ({ client, reason }) => log.warn({ client }, `refused: ${reason}`),
    });
  } catch (error) {
    if (!(error instanceof ListenFailed)) throw error;
    const flag = error.port === settings.mqttPort ? '--mqtt-port' : '--ws-port';
    const what = flag === '--mqtt-port' ? 'MQTT' : 'MQTT over WebSocket';
    throw new BrokerPortUnavailable(
      `${what} cannot be opened: ${error.message}. Stop who uses it, or choose another with ${flag}.`,
    );
  }
}

/** Two flows may have a check of the same name. */
function named(flow: string, checks: Record<string, ReadinessCheck>): Record<string, ReadinessCheck> {
  return Object.fromEntries(Object.entries(checks).map(([name, check]) => [`${flow} ${name}`, check]));
}

/** Puts the configured CSEs, and gives all that the store hosts, those of the settings first. */
async function hostCses(store: ResourceStore, settings: EmbeddedSettings, port: number): Promise<CseDescription[]> {
  const wanted = csesOf(settings);
  for (const cse of wanted) {
    const pointsOfAccess = cse.pointsOfAccess.length > 0 ? cse.pointsOfAccess : [`mqtt://${host}:${port}`];
    await store.putCse({ ...cse, pointsOfAccess });
  }
  const rank = (cse: CseDescription) => {
    const index = wanted.findIndex(({ id }) => id === cse.id);
    return index < 0 ? wanted.length : index;
  };
  return (await store.cses()).sort((a, b) => rank(a) - rank(b));
}
