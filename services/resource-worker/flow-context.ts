import type { Deployment } from '../core/deployment.ts';
import type { Log } from '../platform/logging.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Tracing } from '../platform/tracing/tracing.ts';
import type { Chance } from '../ports/clock.ts';
import type { HostedCses } from './hosted-cses.ts';
import type { WorkerSettings } from './parts.ts';
import type { KnownUsage } from './usage/known-usage.ts';

/** What every step of the flow may use besides the batch in hand. None of it waits. */
export interface FlowContext {
  deployment: Deployment;
  cses: HostedCses;
  chance: Chance;
  metrics: Metrics;
  tracing: Tracing;
  log: Log;
  settings: WorkerSettings;
  /** What the CSEs have, for their quotas. */
  usage: KnownUsage;
}
