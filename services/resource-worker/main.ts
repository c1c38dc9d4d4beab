/** The resource worker process: settings in, a running worker out. Composition only. */
import { parseKafkaConnection } from '../adapters/kafka/connection.ts';
import { kafkaRequestLog } from '../adapters/kafka/request-log.ts';
import { ensureTopics } from '../adapters/kafka/topics.ts';
import { watchPools } from '../adapters/metered/connection-pools.ts';
import { type LogName, meterLog } from '../adapters/metered/request-log.ts';
import { meterCache } from '../adapters/metered/resource-cache.ts';
import { meterStore } from '../adapters/metered/resource-store.ts';
import { openPostgresStore } from '../adapters/postgres/open-postgres.ts';
import { openRedisCache } from '../adapters/redis/resource-cache.ts';
import { kafkaAddressOf, postgresAddressOf, redisAddressOf } from '../platform/addresses.ts';
import { beginProcess } from '../platform/begin-process.ts';
import type { Lifecycle } from '../platform/lifecycle.ts';
import { adapterLog } from '../platform/logging.ts';
import { answered } from '../platform/readiness.ts';
import { createSystemChance, createSystemClock } from '../platform/system-clock.ts';
import type { RequestLog } from '../ports/request-log.ts';
import { flowSettingsOf, type ResourceWorkerSettings } from './config.ts';
import { createResourceWorker } from './resource-worker.ts';
import { topicsOf } from './topics.ts';

/** Resolves when it has joined its group. Rejects with a clear message if that cannot be; what was started is stopped then. */
export async function startResourceWorker(settings: ResourceWorkerSettings): Promise<Lifecycle> {
  const { log, lifecycle, metrics, tracing, failpoint, checks, adminPort, failed } = await beginProcess(
    'resource-worker',
    settings,
  );
  const clock = createSystemClock();
  const hooks = { log: adapterLog(log) };

  const store = await lifecycle.started(
    'store',
    openPostgresStore(postgresAddressOf(settings), {
      clock,
      development: settings.development,
      warn: (text) => log.warn({}, text),
      hooks: {
        connectionFailed: (lane, error) => log.warn({ lane, error }, 'a connection to the database was lost'),
        opened: watchPools(metrics),
      },
    }),
    (part) => part.close(),
  );
  const deployment = await lifecycle.started('deployment', store.deployment());
  const redisAddress = redisAddressOf(settings);
  const cache =
    redisAddress === undefined
      ? undefined
      : await lifecycle.started('cache', openRedisCache({ url: redisAddress, ...hooks }), (part) => part.close());

  const connection = parseKafkaConnection(kafkaAddressOf(settings));
  const clientId = `resource-worker-${settings.instance}`;
  // R4: a worker does not build on topics that may lose what was acknowledged.
  await lifecycle.started(
    'topics',
    ensureTopics({
      connection,
      clientId,
      topics: topicsOf(deployment, settings),
      development: settings.development,
      create: false,
      hooks,
    }),
  );
  const openLog = (topic: string, partitions: number) =>
    lifecycle.started(
      topic,
      kafkaRequestLog({ connection, topic, partitions, clientId, recordBytes: settings.recordBytes, hooks }),
      (part) => part.close(),
    );
  const kafka = await openLog(deployment.requestsTopic, deployment.requestPartitions);
  const metered = (part: RequestLog, name: LogName) => meterLog(part, { metrics, clock, log: name });
  const requests = metered(kafka, 'requests');
  const outbound = metered(await openLog(deployment.outboundTopic, deployment.outboundPartitions), 'outbound');
  const deadLetters = metered(await openLog(deployment.deadLettersTopic, 1), 'dead-letters');

  const meteredStore = meterStore(store, metrics, clock);
  const worker = createResourceWorker({
    deployment,
    store: meteredStore,
    requests: await lifecycle.started('consumer', requests.consumer({ group: settings.workerGroup })),
    producers: {
      requests: await lifecycle.started('requests producer', requests.producer()),
      outbound: await lifecycle.started('outbound producer', outbound.producer()),
      deadLetters: await lifecycle.started('dead letters producer', deadLetters.producer()),
    },
    cache: cache === undefined ? undefined : meterCache(cache, metrics),
    cses: () => store.cses(),
    clock,
    chance: createSystemChance(),
    metrics,
    tracing,
    log,
    failpoint,
    failed,
    settings: flowSettingsOf(settings),
  });
  await lifecycle.started('resource worker', worker.start(), () => worker.drain());
  Object.assign(checks, worker.checks, {
    store: () => answered(meteredStore.ping()),
    log: () => answered(kafka.answers()),
  });
  lifecycle.complete();
  log.info({ adminPort }, 'resource worker takes requests');
  return lifecycle;
}
