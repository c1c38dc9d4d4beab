/**
 * Start and stop of a process: what was started last stops first, a signal drains within a hard limit of time, a second
 * signal ends at once, and an error that nobody caught is logged and ends the process.
 */
import type { Log } from './logging.ts';

export interface Lifecycle {
  /**
   * Waits for a part to start and remembers how to stop it. If it fails, everything started before is stopped and the
   * error goes on. A part that came up while the process was already stopping is stopped at once.
   */
  started<T>(name: string, starting: T | Promise<T>, stop?: (part: T) => unknown): Promise<T>;
  /** All parts are there: from now on the process counts as started. */
  complete(): void;
  isStarted(): boolean;
  isStopping(): boolean;
  /** Stops in reverse order. Errors of a part are logged and do not keep the others from stopping. Idempotent. */
  stop(): Promise<void>;
}

interface StartedPart {
  name: string;
  stop: () => unknown;
}

export function createLifecycle(log: Log): Lifecycle {
  const parts: StartedPart[] = [];
  let complete = false;
  let stopping: Promise<void> | undefined;

  async function stopAll(): Promise<void> {
    for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
      try {
        await part.stop();
        log.debug({ part: part.name }, 'stopped');
      } catch (error) {
        log.error({ part: part.name, error }, 'a part did not stop cleanly');
      }
    }
  }

  const lifecycle: Lifecycle = {
    async started(name, starting, stop) {
      try {
        const part = await starting;
        if (stop !== undefined) parts.push({ name, stop: () => stop(part) });
        if (stopping !== undefined) {
          await stopAll();
          throw new Error(`stopped while ${name} was starting`);
        }
        log.debug({ part: name }, 'started');
        return part;
      } catch (error) {
        await lifecycle.stop();
        throw error;
      }
    },
    complete() {
      complete = true;
    },
    isStarted: () => complete,
    isStopping: () => stopping !== undefined,
    stop() {
      stopping ??= stopAll();
      return stopping;
    },
  };
  return lifecycle;
}

export interface SignalOptions {
  log: Log;
  /** Hard limit for a graceful stop, ms. */
  drainDeadline: number;
  /** ms within which a repeated signal is the same one, as where npm passes on what the terminal has told already. 0 unless given. */
  repeatWithin?: number;
  /** Called for each end of the process; `process.exit` unless given. */
  exit?: (code: number) => void;
  /** Where signals and uncaught errors come from; the process unless given. */
  source?: NodeJS.EventEmitter;
}

/** Binds a lifecycle to the signals of the process. Returns a function that unbinds. */
export function stopOnSignals(lifecycle: Lifecycle, options: SignalOptions): () => void {
  const { log } = options;
  const exit = options.exit ?? ((code: number) => process.exit(code));
  const source = options.source ?? process;
  let firstAt: number | undefined;

  function onSignal(signal: string): void {
    if (firstAt !== undefined) {
      if (performance.now() - firstAt < (options.repeatWithin ?? 0)) return;
      log.warn({ signal }, 'second signal: ending at once');
      exit(130);
      return;
    }
    firstAt = performance.now();
    log.info({ signal, deadline: options.drainDeadline }, 'draining');
    const timer = setTimeout(() => {
      log.error(
        { deadline: options.drainDeadline },
        'not drained in time: ending; what is unfinished will be repeated',
      );
      exit(1);
    }, options.drainDeadline);
    lifecycle.stop().then(
      () => {
        clearTimeout(timer);
        log.info({}, 'stopped');
        exit(0);
      },
      (error: unknown) => {
        log.error({ error }, 'stopping failed');
        exit(1);
      },
    );
  }
  function onUncaught(error: unknown): void {
    log.fatal({ error }, 'an error that nobody handled: ending');
    exit(1);
  }

  const signalNames = ['SIGTERM', 'SIGINT'];
  const errorEvents = ['uncaughtException', 'unhandledRejection'];
  for (const event of signalNames) source.on(event, onSignal);
  for (const event of errorEvents) source.on(event, onUncaught);
  return () => {
    for (const event of signalNames) source.off(event, onSignal);
    for (const event of errorEvents) source.off(event, onUncaught);
  };
}

/**
 * For what makes going on impossible (a lost group, a client id taken by a twin, a defect): one clear line, a graceful stop
 * within the deadline, exit code 1.
 */
export function endOnFailure(lifecycle: Lifecycle, options: SignalOptions): (reason: Error) => void {
  const exit = options.exit ?? ((code: number) => process.exit(code));
  return (reason) => {
    options.log.fatal({ error: reason }, `cannot go on: ${reason.message}`);
    const timer = setTimeout(() => exit(1), options.drainDeadline);
    void lifecycle.stop().finally(() => {
      clearTimeout(timer);
      exit(1);
    });
  };
}
