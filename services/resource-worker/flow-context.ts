import type { Deployment } from '../core/deployment.ts';
import type { Log } from '../platform/logging.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Chance } from '../ports/clock.ts';
import type { HostedCses } from './hosted-cses.ts';
import type { WorkerSettings } from './parts.ts';

/** What every step of the flow may use besides the batch in hand. None of it waits. */
export interface FlowContext {
  deployment: Deployment;
  cses: HostedCses;
  chance: Chance;
  metrics: Metrics;
  log: Log;
  settings: WorkerSettings;
}
