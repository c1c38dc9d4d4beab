/** Sockets of the embedded broker: MQTT over TCP and over WebSocket. */
import { createServer as createHttpServer, type Server as HttpServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createWebSocketStream, WebSocketServer } from 'ws';

export interface ListenerSettings {
  /** Loopback unless `allowRemote`; 127.0.0.1. */
  host: string;
  /** 0 for any free port. */
  port: number;
  /** Undefined: no WebSocket. */
  webSocketPort?: number;
  /** Nobody has to show credentials: without this only loopback may be listened on. */
  allowRemote: boolean;
  /** Largest WebSocket frame, bytes. */
  maximumPacketSize: number;
}

/** Why the broker cannot listen: `EADDRINUSE`, `EACCES`, …, or `NOT_LOOPBACK`. */
export class ListenFailed extends Error {
  override name = 'ListenFailed';
  readonly code: string;
  readonly host: string;
  readonly port: number;
  constructor(code: string, host: string, port: number, message: string) {
    super(message);
    this.code = code;
    this.host = host;
    this.port = port;
  }
}

export interface Listeners {
  readonly port: number;
  readonly webSocketPort: number | undefined;
  /** Ends the listeners and every connection. */
  close(): Promise<void>;
}

type Handle = (stream: Duplex, request?: IncomingMessage) => void;

export async function listen(settings: ListenerSettings, handle: Handle): Promise<Listeners> {
  refuseRemote(settings);
  const sockets = new Set<Socket>();
  const tcp = createServer({ noDelay: true }, (socket) => {
    track(sockets, socket);
    handle(socket);
  });
  const port = await bind(tcp, settings.host, settings.port);
  const http = createHttpServer((_request, response) => response.writeHead(426).end());
  http.on('connection', (socket) => track(sockets, socket));
  let webSocketPort: number | undefined;
  if (settings.webSocketPort !== undefined) {
    attachWebSocket(http, settings.maximumPacketSize, handle);
    try {
      webSocketPort = await bind(http, settings.host, settings.webSocketPort);
    } catch (error) {
      await stop(tcp, sockets);
      throw error;
    }
  }
  return {
    port,
    webSocketPort,
    async close() {
      await Promise.all([stop(tcp, sockets), stop(http, sockets)]);
    },
  };
}

function track(sockets: Set<Socket>, socket: Socket): void {
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
}

function attachWebSocket(http: HttpServer, maximumPacketSize: number, handle: Handle): void {
  const server = new WebSocketServer({
    server: http,
    maxPayload: maximumPacketSize,
    perMessageDeflate: false,
    // MQTT 6: the subprotocol is "mqtt".
    handleProtocols: (offered) => (offered.has('mqtt') ? 'mqtt' : false),
  });
  // The HTTP server reports it.
  server.on('error', () => undefined);
  server.on('connection', (socket, request) => {
    request.socket.setNoDelay(true);
    const stream = createWebSocketStream(socket);
    handle(stream, request);
  });
}

function refuseRemote({ host, port, allowRemote }: ListenerSettings): void {
  if (allowRemote || host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)) return;
  throw new ListenFailed(
    'NOT_LOOPBACK',
    host,
    port,
    `the embedded broker asks nobody for credentials and therefore listens on loopback only, not on ${host}`,
  );
}

function bind(server: Server | HttpServer, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? 'UNKNOWN';
      const text = code === 'EADDRINUSE' ? `port ${port} on ${host} is in use` : `cannot listen: ${error.message}`;
      reject(new ListenFailed(code, host, port, text));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function stop(server: Server | HttpServer, sockets: Set<Socket>): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });
}
