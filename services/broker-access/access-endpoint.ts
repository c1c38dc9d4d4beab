/** The HTTP endpoint that brokers ask. Denies when it is unsure, and gives nobody much room: short bodies, short times. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Server as TlsServer } from 'node:tls';
import type { ServerCertificate } from '../platform/server-certificate.ts';
import {
  type Answered,
  type AnswerOptions,
  answerAuthentication,
  answerAuthorization,
  denied,
} from './answer-question.ts';

export type AccessPath = 'authenticate' | 'authorize' | 'other';

export interface AccessEndpointOptions extends AnswerOptions {
  host: string;
  /** 0 for any free port. */
  port: number;
  /** undefined: no TLS. */
  certificate: ServerCertificate | undefined;
  /** With a client authority in `certificate`: only who shows a certificate of it is answered. */
  demandCertificate: boolean;
  /** What the header `x-in-cse-secret` must hold; undefined: nothing. Asked for each request. */
  secret(): string | undefined;
  answered(path: AccessPath, answer: Answered): void;
}

export interface AccessEndpoint {
  /** Gives the port. Rejects if it cannot listen. */
  start(): Promise<number>;
  stop(): Promise<void>;
}

export const secretHeader = 'x-in-cse-secret';

/** Bytes. */
const longestBody = 8192;
/** ms. */
const times = {
  requestTimeout: 5000,
  headersTimeout: 5000,
  keepAliveTimeout: 75_000,
  connectionsCheckingInterval: 1000,
};
const longestDrain = 2000;
const mostConnections = 1024;

export function createAccessEndpoint(options: AccessEndpointOptions): AccessEndpoint {
  const { certificate, demandCertificate } = options;
  const limits = { ...times, maxHeaderSize: 8192 };
  const listener = (request: IncomingMessage, response: ServerResponse) => void handle(request, response, options);
  const server: Server =
    certificate === undefined
      ? createServer(limits, listener)
      : createHttpsServer({ ...limits, ...certificate.options(), rejectUnauthorized: demandCertificate }, listener);
  server.maxConnections = mostConnections;
  const unbind = certificate?.renewed((context) => (server as Server & TlsServer).setSecureContext(context));
  return {
    start: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(options.port, options.host, () => resolve((server.address() as AddressInfo).port));
      }),
    stop: () =>
      new Promise((resolve) => {
        unbind?.();
        server.close(() => resolve());
        server.closeIdleConnections();
        setTimeout(() => server.closeAllConnections(), longestDrain).unref();
      }),
  };
}

async function handle(request: IncomingMessage, response: ServerResponse, options: AccessEndpointOptions) {
  const path = pathOf(request);
  let answer: Answered;
  try {
    answer = await answerTo(path, request, options);
  } catch {
    answer = denied('unavailable');
  }
  options.answered(path, answer);
  const text = JSON.stringify(answer.body);
  // The rest of a body that nobody reads must not be taken for the next request.
  if (!request.complete) response.setHeader('connection', 'close');
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) });
  response.end(text);
}

async function answerTo(path: AccessPath, request: IncomingMessage, options: AccessEndpointOptions): Promise<Answered> {
  if (!knowsSecret(request, options.secret())) return denied('secret');
  if (path === 'other' || request.method !== 'POST') return denied('unreadable');
  const body = await readBody(request);
  if (body === undefined) return denied('unreadable');
  return path === 'authenticate' ? answerAuthentication(body, options) : answerAuthorization(body, options);
}

function pathOf({ url = '' }: IncomingMessage): AccessPath {
  const path = url.split('?', 1)[0];
  if (path === '/authenticate') return 'authenticate';
  return path === '/authorize' ? 'authorize' : 'other';
}

function knowsSecret({ headers }: IncomingMessage, secret: string | undefined): boolean {
  if (secret === undefined) return true;
  const shown = headers[secretHeader];
  // A file that is empty for a moment is no secret.
  return typeof shown === 'string' && secret !== '' && timingSafeEqual(digest(shown), digest(secret));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** undefined: too long, or not whole, or not UTF-8. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > longestBody) return undefined;
      chunks.push(chunk);
    }
    return new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    return undefined;
  }
}
