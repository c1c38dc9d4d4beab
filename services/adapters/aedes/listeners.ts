/** A socket of the embedded broker: MQTT over TCP or over WebSocket, with or without TLS. */
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, type TLSSocket, type Server as TlsServer } from 'node:tls';
import { createWebSocketStream, WebSocketServer } from 'ws';
import type { ServerCertificate } from '../../platform/server-certificate.ts';

export interface ListenerSettings {
  host: string;
  /** 0 for any free port. */
  port: number;
  over: 'tcp' | 'websocket';
  tls?: ServerCertificate | undefined;
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

export interface Listener {
  readonly port: number;
  /** Ends the listener and every connection. */
  close(): Promise<void>;
}

export type Handle = (stream: Duplex, request?: IncomingMessage) => void;

/** Throws {@link ListenFailed}. */
export async function openListener(settings: ListenerSettings, handle: Handle): Promise<Listener> {
  const { host, port, over, tls } = settings;
  const sockets = new Set<Socket>();
  const server = over === 'tcp' ? createStreamServer(tls, handle) : createWebServer(settings, handle);
  // Under TLS this is the connection beneath; what is above it ends with it.
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const unbind = tls?.renewed((options) => (server as TlsServer).setSecureContext(options));
  try {
    const bound = await bind(server, host, port);
    return {
      port: bound,
      async close() {
        unbind?.();
        await stop(server, sockets);
      },
    };
  } catch (error) {
    unbind?.();
    throw error;
  }
}

function createStreamServer(tls: ServerCertificate | undefined, handle: Handle): Server {
  if (tls === undefined) return createServer({ noDelay: true }, (socket) => handle(socket));
  const server = createTlsServer({ ...tls.options(), noDelay: true });
  server.on('secureConnection', (socket) => {
    if (isImpostor(socket)) socket.destroy();
    else handle(socket);
  });
  return server;
}

function createWebServer({ tls, maximumPacketSize }: ListenerSettings, handle: Handle): Server {
  const refuse: RequestListener = (_request, response) => response.writeHead(426).end();
  const http = tls === undefined ? createHttpServer(refuse) : createHttpsServer(tls.options(), refuse);
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
    if (isImpostor(request.socket)) return socket.terminate();
    handle(createWebSocketStream(socket), request);
  });
  return http;
}

/** A client need not show a certificate, but one that our authorities have not signed says that something is wrong. */
function isImpostor(socket: Socket | TLSSocket): boolean {
  if (!('getPeerCertificate' in socket) || socket.authorized) return false;
  const certificate: object | undefined = socket.getPeerCertificate();
  return certificate !== undefined && Object.keys(certificate).length > 0;
}

function bind(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const code = error.code ?? 'UNKNOWN';
      const text = code === 'EADDRINUSE' ? `port ${port} on ${host} is in use` : `cannot listen: ${error.message}`;
      reject(new ListenFailed(code, host, port, text));
    });
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function stop(server: Server, sockets: Set<Socket>): Promise<void> {
  if (!server.listening) return Promise.resolve();
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });
}
