/** Logs: one line of JSON each, with the service and the instance. Never a payload, never a credential. */
import { type DestinationStream, type LevelWithSilent, pino } from 'pino';

/** What the code needs of a logger. Fields first, then one sober sentence. */
export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  fatal(fields: object, message: string): void;
  /** A logger whose lines carry these fields too. */
  child(fields: Record<string, unknown>): Log;
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

export interface LogOptions {
  /** `ingress`, `resource-worker`, `responder`, `embedded`. */
  service: string;
  /** Tells the processes of a service apart. */
  instance: string;
  level: LevelWithSilent;
  /** Standard output unless given. */
  destination?: DestinationStream;
}

export function createLog(options: LogOptions): Log {
  const settings = {
    level: options.level,
    base: { service: options.service, instance: options.instance },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { error: pino.stdSerializers.err },
  };
  return options.destination === undefined ? pino(settings) : pino(settings, options.destination);
}

/** For tests and tools that want none. */
export function createSilentLog(): Log {
  return pino({ level: 'silent' });
}

export interface Refusal {
  /** requestIdentifier, where one could be read. */
  requestIdentifier: string | undefined;
  /** Response status code. */
  code: number;
  reason: string;
  /** CSE-ID. */
  cse?: string;
  /** Canonical originator. */
  originator?: string;
}

/** A request that was answered with an error without being executed. */
export function logRefused(log: Log, refusal: Refusal): void {
  const { requestIdentifier, ...rest } = refusal;
  log.info({ rqi: requestIdentifier, ...rest }, 'request refused');
}

export interface DeadLetterNotice {
  requestIdentifier: string | undefined;
  step: string;
  reason: string;
  partition: number;
  offset: number;
}

/** A record that went to the dead letters: somebody must look at it. */
export function logDeadLetter(log: Log, notice: DeadLetterNotice): void {
  const { requestIdentifier, ...rest } = notice;
  log.error({ rqi: requestIdentifier, ...rest }, 'record moved to the dead letters');
}

/** In the form in which adapters hand their lines over. */
export function adapterLog(
  log: Log,
): (level: 'debug' | 'info' | 'warn' | 'error', message: string, details: Record<string, unknown>) => void {
  return (level, message, details) => log[level](details, message);
}
