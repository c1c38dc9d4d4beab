/** How every process of a cluster begins: logs, signals, metrics, failpoints, and the admin port before anything else. */
import type { LevelWithSilent } from 'pino';
import { createAdminServer, type ReadinessCheck } from './admin-server.ts';
import { createFailpoints, type Failpoint } from './failpoints.ts';
import { createLifecycle, endOnFailure, type Lifecycle, stopOnSignals } from './lifecycle.ts';
import { createLog, type Log } from './logging.ts';
import { createMetrics, type Metrics } from './metrics.ts';

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
  failpoint: Failpoint;
  /** Readiness by name: what is added here counts from then on. */
  checks: Record<string, ReadinessCheck>;
  /** The port that the admin server got. */
  adminPort: number;
  /** Ends the process because of a part that cannot go on. */
  failed(reason: Error): void;
}

/** Rejects with a clear message if the admin port cannot be had. */
export async function beginProcess(service: string, settings: ProcessSettings): Promise<BegunProcess> {
  const log = createLog({ service, instance: settings.instance, level: settings.logLevel });
  const lifecycle = createLifecycle(log);
  const ending = { log, drainDeadline: settings.drainDeadline };
  stopOnSignals(lifecycle, ending);
  const failed = endOnFailure(lifecycle, ending);
  const metrics = createMetrics({ defaults: true });
  const failpoint = createFailpoints(settings.failpoints);
  const checks: Record<string, ReadinessCheck> = {};
  const admin = createAdminServer({
    host: settings.adminHost,
    port: settings.adminPort,
    registry: metrics.registry,
    checks,
    started: lifecycle.isStarted,
  });
  const adminPort = await lifecycle.started('admin server', admin.start(), () => admin.stop());
  return { log, lifecycle, metrics, failpoint, checks, adminPort, failed };
}
