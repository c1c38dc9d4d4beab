/** The table of metrics that the documentation shows: read from the registry's own rows. */
import { markdownTable } from './markdown-table.ts';
import type { Label, MetricRow, MetricTable } from './metric-types.ts';

/** Labels with more values than this are shown by how many there are. */
const shownValues = 12;

/** A Markdown table, in the order of the registry. */
export function metricsTable(table: MetricTable): string {
  const rows = Object.values(table).map(({ name, kind, unit, labels, help }: MetricRow) => [
    `\`${name}\``,
    kind,
    unit,
    labels.map(labelText).join('; '),
    help,
  ]);
  return markdownTable(['Metric', 'Kind', 'Unit', 'Labels', 'Meaning'], rows);
}

function labelText({ name, values }: Label): string {
  if (values === 'constant') return `\`${name}\``;
  if ('from' in values) return `\`${name}\` (${values.from} … ${values.to})`;
  if ('atMost' in values) return `\`${name}\` (chosen by the settings, at most ${values.atMost})`;
  return `\`${name}\` (${values.length > shownValues ? `${values.length} values` : values.join(', ')})`;
}
