/** The broker of an embedded CSE, with what its settings say about who reaches it. */
import { createEmbeddedBroker, type EmbeddedBroker } from '../adapters/aedes/embedded-broker.ts';
import { ListenFailed } from '../adapters/aedes/listeners.ts';
import type { Log } from '../platform/logging.ts';
import type { Metrics } from '../platform/metrics.ts';
import { openCertificateOf } from '../platform/server-tls-settings.ts';
import type { BrokerAccess } from '../ports/broker-access.ts';
import { listenPlanOf } from './access-settings.ts';
import type { EmbeddedSettings } from './config.ts';

/** A port of the embedded broker cannot be had; the message says why and what to do. */
export class BrokerPortUnavailable extends Error {
  override name = 'BrokerPortUnavailable';
}

export interface OpenBrokerParts {
  settings: EmbeddedSettings;
  access: BrokerAccess | undefined;
  metrics: Pick<Metrics, 'brokerAccessDenied'>;
  log: Log;
}

/** Throws {@link BrokerPortUnavailable}, or an error about the files of the certificate. */
export async function openBroker({ settings, access, metrics, log }: OpenBrokerParts): Promise<EmbeddedBroker> {
  const { host, tls } = listenPlanOf(settings);
  const certificate = tls === undefined ? undefined : openCertificateOf(settings, log);
  try {
    const broker = await createEmbeddedBroker({
      name: 'default',
      host,
      port: settings.mqttPort,
      webSocketPort: settings.wsPort,
      allowInsecure: settings.insecureListen,
      ...(tls === undefined || certificate === undefined ? {} : { tls: { ...withoutGaps(tls), certificate } }),
      ...(access === undefined ? {} : { access }),
      refused: ({ client, reason }) => log.warn({ client }, `refused: ${reason}`),
      denied: (action) => metrics.brokerAccessDenied.add(1, action),
    });
    const close = async () => {
      certificate?.close();
      await broker.close();
    };
    return { ...broker, close };
  } catch (error) {
    certificate?.close();
    throw error instanceof ListenFailed ? explained(error, settings) : error;
  }
}

function withoutGaps({ host, port, webSocketPort }: { host: string; port: number; webSocketPort: number | undefined }) {
  return { host, port, ...(webSocketPort === undefined ? {} : { webSocketPort }) };
}

function explained(error: ListenFailed, settings: EmbeddedSettings): Error {
  const { tls } = listenPlanOf(settings);
  const flags: [flag: string, port: number | undefined, what: string][] = [
    ['--mqtt-port', settings.mqttPort, 'MQTT'],
    ['--ws-port', settings.wsPort, 'MQTT over WebSocket'],
    ['--mqtts-port', tls?.port, 'MQTT over TLS'],
    ['--wss-port', tls?.webSocketPort, 'MQTT over WebSocket and TLS'],
  ];
  const [flag, , what] = flags.find(([, port]) => port === error.port) ?? ['--host', 0, 'MQTT'];
  return new BrokerPortUnavailable(
    `${what} cannot be opened: ${error.message}. Stop who uses it, or choose another with ${flag}.`,
  );
}
