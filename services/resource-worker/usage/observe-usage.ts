/** What a scrape tells of what the CSEs have: some by name, as the settings say, the rest as one. */
import type { CseDescription } from '../../core/cse.ts';
import { matchesPattern } from '../../core/identifiers.ts';
import { addUsage, noUsage, type Usage } from '../../core/quotas.ts';
import { other } from '../../platform/metric-types.ts';
import { mostCsesApart } from '../../platform/metrics/usage.ts';
import type { Metrics } from '../../platform/metrics.ts';
import type { HostedCses } from '../hosted-cses.ts';
import type { KnownUsage } from './known-usage.ts';

const quotaNames = ['applicationEntities', 'resources', 'bytes'] as const;

/** `apart`: patterns of CSE-IDs. */
export function observeUsage(
  metrics: Metrics,
  known: KnownUsage,
  cses: HostedCses,
  apart: readonly string[],
): { stop(): void } {
  /** Labels given at the last scrape: a CSE that is no longer hosted here is not reported for ever. */
  let reported = new Set<string>();

  function look(): void {
    const own = known.ownSums();
    const sums = new Map<string, Usage>([[other, { ...noUsage }]]);
    const ratios = new Map<string, Partial<Record<keyof Usage, number>>>();
    const named = namesOf(cses, apart);
    for (const cse of cses.all()) {
      const label = named.has(cse.number) ? cse.id : other;
      const sum = sums.get(label) ?? { ...noUsage };
      addUsage(sum, own.get(cse.number) ?? noUsage);
      sums.set(label, sum);
      ratios.set(label, highest(ratios.get(label) ?? {}, cse, known));
    }
    for (const label of reported) if (!sums.has(label)) forget(label);
    for (const [label, sum] of sums) report(label, sum, ratios.get(label) ?? {});
    reported = new Set(sums.keys());
  }

  function report(label: string, sum: Usage, ratios: Partial<Record<keyof Usage, number>>): void {
    metrics.usageApplicationEntities.set(sum.applicationEntities, label);
    metrics.usageResources.set(sum.resources, label);
    metrics.usageBytes.set(sum.bytes, label);
    for (const quota of quotaNames) {
      const ratio = ratios[quota];
      if (ratio === undefined) metrics.quotaUsedRatio.remove(label, quota);
      else metrics.quotaUsedRatio.set(ratio, label, quota);
    }
  }

  function forget(label: string): void {
    metrics.usageApplicationEntities.remove(label);
    metrics.usageResources.remove(label);
    metrics.usageBytes.remove(label);
    for (const quota of quotaNames) metrics.quotaUsedRatio.remove(label, quota);
  }

  return { stop: metrics.beforeScrape(look) };
}

/** The first of the matching CSEs, by their numbers, so that they are the same ones at every scrape and worker. */
function namesOf(cses: HostedCses, apart: readonly string[]): ReadonlySet<number> {
  const matching = cses
    .all()
    .filter(({ id }) => apart.some((pattern) => matchesPattern(pattern, id)))
    .map(({ number }) => number)
    .sort((one, another) => one - another);
  return new Set(matching.slice(0, mostCsesApart));
}

function highest(
  ratios: Partial<Record<keyof Usage, number>>,
  { number, quotas }: CseDescription,
  known: KnownUsage,
): Partial<Record<keyof Usage, number>> {
  if (quotas === undefined) return ratios;
  const used = known.of(number);
  for (const quota of quotaNames) {
    const limit = quotas[quota];
    // A quota of 0 is used up by anything and by nothing.
    if (limit !== undefined) ratios[quota] = Math.max(ratios[quota] ?? 0, limit === 0 ? 1 : used[quota] / limit);
  }
  return ratios;
}
