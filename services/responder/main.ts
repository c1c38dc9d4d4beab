/** The responder process: settings in, a running responder out. Composition only. */
import { parseKafkaConnection } from '../adapters/kafka/connection.ts';
import { kafkaRequestLog } from '../adapters/kafka/request-log.ts';
import { codecReports, watchCodecThreads } from '../adapters/metered/codec-threads.ts';
import { meterLink } from '../adapters/metered/device-link.ts';
import { type LogName, meterLog } from '../adapters/metered/request-log.ts';
import { createMqttDeviceLink } from '../adapters/mqtt/device-link.ts';
import { createForeignPublishers } from '../adapters/mqtt/foreign-publishers.ts';
import { openPostgresStore } from '../adapters/postgres/open-postgres.ts';
import { createCodecPool } from '../codecs/threads/pool.ts';
import type { Deployment } from '../core/deployment.ts';
import { matchesPattern } from '../core/identifiers.ts';
import {
  type Address,
  kafkaAddressOf,
  mqttAddressOf,
  mqttVersionOf,
  postgresAddressOf,
} from '../platform/addresses.ts';
import { beginProcess } from '../platform/begin-process.ts';
import type { Lifecycle } from '../platform/lifecycle.ts';
import { adapterLog } from '../platform/logging.ts';
import { answered } from '../platform/readiness.ts';
import { createSystemClock } from '../platform/system-clock.ts';
import type { Clock } from '../ports/clock.ts';
import type { RequestLog } from '../ports/request-log.ts';
import { createPublisherFor } from './brokers.ts';
import { flowSettingsOf, type ResponderSettings } from './config.ts';
import { createResponder } from './responder.ts';

/** Resolves when records are fetched. Rejects with a clear message if that cannot be; what was started is stopped then. */
export async function startResponder(settings: ResponderSettings): Promise<Lifecycle> {
  const { log, lifecycle, metrics, tracing, failpoint, checks, adminPort, failed } = await beginProcess(
    'responder',
    settings,
  );
  const clock = createSystemClock();
  const hooks = { log: adapterLog(log) };

  const deployment = await lifecycle.started('deployment', readDeployment(postgresAddressOf(settings), clock));
  const codec = await lifecycle.started(
    'codecs',
    createCodecPool({ threads: settings.codecThreads, ...codecReports(metrics, log) }),
    (part) => part.close(),
  );
  watchCodecThreads(metrics, codec);
  const openLog = (topic: string, partitions: number) =>
    lifecycle.started(
      topic,
      kafkaRequestLog({
        connection: parseKafkaConnection(kafkaAddressOf(settings)),
        topic,
        partitions,
        clientId: `responder-${settings.instance}`,
        recordBytes: settings.recordBytes,
        hooks,
      }),
      (part) => part.close(),
    );
  const outbound = await openLog(deployment.outboundTopic, deployment.outboundPartitions);
  const requests = await openLog(deployment.requestsTopic, deployment.requestPartitions);
  const deadLetters = await openLog(deployment.deadLettersTopic, 1);
  const address = mqttAddressOf(settings);
  const link = await lifecycle.started(
    'broker',
    createMqttDeviceLink({
      name: 'default',
      address,
      clientName: settings.mqttClientName,
      role: 'responder',
      ordinal: settings.ordinal,
      ...mqttVersionOf(settings),
      hooks: {
        ...hooks,
        fatal: failed,
        connectionLost: (direction) => metrics.brokerConnectionsLost.add(1, direction),
      },
    }),
    (part) => part.close(),
  );
  const foreign = await lifecycle.started(
    'foreign brokers',
    createForeignPublishers({
      clientName: `C::${settings.mqttClientName}~responder-${settings.ordinal}`,
      timeLimit: settings.foreignTimeLimit,
      idleTime: settings.foreignIdle,
      hooks,
    }),
    (part) => part.close(),
  );

  const metered = (part: RequestLog, name: LogName) => meterLog(part, { metrics, clock, log: name });
  const publishing = meterLink(link, metrics);
  const responder = createResponder({
    outbound: metered(outbound, 'outbound'),
    requests: metered(requests, 'requests'),
    deadLetters: metered(deadLetters, 'dead-letters'),
    codec,
    publisherFor: createPublisherFor({
      own: [{ name: link.name, url: address.url, open: () => publishing.publisher() }],
      allowedHosts: settings.notificationHosts,
      matches: matchesPattern,
      openForeign: (url) => foreign.publisherOf(url),
    }),
    brokers: [link.name],
    clock,
    metrics,
    tracing,
    log,
    failpoint,
    failed,
    settings: flowSettingsOf(settings),
  });
  await lifecycle.started('responder', responder.start(), () => responder.drain());
  Object.assign(checks, responder.checks, { log: () => answered(outbound.answers()) });
  lifecycle.complete();
  log.info({ adminPort, ordinal: settings.ordinal }, 'responder publishes');
  return lifecycle;
}

/** The responder asks the database once which logs there are, and never again. */
async function readDeployment(address: Address, clock: Clock): Promise<Deployment> {
  const store = await openPostgresStore(address, { clock, development: true });
  try {
    return await store.deployment();
  } finally {
    await store.close();
  }
}
