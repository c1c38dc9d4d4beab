/** By how much a decision changes what its CSE has, and whether the quotas leave room for that. Asked only where there are quotas. */
import type { Change } from '../decision.ts';
import { boundsContent, bytesOf, demandRoom, noUsage, type Usage } from '../quotas.ts';
import type { StoredResource } from '../resource.ts';
import type { Effects, RequestSituation } from './situation.ts';

const aeType = 2;

/**
 * Bytes that an evicted instance has beside its content are not known here: as many as the new one has, but not more than an
 * instance without anything optional, so that nobody gains room by evicting small ones. The commit counts exactly.
 */
const plainInstance = 200;

/** Throws QuotaExceeded if there is no room for a new resource. `parent`: where something may be evicted for it. */
export function demandRoomForNew(
  situation: RequestSituation,
  resource: StoredResource,
  parent: StoredResource,
  effects: Effects,
): void {
  const { quotas } = situation.cse;
  if (!boundsContent(quotas)) return;
  const bytes = bytesOf(resource.attributes);
  const growth: Usage = { applicationEntities: resource.type === aeType ? 1 : 0, resources: 1, bytes };
  const evicted = evictedBy(situation, resource, parent, effects.changes);
  growth.resources -= evicted.count;
  growth.bytes -= evicted.bytes + evicted.count * Math.min(plainInstance, bytes - resource.size);
  demand(situation, growth);
}

/** Instances that go with this decision, and the bytes of their content. */
function evictedBy(
  { known }: RequestSituation,
  { size }: StoredResource,
  parent: StoredResource,
  changes: readonly Change[],
): { count: number; bytes: number } {
  const counted = changes.find((change) => change.kind === 'counters');
  if (counted === undefined || !changes.some(({ kind }) => kind === 'evict')) return { count: 0, bytes: 0 };
  const before = known.counters(parent);
  const { instances, bytes } = counted.counters;
  return { count: before.instances + 1 - instances, bytes: before.bytes + size - bytes };
}

/** Throws QuotaExceeded if there is no room for what an update adds. */
export function demandRoomForChange(situation: RequestSituation, before: StoredResource, after: StoredResource): void {
  if (!boundsContent(situation.cse.quotas)) return;
  demand(situation, { ...noUsage, bytes: bytesOf(after.attributes) - bytesOf(before.attributes) });
}

/** What goes makes room at once; what is below it when the sweep has come by (R13). */
export function noteRemoval(situation: RequestSituation, { type, attributes }: StoredResource): void {
  if (!boundsContent(situation.cse.quotas)) return;
  situation.growth = { applicationEntities: type === aeType ? -1 : 0, resources: -1, bytes: -bytesOf(attributes) };
}

function demand(situation: RequestSituation, growth: Usage): void {
  const { cse, input } = situation;
  demandRoom(cse.quotas ?? {}, input.usage ?? noUsage, growth);
  situation.growth = growth;
}
