/** The table of metrics that the documentation shows: read from the registry itself. */
import type { Registry } from 'prom-client';
import { markdownTable } from './markdown-table.ts';

/** One metric, ready to be shown. Its unit is the end of its name. */
export interface MetricRow {
  name: string;
  kind: string;
  labels: readonly string[];
  help: string;
}

/** In the order in which they were made. */
export async function metricRows(registry: Registry): Promise<MetricRow[]> {
  const kinds = new Map((await registry.getMetricsAsJSON()).map(({ name, type }) => [name, String(type)]));
  // The client keeps the labels of a metric, and its types do not say so.
  const metrics = registry.getMetricsAsArray() as unknown as { name: string; help: string; labelNames: string[] }[];
  return metrics.map(({ name, help, labelNames }) => ({ name, kind: kinds.get(name) ?? '', labels: labelNames, help }));
}

/** A Markdown table. */
export async function metricsTable(registry: Registry): Promise<string> {
  const rows = (await metricRows(registry)).map(({ name, kind, labels, help }) => [
    `\`${name}\``,
    kind,
    labels.map((label) => `\`${label}\``).join(', '),
    help,
  ]);
  return markdownTable(['Metric', 'Kind', 'Labels', 'Meaning'], rows);
}
