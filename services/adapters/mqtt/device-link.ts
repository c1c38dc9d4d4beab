/** The DeviceLink over an external broker: MQTT 5, or 3.1.1 where the broker has no 5 (R30). */
import { randomBytes } from 'node:crypto';
import { watchFiles } from '../../platform/files.ts';
import type { DeviceLink } from '../../ports/device-link.ts';
import { type BrokerAddress, describe, filesBehind } from './broker-address.ts';
import type { MqttHooks } from './hooks.ts';
import type { LineSettings, MqttVersion } from './line.ts';
import { connectOnce } from './one-connection.ts';
import { proveDelivery } from './probe.ts';
import { MqttPublisher } from './publisher.ts';
import { createReceiver, type RenewableReceiver } from './receiver.ts';

export interface MqttLinkOptions {
  /** Name of the link in records and metrics. */
  name: string;
  address: BrokerAddress;
  /** CSE or deployment in the client ids `C::<clientName>~<role>-<ordinal>`, without a leading slash. */
  clientName: string;
  /** `ingress`, `responder`; `ingress` unless given. Sessions of receiving connections belong to role and ordinal. */
  role?: string;
  /** Of this process among its kind; stays the same over restarts (R30). */
  ordinal: number;
  /** Receiving connections; 2. */
  connections?: number;
  /** Seconds that the broker keeps a session after its connection broke; 60. Must be below half the duplicate window (R18). */
  sessionExpiry?: number;
  /** Seconds; 30. */
  keepalive?: number;
  /** Undefined: 5, and 3.1.1 where the broker refuses 5. */
  version?: MqttVersion;
  /** Payload bytes that may be unacknowledged, over all receiving connections; 64 MiB. */
  maximumUnacknowledgedBytes?: number;
  /** Publishes out at a time; 1000, or less where the server's receive maximum is less. */
  publishWindow?: number;
  /** Payload bytes out at a time; 16 MiB. */
  publishWindowBytes?: number;
  /** ms for the delivery probe of R31; 5000. */
  probeTimeLimit?: number;
  /** ms that nothing may arrive, probes included, until a receiving connection is made anew; 30 000. */
  silenceLimit?: number;
  /** ms until CONNACK; 10 000. */
  connectTimeLimit?: number;
  /** ms that closing a publisher waits for acknowledgements; 5000. */
  closeTimeLimit?: number;
  /** ms between looks at the files of the address; 5000. */
  watchInterval?: number;
  hooks?: MqttHooks;
}

export function createMqttDeviceLink(options: MqttLinkOptions): DeviceLink {
  const { role = 'ingress', hooks = {} } = options;
  const clientId = `C::${options.clientName.replace(/^\//, '')}~${role}-${options.ordinal}`;
  const stop = new AbortController();
  const parts = new Set<RenewableReceiver | MqttPublisher>();
  const line: LineSettings = {
    address: options.address,
    clientId,
    clean: false,
    sessionExpiry: options.sessionExpiry ?? 60,
    keepalive: options.keepalive ?? 30,
    connectTimeLimit: options.connectTimeLimit ?? 10_000,
    ...(options.version === undefined ? {} : { version: options.version }),
  };
  let publishers = 0;

  function createPublisher(): MqttPublisher {
    // Random, because nothing is gained by taking over one's own clean connection, and a twin would be thrown out for ever.
    const suffix = `p${publishers++}-${randomBytes(4).toString('hex')}`;
    return new MqttPublisher({
      line: { ...line, clientId: `${clientId}.${suffix}`, clean: true },
      window: options.publishWindow ?? 1000,
      windowBytes: options.publishWindowBytes ?? 16 << 20,
      closeTimeLimit: options.closeTimeLimit ?? 5000,
      hooks,
    });
  }

  /** Connections that are there are only given up where another can be had. */
  async function renew(): Promise<void> {
    try {
      const trial = await connectOnce({
        ...line,
        clientId: `${clientId}.t-${randomBytes(4).toString('hex')}`,
        clean: true,
      });
      await trial.close();
    } catch (error) {
      hooks.log?.('error', 'secrets or certificates have changed, but the broker does not take the new ones', {
        client: clientId,
        reason: (error as Error).message,
      });
      return;
    }
    hooks.log?.('info', 'secrets or certificates have changed: connections are made anew', { client: clientId });
    for (const part of parts) await part.renew();
  }

  const stopWatching = watchFiles(filesBehind(options.address), () => void renew(), options.watchInterval);

  return {
    name: options.name,
    async receive(receiveOptions) {
      try {
        await proveDelivery(line, options.probeTimeLimit ?? 5000, hooks, stop.signal);
        stop.signal.throwIfAborted();
        const receiver = await createReceiver(
          {
            line,
            connections: options.connections ?? 2,
            maximumBytes: options.maximumUnacknowledgedBytes ?? 64 << 20,
            silenceLimit: options.silenceLimit ?? 30_000,
            hooks,
          },
          receiveOptions,
          stop.signal,
        );
        parts.add(receiver);
        return receiver;
      } catch (error) {
        if (stop.signal.aborted) throw new Error(`the link to ${describe(options.address)} was closed`);
        throw error;
      }
    },
    async publisher() {
      const publisher = createPublisher();
      parts.add(publisher);
      return publisher;
    },
    async close() {
      stop.abort();
      stopWatching();
      await Promise.all([...parts].map((part) => part.close()));
    },
  };
}
