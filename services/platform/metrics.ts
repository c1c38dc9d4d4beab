/**
 * Every metric that the processes have, in one place: the tables in `metrics/`, by theme. A row is name, unit, help, labels
 * with all their values, buckets. Labels take values from those sets only, never from what a device sent.
 */
import { collectDefaultMetrics, Registry } from 'prom-client';
import { createInstruments, type Instruments, type MetricTable } from './metric-types.ts';
import { brokerAccessMetrics } from './metrics/broker-access.ts';
import { canaryMetrics } from './metrics/canary.ts';
import { ingressMetrics } from './metrics/ingress.ts';
import { outboundMetrics } from './metrics/outbound.ts';
import { partMetrics } from './metrics/parts.ts';
import { pathMetrics } from './metrics/path.ts';
import { processMetrics } from './metrics/process.ts';
import { usageMetrics } from './metrics/usage.ts';

/** The registry as data: the documentation and tests read it. */
export const metricTable = {
  ...pathMetrics,
  ...ingressMetrics,
  ...outboundMetrics,
  ...partMetrics,
  ...brokerAccessMetrics,
  ...usageMetrics,
  ...canaryMetrics,
  ...processMetrics,
} satisfies MetricTable;

/** The metrics of a process. One instance per process; the flows of an embedded one share it. */
export interface Metrics extends Instruments<typeof metricTable> {
  readonly registry: Registry;
  /** Called before every scrape, for what costs nothing until somebody asks. The returned function ends that. */
  beforeScrape(look: () => void | Promise<void>): () => void;
}

/** `defaults` adds Node's own metrics: delay of the event loop (`nodejs_eventloop_lag_…`), memory, garbage collection. */
export function createMetrics(options: { defaults?: boolean } = {}): Metrics {
  const registry = new LookingRegistry();
  if (options.defaults === true) collectDefaultMetrics({ register: registry });
  return {
    ...createInstruments(registry, metricTable),
    registry,
    beforeScrape(look) {
      registry.looks.add(look);
      return () => void registry.looks.delete(look);
    },
  };
}

class LookingRegistry extends Registry {
  readonly looks = new Set<() => void | Promise<void>>();

  override async metrics(): Promise<string> {
    await Promise.all([...this.looks].map((look) => look()));
    return super.metrics();
  }
}
