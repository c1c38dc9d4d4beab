/** The ingress process: settings in, a running ingress out. Composition only. */
import { parseKafkaConnection } from '../adapters/kafka/connection.ts';
import { kafkaRequestLog } from '../adapters/kafka/request-log.ts';
import { createMqttDeviceLink } from '../adapters/mqtt/device-link.ts';
import { openPostgresStore } from '../adapters/postgres/open-postgres.ts';
import { openRedisCache } from '../adapters/redis/resource-cache.ts';
import { createCodecPool } from '../codecs/threads/pool.ts';
import { beginProcess } from '../platform/begin-process.ts';
import type { Lifecycle } from '../platform/lifecycle.ts';
import { adapterLog } from '../platform/logging.ts';
import { mqttAddressOf, mqttVersionOf } from '../platform/mqtt-address.ts';
import { createSystemClock } from '../platform/system-clock.ts';
import { createTraceSource } from '../platform/trace-context.ts';
import { checkSessionExpiry, flowSettingsOf, type IngressSettings } from './config.ts';
import { createIngress } from './ingress.ts';

/** Resolves when messages are taken. Rejects with a clear message if that cannot be; what was started is stopped then. */
export async function startIngress(settings: IngressSettings): Promise<Lifecycle> {
  const { log, lifecycle, metrics, failpoint, checks, adminPort, failed } = await beginProcess('ingress', settings);
  const clock = createSystemClock();

  const store = await lifecycle.started(
    'store',
    // It only reads which logs and CSEs there are: what the database may lose is the worker's affair.
    openPostgresStore(settings.postgresUrl, { clock, development: true }),
    (part) => part.close(),
  );
  const deployment = await lifecycle.started('deployment', store.deployment());
  const readCses = async () => {
    const cses = await store.cses();
    checkSessionExpiry(settings.sessionExpiry, cses);
    return cses;
  };
  await lifecycle.started('session expiry', readCses());

  const { redisUrl } = settings;
  const cache =
    redisUrl === undefined
      ? undefined
      : await lifecycle.started('cache', openRedisCache({ url: redisUrl, log: adapterLog(log) }), (part) =>
          part.close(),
        );
  const codec = await lifecycle.started(
    'codecs',
    createCodecPool({
      coded: (direction, way) => metrics.codecBatches.add(1, direction, way),
      threads: settings.codecThreads,
      threadFailed: (error) => log.warn({ error }, 'a codec thread failed'),
    }),
    (part) => part.close(),
  );
  const requests = await lifecycle.started(
    'requests log',
    kafkaRequestLog({
      connection: parseKafkaConnection(settings.kafkaUrl),
      topic: deployment.requestsTopic,
      partitions: deployment.requestPartitions,
      clientId: `ingress-${settings.instance}`,
      recordBytes: settings.recordBytes,
      hooks: { log: adapterLog(log) },
    }),
    (part) => part.close(),
  );
  const link = await lifecycle.started(
    'broker',
    createMqttDeviceLink({
      name: 'default',
      address: mqttAddressOf(settings),
      clientName: settings.mqttClientName,
      role: 'ingress',
      ordinal: settings.ordinal,
      connections: settings.connections,
      sessionExpiry: Math.ceil(settings.sessionExpiry / 1000),
      ...mqttVersionOf(settings),
      hooks: { log: adapterLog(log), fatal: failed },
    }),
    (part) => part.close(),
  );

  const ingress = createIngress({
    links: [link],
    requests,
    cache,
    codec,
    cses: readCses,
    clock,
    traces: createTraceSource(settings.traceShare),
    metrics,
    log,
    failpoint,
    failed,
    settings: flowSettingsOf(settings),
  });
  await lifecycle.started('ingress', ingress.start(), () => ingress.drain());
  Object.assign(checks, ingress.checks);
  lifecycle.complete();
  log.info({ adminPort, ordinal: settings.ordinal }, 'ingress takes messages');
  return lifecycle;
}
