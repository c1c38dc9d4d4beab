/** How every process of a cluster begins: logs, signals, metrics, failpoints, and the admin port before anything else. */
import type { DestinationStream, LevelWithSilent } from 'pino';
import { createAdminServer } from './admin-server.ts';
import { productCommit, productVersion } from './build-info.ts';
import { createFailpoints, type Failpoint } from './failpoints.ts';
import { createLifecycle, endOnFailure, type Lifecycle, stopOnSignals } from './lifecycle.ts';
import { createLogLevels, toggleOnSignal } from './log-levels.ts';
import { createLog, type Log } from './logging.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { ReadinessCheck } from './readiness.ts';
import { readTracingSettings } from './settings-tracing.ts';
import { createSystemClock } from './system-clock.ts';
import { exportLimit, startTracing } from './tracing/start-tracing.ts';
import type { Tracing } from './tracing/tracing.ts';

/** What `processSettings` say. */
export interface ProcessSettings {
  instance: string;
  logLevel: LevelWithSilent;
  drainDeadline: number;
  failpoints: string | undefined;
  adminHost: string;
  adminPort: number;
}

export interface BegunProcess {
  log: Log;
  lifecycle: Lifecycle;
  metrics: Metrics;
  tracing: Tracing;
  failpoint: Failpoint;
  /** Readiness by name: what is added here counts from then on. */
  checks: Record<string, ReadinessCheck>;
  /** The port that the admin server got. */
  adminPort: number;
  /** Ends the process because of a part that cannot go on. */
  failed(reason: Error): void;
}

export interface BeginOptions {
  /** Of the log; standard output unless given. */
  destination?: DestinationStream;
  /** See {@link SignalOptions}. */
  repeatWithin?: number;
  source?: NodeJS.EventEmitter;
}

/** Rejects with a clear message if the admin port cannot be had. */
export async function beginProcess(
  service: string,
  settings: ProcessSettings,
  options: BeginOptions = {},
): Promise<BegunProcess> {
  const { destination, repeatWithin = 0, source = process } = options;
  const log = createLog({
    service,
    instance: settings.instance,
    level: settings.logLevel,
    ...(destination === undefined ? {} : { destination }),
  });
  const lifecycle = createLifecycle(log);
  const ending = { log, drainDeadline: settings.drainDeadline, repeatWithin, source };
  stopOnSignals(lifecycle, ending);
  const failed = endOnFailure(lifecycle, ending);
  const levels = createLogLevels(log);
  await lifecycle.started('log level signal', toggleOnSignal(levels, source), (unbind) => {
    unbind();
    levels.stop();
  });
  const metrics = createMetrics({ defaults: true });
  metrics.buildInfo.set(1, productVersion(), productCommit(), process.version, service);
  const failpoint = createFailpoints(settings.failpoints);
  const tracing = await lifecycle.started(
    'tracing',
    startTracing({
      service,
      instance: settings.instance,
      version: productVersion(),
      settings: readTracingSettings(),
      logSystem: service === 'embedded' ? 'memory' : 'kafka',
      clock: createSystemClock(),
      log,
    }),
    (part) => part.stop(exportLimit(settings.drainDeadline)),
  );
  // Who drains wants no new work, whatever its parts still say.
  const checks: Record<string, ReadinessCheck> = { running: () => !lifecycle.isStopping() };
  const admin = createAdminServer({
    host: settings.adminHost,
    port: settings.adminPort,
    metrics,
    checks,
    started: lifecycle.isStarted,
    levels,
  });
  const adminPort = await lifecycle.started('admin server', admin.start(), () => admin.stop());
  return { log, lifecycle, metrics, tracing, failpoint, checks, adminPort, failed };
}
