/** Changing how much is logged while the process runs: for a while, or until somebody changes it again. */
import { type LeveledLog, type LogLevel, logLevels } from './logging.ts';

/** How long a signal turns `debug` on, ms. */
const debugTime = 600_000;

export interface LogLevels {
  readonly level: LogLevel;
  /** With a time (ms) the level goes back to that of the settings when it is over. */
  set(level: LogLevel, time?: number): void;
  /** `debug` for ten minutes; if it is on already, back to the level of the settings. */
  toggleDebug(): void;
  /** Ends what is still to go back. */
  stop(): void;
}

export function isLogLevel(text: string): text is LogLevel {
  return (logLevels as readonly string[]).includes(text);
}

export function createLogLevels(log: LeveledLog): LogLevels {
  const configured = log.level;
  let timer: NodeJS.Timeout | undefined;

  function set(level: LogLevel, time?: number): void {
    clearTimeout(timer);
    const before = log.level;
    const change = { from: before, to: level, for: time };
    // Said in a line of the more talkative of the two levels, so that a reader knows why lines begin or end.
    if (isQuieter(level, before)) log.warn(change, 'log level changed');
    log.setLevel(level);
    if (!isQuieter(level, before)) log.warn(change, 'log level changed');
    if (time !== undefined) timer = setTimeout(() => set(configured), time).unref();
  }

  return {
    get level() {
      return log.level;
    },
    set,
    toggleDebug() {
      if (log.level === 'debug') set(configured);
      else set('debug', debugTime);
    },
    stop: () => clearTimeout(timer),
  };
}

function isQuieter(level: LogLevel, than: LogLevel): boolean {
  return logLevels.indexOf(level) > logLevels.indexOf(than);
}

/** Binds the toggle to SIGUSR2. Returns a function that unbinds. */
export function toggleOnSignal(levels: LogLevels, source: NodeJS.EventEmitter = process): () => void {
  const toggle = () => levels.toggleDebug();
  source.on('SIGUSR2', toggle);
  return () => void source.off('SIGUSR2', toggle);
}
