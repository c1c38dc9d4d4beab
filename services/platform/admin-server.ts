/** What an orchestrator and an operator ask a process over HTTP: is it alive, ready, started, and its metrics. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

/** A named condition of readiness. May throw: that counts as not ready. */
export type ReadinessCheck = () => boolean | Promise<boolean>;

export interface AdminServerOptions {
  /** Address to listen on; loopback unless the operator says otherwise. */
  host: string;
  /** 0 takes any free port. */
  port: number;
  registry: Registry;
  /** All must hold for `/readyz`. */
  checks: Record<string, ReadinessCheck>;
  /** True once everything has been started: `/startupz`. */
  started: () => boolean;
  /** False asks the orchestrator to replace the process: `/livez`. True unless given. */
  alive?: () => boolean;
}

export interface AdminServer {
  /** Listens; gives the port. Rejects with a clear message if it cannot. */
  start(): Promise<number>;
  stop(): Promise<void>;
}

/** The port cannot be had; the message says why and what to do. */
export class AdminPortUnavailable extends Error {
  override name = 'AdminPortUnavailable';
}

export function createAdminServer(options: AdminServerOptions): AdminServer {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    answer(path, options, response).catch(() => send(response, 500, { status: 'error' }));
  });
  return {
    start: () => listen(server, options.host, options.port),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(path: string, options: AdminServerOptions, response: ServerResponse): Promise<void> {
  switch (path) {
    case '/livez': {
      const alive = options.alive?.() ?? true;
      return send(response, alive ? 200 : 503, { status: alive ? 'alive' : 'stuck' });
    }
    case '/startupz': {
      const started = options.started();
      return send(response, started ? 200 : 503, { status: started ? 'started' : 'starting' });
    }
    case '/readyz': {
      const checks = await runChecks(options.checks);
      const ready = options.started() && Object.values(checks).every(Boolean);
      return send(response, ready ? 200 : 503, { status: ready ? 'ready' : 'not ready', checks });
    }
    case '/metrics':
      response.writeHead(200, { 'content-type': options.registry.contentType });
      response.end(await options.registry.metrics());
      return;
    default:
      return send(response, 404, { status: 'not found', paths: ['/livez', '/readyz', '/startupz', '/metrics'] });
  }
}

/** The outcome of every check by name. */
export async function runChecks(checks: Record<string, ReadinessCheck>): Promise<Record<string, boolean>> {
  const outcomes = await Promise.all(
    Object.entries(checks).map(async ([name, check]): Promise<[string, boolean]> => {
      try {
        return [name, await check()];
      } catch {
        return [name, false];
      }
    }),
  );
  return Object.fromEntries(outcomes);
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(explained(error, host, port)));
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function explained(error: NodeJS.ErrnoException, host: string, port: number): Error {
  const why =
    error.code === 'EADDRINUSE'
      ? 'another process listens there; choose another with --admin-port'
      : error.code === 'EACCES'
        ? 'this user may not listen there; choose a port above 1023 with --admin-port'
        : error.message;
  return new AdminPortUnavailable(`The admin port ${host}:${port} cannot be opened: ${why}.`);
}
