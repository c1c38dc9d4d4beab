/** The ingress process: settings in, a running ingress out. Composition only. */
import { parseKafkaConnection } from '../adapters/kafka/connection.ts';
import { kafkaRequestLog } from '../adapters/kafka/request-log.ts';
import { codecReports, watchCodecThreads } from '../adapters/metered/codec-threads.ts';
import { watchPools } from '../adapters/metered/connection-pools.ts';
import { meterLink } from '../adapters/metered/device-link.ts';
import { meterLog } from '../adapters/metered/request-log.ts';
import { meterCache } from '../adapters/metered/resource-cache.ts';
import { createMqttDeviceLink } from '../adapters/mqtt/device-link.ts';
import { openPostgresStore } from '../adapters/postgres/open-postgres.ts';
import { openRedisRateLimiter } from '../adapters/redis/rate-limiter.ts';
import { openRedisCache } from '../adapters/redis/resource-cache.ts';
import { createCodecPool } from '../codecs/threads/pool.ts';
import {
  kafkaAddressOf,
  mqttAddressOf,
  mqttVersionOf,
  postgresAddressOf,
  redisAddressOf,
} from '../platform/addresses.ts';
import { beginProcess } from '../platform/begin-process.ts';
import type { Lifecycle } from '../platform/lifecycle.ts';
import { adapterLog } from '../platform/logging.ts';
import { answered } from '../platform/readiness.ts';
import { createSystemClock } from '../platform/system-clock.ts';
import { checkSessionExpiry, flowSettingsOf, type IngressSettings } from './config.ts';
import { createIngress } from './ingress.ts';

/** Resolves when messages are taken. Rejects with a clear message if that cannot be; what was started is stopped then. */
export async function startIngress(settings: IngressSettings): Promise<Lifecycle> {
  const { log, lifecycle, metrics, tracing, failpoint, checks, adminPort, failed } = await beginProcess(
    'ingress',
    settings,
  );
  const clock = createSystemClock();

  const store = await lifecycle.started(
    'store',
    // It only reads which logs and CSEs there are: what the database may lose is the worker's affair.
    openPostgresStore(postgresAddressOf(settings), {
      clock,
      development: true,
      hooks: { opened: watchPools(metrics) },
    }),
    (part) => part.close(),
  );
  const deployment = await lifecycle.started('deployment', store.deployment());
  const readCses = async () => {
    const cses = await store.cses();
    checkSessionExpiry(settings.sessionExpiry, cses);
    return cses;
  };
  await lifecycle.started('session expiry', readCses());

  const redisAddress = redisAddressOf(settings);
  const cache =
    redisAddress === undefined
      ? undefined
      : await lifecycle.started('cache', openRedisCache({ url: redisAddress, log: adapterLog(log) }), (part) =>
          part.close(),
        );
  const rates =
    redisAddress === undefined
      ? undefined
      : await lifecycle.started('rates', openRedisRateLimiter({ url: redisAddress }), (part) => part.close());
  const codec = await lifecycle.started(
    'codecs',
    createCodecPool({ threads: settings.codecThreads, ...codecReports(metrics, log) }),
    (part) => part.close(),
  );
  watchCodecThreads(metrics, codec);
  const requests = await lifecycle.started(
    'requests log',
    kafkaRequestLog({
      connection: parseKafkaConnection(kafkaAddressOf(settings)),
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
      hooks: {
        log: adapterLog(log),
        fatal: failed,
        connectionLost: (direction) => metrics.brokerConnectionsLost.add(1, direction),
      },
    }),
    (part) => part.close(),
  );

  const ingress = createIngress({
    links: [meterLink(link, metrics)],
    requests: meterLog(requests, { metrics, clock, log: 'requests' }),
    cache: cache === undefined ? undefined : meterCache(cache, metrics),
    rates,
    codec,
    cses: readCses,
    clock,
    tracing,
    metrics,
    log,
    failpoint,
    failed,
    settings: flowSettingsOf(settings),
  });
  await lifecycle.started('ingress', ingress.start(), () => ingress.drain());
  Object.assign(checks, ingress.checks, { log: () => answered(requests.answers()) });
  lifecycle.complete();
  log.info({ adminPort, ordinal: settings.ordinal }, 'ingress takes messages');
  return lifecycle;
}
