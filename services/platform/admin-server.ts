/** What an orchestrator and an operator ask a process over HTTP: is it alive, ready, started, its metrics, its log level. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerLogLevel } from './admin-log-level.ts';
import type { LogLevels } from './log-levels.ts';
import type { Metrics } from './metrics.ts';
import { createReadiness, type ReadinessCheck } from './readiness.ts';

export interface AdminServerOptions {
  /** Address to listen on; loopback unless the operator says otherwise. */
  host: string;
  /** 0 takes any free port. */
  port: number;
  metrics: Metrics;
  /** All must hold for `/readyz`. */
  checks: Record<string, ReadinessCheck>;
  /** True once everything has been started: `/startupz`. */
  started: () => boolean;
  /** What `/log-level` shows and changes; without it there is no such path. */
  levels?: LogLevels;
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

export interface AdminAnswer {
  status: number;
  body: object | string;
  /** `application/json` unless given. */
  type?: string;
  headers?: Record<string, string>;
}

type Route = (request: IncomingMessage, url: URL) => AdminAnswer | Promise<AdminAnswer>;

export function createAdminServer(options: AdminServerOptions): AdminServer {
  const { metrics } = options;
  const routes = routesOf(options);
  const server = createServer((request, response) => {
    const url = urlOf(request);
    void answer(routes, request, url)
      .catch((): AdminAnswer => ({ status: 500, body: { status: 'error' } }))
      .then((answered) => {
        metrics.adminRequests.add(1, url.pathname, answered.status);
        send(response, answered);
      });
  });
  // A peer that sends slowly or never ends must not hold a connection for ever.
  server.requestTimeout = 5000;
  server.headersTimeout = 5000;
  return {
    start: () => listen(server, options.host, options.port),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function routesOf({ checks, started, metrics, levels }: AdminServerOptions): Record<string, Route> {
  const readiness = createReadiness(checks);
  async function ready(): Promise<{ ready: boolean; checks: Record<string, boolean> }> {
    const outcomes = await readiness.check();
    return { ready: started() && Object.values(outcomes).every(Boolean), checks: outcomes };
  }
  metrics.beforeScrape(async () => metrics.ready.set((await ready()).ready ? 1 : 0));
  return {
    // It asks nobody. If the event loop stands still, there is no answer at all: that is what the orchestrator's limit is for.
    '/livez': () => ({ status: 200, body: { status: 'alive' } }),
    '/startupz': () => ({ status: started() ? 200 : 503, body: { status: started() ? 'started' : 'starting' } }),
    '/readyz': async () => {
      const outcome = await ready();
      const status = outcome.ready ? 'ready' : 'not ready';
      return { status: outcome.ready ? 200 : 503, body: { status, checks: outcome.checks } };
    },
    '/metrics': async () => {
      return { status: 200, body: await metrics.registry.metrics(), type: metrics.registry.contentType };
    },
    ...(levels === undefined ? {} : { '/log-level': (request, url) => answerLogLevel(levels, request, url) }),
  };
}

async function answer(routes: Record<string, Route>, request: IncomingMessage, url: URL): Promise<AdminAnswer> {
  const route = Object.hasOwn(routes, url.pathname) ? routes[url.pathname] : undefined;
  if (route === undefined) return { status: 404, body: { status: 'not found', paths: Object.keys(routes) } };
  const isRead = request.method === 'GET' || request.method === 'HEAD';
  if (!isRead && url.pathname !== '/log-level') return notAllowed('GET, HEAD');
  return route(request, url);
}

/** Whatever stands in the request line: `//` is no URL. */
function urlOf({ url = '/' }: IncomingMessage): URL {
  return URL.parse(url, 'http://admin') ?? new URL('http://admin/unreadable');
}

/** 405. */
export function notAllowed(methods: string): AdminAnswer {
  return { status: 405, body: { status: 'method not allowed', methods }, headers: { allow: methods } };
}

function send(response: ServerResponse, { status, body, type = 'application/json', headers }: AdminAnswer): void {
  response.writeHead(status, { 'content-type': type, ...headers });
  response.end(typeof body === 'string' ? body : `${JSON.stringify(body)}\n`);
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
