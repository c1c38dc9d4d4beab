import type { ResourceCache } from '../../ports/resource-cache.ts';
import type { Batch } from '../batch/batch.ts';

/** Ingress asks the shared cache where an AE lives (R8). `version`: of the commit. */
export function publishHomes(cache: ResourceCache | undefined, batch: Batch, version: number): void {
  const homes = batch.homes();
  if (homes.length === 0 || cache === undefined) return;
  void cache.put(
    homes.map(({ cse, aeId, home }) => ({
      key: `ae/${cse}/${aeId}`,
      version,
      value: home === null ? null : String(home),
    })),
  );
}
