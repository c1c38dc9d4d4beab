/** Receives over several connections that share one bound. */
import type { ReceiveOptions, Receiver } from '../../ports/device-link.ts';
import { Budget } from './budget.ts';
import type { MqttHooks } from './hooks.ts';
import type { LineSettings } from './line.ts';
import { connectOnce } from './one-connection.ts';
import { ReceivingConnection } from './receiving-connection.ts';
import { sharedFilter } from './subscriptions.ts';

export interface ReceiverSettings {
  /** Settings of every connection; the client id gets the suffix `.k` where there are several. */
  line: LineSettings;
  connections: number;
  maximumBytes: number;
  /** ms. */
  silenceLimit: number;
  hooks: MqttHooks;
}

const endSessionTimeLimit = 3000;

export interface RenewableReceiver extends Receiver {
  /** Makes the connections anew, one after the other. */
  renew(): Promise<void>;
}

/** Resolves when all connections are subscribed; `signal` ends the wait. */
export async function createReceiver(
  settings: ReceiverSettings,
  options: ReceiveOptions,
  signal: AbortSignal,
): Promise<RenewableReceiver> {
  const { maximumUnacknowledged, silenceProbe } = options;
  const silence = silenceProbe === undefined ? undefined : { probe: silenceProbe, limit: settings.silenceLimit };
  const budget = new Budget(maximumUnacknowledged, settings.maximumBytes);
  const shared = (filters: string[]) => filters.map((filter) => sharedFilter(options.group, filter));
  // Each connection's credit is its part of the bound, so that a well-behaved broker never makes reading stop.
  const receiveMaximum = Math.min(65_535, Math.max(1, Math.ceil(maximumUnacknowledged / settings.connections)));
  const lines = Array.from({ length: settings.connections }, (_, index) => ({
    ...settings.line,
    receiveMaximum,
    clientId: settings.connections === 1 ? settings.line.clientId : `${settings.line.clientId}.${index}`,
  }));
  const connections = lines.map(
    (line, index) =>
      new ReceivingConnection(
        { index, line, budget, hooks: settings.hooks, silence, received: (message) => options.received(message) },
        shared(options.filters),
      ),
  );
  const close = async (forGood: boolean) => {
    const told = await Promise.all(connections.map((connection) => connection.close(forGood)));
    if (forGood) await Promise.all(lines.filter((_, index) => told[index] === false).map(endSession));
  };
  const abandon = () => void close(false);
  signal.addEventListener('abort', abandon);
  try {
    await Promise.all(connections.map((connection) => connection.subscribedOnce));
    signal.throwIfAborted();
  } catch (error) {
    await close(false);
    throw error;
  } finally {
    signal.removeEventListener('abort', abandon);
  }
  return {
    async addFilters(filters) {
      await Promise.all(connections.map((connection) => connection.addFilters(shared(filters))));
    },
    ready: () => connections.every((connection) => connection.subscribed),
    async drain() {
      await Promise.all(connections.map((connection) => connection.drain()));
    },
    async renew() {
      for (const connection of connections) await connection.renew();
    },
    close: ({ forGood = false } = {}) => close(forGood),
  };
}

/** Leaves for good where DISCONNECT could not say so: connects clean and disconnects (TS-0010 6.3.3). */
async function endSession(line: LineSettings): Promise<void> {
  const limited = { ...line, clean: true, connectTimeLimit: endSessionTimeLimit };
  // A broker that is away forgets the session by itself when it expires.
  const connection = await connectOnce(limited).catch(() => undefined);
  await connection?.close();
}
