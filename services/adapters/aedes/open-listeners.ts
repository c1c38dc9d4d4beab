/** Where the embedded broker listens; beyond this machine only under conditions. */
import { isLoopback } from '../../platform/loopback.ts';
import type { ServerCertificate } from '../../platform/server-certificate.ts';
import { type Handle, type Listener, type ListenerSettings, ListenFailed, openListener } from './listeners.ts';

export interface Endpoints {
  /** For connections without TLS; 127.0.0.1. */
  host?: string;
  /** 1883; 0 for any free port. */
  port?: number;
  /** No WebSocket unless given. */
  webSocketPort?: number;
  /** Let `host` be other than loopback though nothing is encrypted there. */
  allowInsecure?: boolean;
  tls?: TlsEndpoints;
}

export interface TlsEndpoints {
  host: string;
  certificate: ServerCertificate;
  port?: number;
  webSocketPort?: number;
}

export interface Listeners {
  readonly ports: {
    readonly port: number;
    readonly webSocketPort: number | undefined;
    readonly tlsPort: number | undefined;
    readonly tlsWebSocketPort: number | undefined;
  };
  close(): Promise<void>;
}

interface Conditions {
  /** Clients have to show credentials. */
  credentials: boolean;
  maximumPacketSize: number;
}

/** All or none. Throws {@link ListenFailed}. */
export async function openListeners(endpoints: Endpoints, conditions: Conditions, handle: Handle): Promise<Listeners> {
  const { host = '127.0.0.1', port = 1883, webSocketPort, tls } = endpoints;
  refuseRemote(endpoints, conditions);
  const opened: Listener[] = [];
  const close = async () => {
    await Promise.all(opened.map((listener) => listener.close()));
  };
  async function open(
    over: ListenerSettings['over'],
    at: { host: string; port: number | undefined; certificate?: ServerCertificate },
  ): Promise<number | undefined> {
    if (at.port === undefined) return undefined;
    const { maximumPacketSize } = conditions;
    const settings = { host: at.host, port: at.port, over, tls: at.certificate, maximumPacketSize };
    const listener = await openListener(settings, handle);
    opened.push(listener);
    return listener.port;
  }
  try {
    const plain = await open('tcp', { host, port });
    const ports = {
      port: plain ?? port,
      webSocketPort: await open('websocket', { host, port: webSocketPort }),
      tlsPort: tls && (await open('tcp', { ...tls, port: tls.port })),
      tlsWebSocketPort: tls && (await open('websocket', { ...tls, port: tls.webSocketPort })),
    };
    return { ports, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function refuseRemote(
  { host = '127.0.0.1', port = 1883, allowInsecure, tls }: Endpoints,
  conditions: Conditions,
): void {
  if (!isLoopback(host)) {
    if (!conditions.credentials) throw withoutCredentials(host, port);
    if (allowInsecure !== true) {
      throw new ListenFailed(
        'NOT_LOOPBACK',
        host,
        port,
        `without TLS the embedded broker listens on loopback only, not on ${host}`,
      );
    }
  }
  if (tls !== undefined && !isLoopback(tls.host) && !conditions.credentials) {
    throw withoutCredentials(tls.host, tls.port ?? 0);
  }
}

function withoutCredentials(host: string, port: number): ListenFailed {
  return new ListenFailed(
    'NOT_LOOPBACK',
    host,
    port,
    `an embedded broker that asks nobody for credentials listens on loopback only, not on ${host}`,
  );
}
