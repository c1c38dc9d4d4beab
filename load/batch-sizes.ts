/** Batch sizes from the processes' own metrics. */

const pattern = /^incse_batch_records_(sum|count)\{[^}]*stage="([a-z]+)"[^}]*\} ([0-9.e+]+)$/gm;

export type BatchCounts = Record<string, { sum: number; count: number }>;

/** Adds up the histograms of batch sizes of several processes. */
export async function readBatchCounts(adminUrls: readonly string[]): Promise<BatchCounts> {
  const counts: BatchCounts = {};
  const texts = await Promise.all(adminUrls.map(async (url) => (await fetch(`${url}/metrics`)).text()));
  for (const text of texts) {
    for (const [, part, stage = '', value] of text.matchAll(pattern)) {
      counts[stage] ??= { sum: 0, count: 0 };
      counts[stage][part as 'sum' | 'count'] += Number(value);
    }
  }
  return counts;
}

/** Mean records per batch between two readings. */
export function meanBatches(before: BatchCounts, after: BatchCounts): Record<string, number> {
  const means: Record<string, number> = {};
  for (const [stage, { sum, count }] of Object.entries(after)) {
    const batches = count - (before[stage]?.count ?? 0);
    if (batches > 0) means[stage] = (sum - (before[stage]?.sum ?? 0)) / batches;
  }
  return means;
}
