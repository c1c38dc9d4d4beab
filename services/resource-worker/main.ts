/** The resource worker process: settings in, a running worker out. Composition only. */
import { parseKafkaConnection } from '../adapters/kafka/connection.ts';
import { kafkaRequestLog } from '../adapters/kafka/request-log.ts';
import { ensureTopics } from '../adapters/kafka/topics.ts';
import { openPostgresStore } from '../adapters/postgres/open-postgres.ts';
import { openRedisCache } from '../adapters/redis/resource-cache.ts';
import { beginProcess } from '../platform/begin-process.ts';
import type { Lifecycle } from '../platform/lifecycle.ts';
import { adapterLog } from '../platform/logging.ts';
import { createSystemChance, createSystemClock } from '../platform/system-clock.ts';
import { flowSettingsOf, type ResourceWorkerSettings } from './config.ts';
import { createResourceWorker } from './resource-worker.ts';
import { topicsOf } from './topics.ts';

/** Resolves when it has joined its group. Rejects with a clear message if that cannot be; what was started is stopped then. */
export async function startResourceWorker(settings: ResourceWorkerSettings): Promise<Lifecycle> {
  const { log, lifecycle, metrics, failpoint, checks, adminPort, failed } = await beginProcess(
    'resource-worker',
    settings,
  );
  const clock = createSystemClock();
  const hooks = { log: adapterLog(log) };

  const store = await lifecycle.started(
    'store',
    openPostgresStore(settings.postgresUrl, {
      clock,
      development: settings.development,
      warn: (text) => log.warn({}, text),
      hooks: { connectionFailed: (lane, error) => log.warn({ lane, error }, 'a connection to the database was lost') },
    }),
    (part) => part.close(),
  );
  const deployment = await lifecycle.started('deployment', store.deployment());
  const { redisUrl } = settings;
  const cache =
    redisUrl === undefined
      ? undefined
      : await lifecycle.started('cache', openRedisCache({ url: redisUrl, ...hooks }), (part) => part.close());

  const connection = parseKafkaConnection(settings.kafkaUrl);
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
  const requests = await openLog(deployment.requestsTopic, deployment.requestPartitions);
  const outbound = await openLog(deployment.outboundTopic, deployment.outboundPartitions);
  const deadLetters = await openLog(deployment.deadLettersTopic, 1);

  const worker = createResourceWorker({
    deployment,
    store,
    requests: await lifecycle.started('consumer', requests.consumer({ group: settings.workerGroup })),
    producers: {
      requests: await lifecycle.started('requests producer', requests.producer()),
      outbound: await lifecycle.started('outbound producer', outbound.producer()),
      deadLetters: await lifecycle.started('dead letters producer', deadLetters.producer()),
    },
    cache,
    cses: () => store.cses(),
    clock,
    chance: createSystemChance(),
    metrics,
    log,
    failpoint,
    failed,
    settings: flowSettingsOf(settings),
  });
  await lifecycle.started('resource worker', worker.start(), () => worker.drain());
  Object.assign(checks, worker.checks);
  checks.store = async () => {
    await store.ping();
    return true;
  };
  lifecycle.complete();
  log.info({ adminPort }, 'resource worker takes requests');
  return lifecycle;
}
