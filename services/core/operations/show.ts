/** How resources and their addresses are shown to this originator (decisions "Wire": ID forms in answers). */
import { structuredAddress } from '../addressing.ts';
import { isAeIdOfCse } from '../identifiers.ts';
import type { Attributes } from '../primitives.ts';
import { representationOf } from '../representation.ts';
import type { Counters, StoredResource } from '../resource.ts';
import { resourceTypeByNumber } from '../resource-types/registry.ts';
import type { RequestSituation } from './situation.ts';

const unstructured = 2;

/** Not to be changed: it may be the stored object itself. */
export function show(situation: RequestSituation, resource: StoredResource, counters?: Counters): Attributes {
  const shown = representationOf(resource, counters ?? countersOf(situation, resource), situation.cse);
  const host = hostPrefix(situation);
  if (host === '') return shown;
  const { pi } = shown;
  return { ...shown, ri: host + resource.id, ...(typeof pi === 'string' && pi !== '' ? { pi: host + pi } : {}) };
}

/** `m2m:cnt` of a container. */
export function memberOf(resource: StoredResource): string {
  return resourceTypeByNumber(resource.type)?.member ?? 'm2m:resource';
}

/** Of a container; undefined for any other type. */
export function countersOf({ known }: Pick<RequestSituation, 'known'>, resource: StoredResource): Counters | undefined {
  return resourceTypeByNumber(resource.type)?.hasCounters === true ? known.counters(resource) : undefined;
}

/** Structured, or as `drt` asks. CSE-relative for AEs of this CSE, SP-relative for all others. */
export function addressOf(situation: RequestSituation, resource: StoredResource): string {
  const { cse, request } = situation;
  const address = request.desiredIdentifierResultType === unstructured ? resource.id : structuredAddress(resource, cse);
  return hostPrefix(situation) + address;
}

function hostPrefix({ originator, cse }: RequestSituation): string {
  return originator === '' || isAeIdOfCse(originator, cse) ? '' : `${cse.id}/`;
}
