/** What a CSE has, and may have, as the operator sees it. */
import { noUsage, type Usage } from '../../core/quotas.ts';
import type { ResourceStore } from '../../ports/resource-store.ts';

export interface CseFigures {
  /** CSE-ID. */
  cse: string;
  used: Usage;
  quotas: Partial<Usage> & { requestsPerSecond?: number };
}

/** As it was counted, or row by row, or put right by that first. */
export type Manner = 'counted' | 'recount' | 'repair';

/** Of all hosted CSEs, by their numbers. */
export async function figuresOf(store: ResourceStore, manner: Manner): Promise<CseFigures[]> {
  const { generation } = await store.deployment();
  if (manner === 'repair') await store.repairUsage(generation);
  const usage = await (manner === 'recount' ? store.recountUsage() : store.usage(generation));
  const used = new Map(usage.map(({ cse, ...of }) => [cse, of]));
  return (await store.cses()).map(({ number, id, quotas = {} }) => ({
    cse: id,
    used: used.get(number) ?? { ...noUsage },
    quotas,
  }));
}

/** Each figure with its quota and the share of it. */
export function figuresTable(all: readonly CseFigures[]): string {
  const rows = all.map(({ cse, used, quotas }) => [
    cse,
    figure(used.applicationEntities, quotas.applicationEntities),
    figure(used.resources, quotas.resources),
    figure(used.bytes, quotas.bytes),
    quotas.requestsPerSecond === undefined ? '' : String(quotas.requestsPerSecond),
  ]);
  const table = [['CSE', 'AEs', 'resources', 'bytes', 'requests/s at most'], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  return table.map((row) => padded(row, widths)).join('\n');
}

function figure(used: number, quota: number | undefined): string {
  if (quota === undefined) return String(used);
  return `${used} of ${quota}${quota === 0 ? '' : ` (${Math.round((used / quota) * 100)} %)`}`;
}

function padded(row: readonly string[], widths: readonly number[]): string {
  return row
    .map((cell, column) => cell.padEnd(widths[column] ?? 0))
    .join('  ')
    .trimEnd();
}
