/** Logs: one line of JSON each, with the service and the instance. Never a payload, never a credential. */
import { type DestinationStream, type LevelWithSilent, type Logger, pino } from 'pino';
import { redactFields, redactText } from './redaction.ts';
import { parseTraceparent } from './trace-context.ts';

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

/** The same with a level that can be changed while it is used, that of its children included. */
export interface LeveledLog extends Log {
  readonly level: LogLevel;
  setLevel(level: LogLevel): void;
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface LogOptions {
  /** `ingress`, `resource-worker`, `responder`, `embedded`. */
  service: string;
  /** Tells the processes of a service apart. */
  instance: string;
  level: LevelWithSilent;
  /** Standard output unless given. */
  destination?: DestinationStream;
}

export function createLog(options: LogOptions): LeveledLog {
  const children: Logger[] = [];
  const settings = {
    level: options.level,
    base: { service: options.service, instance: options.instance },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }), log: redactFields },
    onChild: (child: Logger) => void children.push(child),
  };
  const root = options.destination === undefined ? pino(settings) : pino(settings, options.destination);
  return {
    debug: (fields, message) => root.debug(fields, redactText(message)),
    info: (fields, message) => root.info(fields, redactText(message)),
    warn: (fields, message) => root.warn(fields, redactText(message)),
    error: (fields, message) => root.error(fields, redactText(message)),
    fatal: (fields, message) => root.fatal(fields, redactText(message)),
    child: (fields) => root.child(redactFields(fields)),
    get level() {
      return root.level as LogLevel;
    },
    setLevel(level) {
      for (const each of [root, ...children]) each.level = level;
    },
  };
}

/** For tests and tools that want none. */
export function createSilentLog(): Log {
  return pino({ level: 'silent' });
}

/** What finds the trace of a record, by its traceparent: to be spread into the fields of a line about it. */
export function traceFields(traceparent: string | undefined): { trace_id?: string; span_id?: string } {
  const context = traceparent === undefined ? undefined : parseTraceparent(traceparent);
  return context === undefined ? {} : { trace_id: context.traceId, span_id: context.spanId };
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
  /** Of the request, if it has one already. */
  traceparent?: string | undefined;
}

/** A request that was answered with an error without being executed. */
export function logRefused(log: Log, refusal: Refusal): void {
  const { requestIdentifier, traceparent, ...rest } = refusal;
  log.info({ rqi: requestIdentifier, ...rest, ...traceFields(traceparent) }, 'request refused');
}

export interface DeadLetterNotice {
  requestIdentifier: string | undefined;
  step: string;
  reason: string;
  partition: number;
  offset: number;
  traceparent?: string | undefined;
}

/** A record that went to the dead letters: somebody must look at it. */
export function logDeadLetter(log: Log, notice: DeadLetterNotice): void {
  const { requestIdentifier, traceparent, ...rest } = notice;
  log.error({ rqi: requestIdentifier, ...rest, ...traceFields(traceparent) }, 'record moved to the dead letters');
}

/** In the form in which adapters hand their lines over. */
export function adapterLog(
  log: Log,
): (level: 'debug' | 'info' | 'warn' | 'error', message: string, details: Record<string, unknown>) => void {
  return (level, message, details) => log[level](details, message);
}
