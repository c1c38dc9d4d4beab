/** KafkaJS clients as this adapter wants them. */
import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import type { KafkaConnection } from './connection.ts';
import type { KafkaHooks } from './hooks.ts';
import { repairRequestQueue } from './repairs.ts';
import { saslOf } from './sasl.ts';

/** ms a request may take before its connection is given up. */
export const defaultRequestTimeout = 15_000;

/**
 * A client of its own for every producer, consumer and admin: KafkaJS shares committed offsets between the consumers of one
 * client, and two of the same group would overwrite each other's.
 */
export function createClient(
  connection: KafkaConnection,
  clientId: string,
  hooks: KafkaHooks,
  requestTimeout: number = defaultRequestTimeout,
): Kafka {
  repairRequestQueue();
  const config: KafkaConfig = {
    clientId,
    brokers: connection.brokers,
    connectionTimeout: 3000,
    requestTimeout,
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 4 },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => report(hooks, entry),
    socketFactory: (to) => openSocket(to, connection),
    ssl: connection.tls !== undefined,
  };
  if (connection.credentials !== undefined) config.sasl = saslOf(connection.credentials);
  return new Kafka(config);
}

type SocketArguments = Parameters<NonNullable<KafkaConfig['socketFactory']>>[0];

/** As KafkaJS opens it, but without Nagle's delay, and with the certificates that the files hold now. */
function openSocket({ host, port, onConnect }: SocketArguments, { tls }: KafkaConnection): Socket {
  const servername = isIP(host) === 0 ? { servername: host } : {};
  const socket =
    tls === undefined
      ? connect({ host, port }, onConnect)
      : connectTls({ host, port, ...servername, ...tls() }, onConnect);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 60_000);
  return socket;
}

type LogEntry = Parameters<ReturnType<NonNullable<KafkaConfig['logCreator']>>>[0];

/** KafkaJS calls an error what it will retry: to the operator that is a warning at most. */
function report(hooks: KafkaHooks, entry: LogEntry): void {
  if (hooks.log === undefined) return;
  const { message, timestamp: _timestamp, stack: _stack, logger: _logger, ...details } = entry.log;
  hooks.log('warn', `kafkajs ${entry.namespace}: ${message}`, details);
}

/** The error that a KafkaJS retry wrapper hides. */
export function rootCause(error: unknown): Error {
  let current = error instanceof Error ? error : new Error(String(error));
  while (current.cause instanceof Error && current.cause !== current) current = current.cause;
  return current;
}

/** Type of a protocol error (`MESSAGE_TOO_LARGE`), or undefined for anything else. */
export function protocolErrorType(error: Error): string | undefined {
  const { type } = error as { type?: unknown };
  return typeof type === 'string' ? type : undefined;
}
