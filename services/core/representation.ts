/** What a resource looks like to an originator, and which parts of it can be asked for (TS-0004 7.5.2). */
import type { CseDescription } from './cse.ts';
import { type Attributes, Operation, operationName, ResultContent } from './primitives.ts';
import type { Counters, StoredResource } from './resource.ts';
import { attributesOfCse } from './resource-types/cse-base.ts';
import { supportedResourceTypes } from './resource-types/registry.ts';
import { CseError, Status } from './status-codes.ts';

const cseBaseType = 5;

/**
 * All attributes as shown: with the counters of a container, and for a CSEBase with what its CSE can do now. Not to be changed:
 * where there is nothing to add it is the stored object itself. Attributes keep the order in which they were stored.
 */
export function representationOf(
  resource: StoredResource,
  counters: Counters | undefined,
  cse: CseDescription,
): Attributes {
  const { attributes } = resource;
  if (counters !== undefined) {
    return { ...attributes, st: counters.stateTag, cni: counters.instances, cbs: counters.bytes };
  }
  return resource.type === cseBaseType
    ? { ...attributes, ...attributesOfCse(cse, supportedResourceTypes) }
    : attributes;
}

/** Allowed rcn of each operation, the default first. */
const allowed: Readonly<Record<Operation, readonly number[]>> = {
  [Operation.create]: [
    ResultContent.attributes,
    ResultContent.nothing,
    ResultContent.hierarchicalAddress,
    ResultContent.hierarchicalAddressAndAttributes,
    ResultContent.modifiedAttributes,
  ],
  [Operation.retrieve]: [
    ResultContent.attributes,
    ResultContent.attributesAndChildResources,
    ResultContent.attributesAndChildReferences,
    ResultContent.childReferences,
    ResultContent.childResources,
  ],
  [Operation.update]: [ResultContent.attributes, ResultContent.nothing, ResultContent.modifiedAttributes],
  [Operation.delete]: [
    ResultContent.nothing,
    ResultContent.attributes,
    ResultContent.attributesAndChildResources,
    ResultContent.attributesAndChildReferences,
    ResultContent.childReferences,
    ResultContent.childResources,
  ],
  [Operation.notify]: [],
};

/** A list of addresses (`m2m:uril`), or of references with name and type. */
const allowedOfDiscovery: readonly number[] = [ResultContent.discoveryReferences, ResultContent.childReferences];

/**
 * The result content that holds: the one asked for, or the default of the operation (11, a list of addresses, for a discovery).
 * Throws a CseError 4000 for one that does not exist for the operation, 5001 for one that this CSE does not have.
 */
export function checkResultContent(operation: Operation, rcn: number | undefined, isDiscovery: boolean): number {
  const values = isDiscovery && operation === Operation.retrieve ? allowedOfDiscovery : allowed[operation];
  if (rcn === undefined) return values[0] ?? ResultContent.nothing;
  if (values.includes(rcn)) return rcn;
  const isSemantic = rcn === ResultContent.semanticContent && operation === Operation.retrieve;
  if (rcn === ResultContent.permissions || isSemantic) {
    throw new CseError(Status.notImplemented, `This CSE does not have rcn ${rcn}.`);
  }
  if (rcn === ResultContent.originalResource && operation === Operation.retrieve && !isDiscovery) {
    throw new CseError(Status.badRequest, 'rcn 7 is for announced resources; this is an original.');
  }
  const what = isDiscovery ? 'a discovery' : `a ${operationName[operation]}`;
  throw new CseError(
    Status.badRequest,
    values.length === 0 ? `rcn must not be given with ${what}.` : `rcn of ${what} must be one of ${values.join(', ')}.`,
  );
}
