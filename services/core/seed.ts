/** What a CSE begins with: its CSEBase and the policy that gives registered AEs their first rights (decisions "Rights at first start"). */
import { AccessOperation } from './access-control.ts';
import type { CseDescription } from './cse.ts';
import type { StoredResource } from './resource.ts';
import { attributesOfCse } from './resource-types/cse-base.ts';
import { supportedResourceTypes } from './resource-types/registry.ts';
import { shardOfBase, shardOfName } from './sharding.ts';
import { formatTimestamp } from './timestamps.ts';

/** resourceID of every CSEBase: no AE-ID (those begin with C or S) and no invented ID looks like this. */
export const cseBaseId = 'rbase';

/** Name and resourceID of the seeded policy: the same text, so that both lead to the same shard. */
export const registeredPolicyId = 'acpRegistered';

const cseBaseType = 5;
const policyType = 1;
/** accessControlPolicy, container, group, subscription. */
const typesForRegistered = [1, 3, 9, 23];
const allOperations = 63;

/**
 * Version of rows that no fence wrote: below every fence version, never 0 (which stands for "absent"), and higher the later the
 * seed, so that a cache takes a renewed row (R24).
 */
export function seedVersion(now: number): number {
  return Math.floor(now) - 10_000_000_000_000;
}

/** The two rows of a new CSE. `now`: ms since 1970. An operator may change the policy afterwards: it is seeded once. */
export function seedOf(cse: CseDescription, now: number): { base: StoredResource; policy: StoredResource } {
  return { base: baseOf(cse, now), policy: policyOf(cse, now) };
}

/** The CSEBase row of a CSE whose description has changed; undefined if the row says the same already. */
export function renewedBase(stored: StoredResource, cse: CseDescription, now: number): StoredResource | undefined {
  const { base } = seedOf(cse, now);
  const { ct, lt } = stored.attributes;
  const unchanged = JSON.stringify({ ...base.attributes, ct, lt }) === JSON.stringify(stored.attributes);
  return unchanged ? undefined : { ...base, attributes: { ...base.attributes, ct } };
}

function baseOf(cse: CseDescription, now: number): StoredResource {
  const policyIds = [registeredPolicyId];
  const instant = formatTimestamp(now);
  return {
    ...rowOf(cse, now),
    shard: shardOfBase(cse.number),
    id: cse.baseId,
    parentId: '',
    name: cse.name,
    type: cseBaseType,
    path: '',
    policyIds,
    attributes: {
      rn: cse.name,
      ty: cseBaseType,
      ri: cse.baseId,
      // Present and empty: it has no parent.
      pi: '',
      ct: instant,
      lt: instant,
      acpi: policyIds,
      ...attributesOfCse(cse, supportedResourceTypes),
    },
  };
}

function policyOf(cse: CseDescription, now: number): StoredResource {
  const instant = formatTimestamp(now);
  // Whoever has registered has an AE-ID of one of these forms; nobody can publish under one without (promise 4).
  const registered = [`${cse.id}/C*`, '/S*'];
  return {
    ...rowOf(cse, now),
    shard: shardOfName(cse.number, registeredPolicyId),
    id: registeredPolicyId,
    parentId: cse.baseId,
    name: registeredPolicyId,
    type: policyType,
    path: registeredPolicyId,
    attributes: {
      rn: registeredPolicyId,
      ty: policyType,
      ri: registeredPolicyId,
      pi: cse.baseId,
      ct: instant,
      lt: instant,
      pv: {
        acr: [
          { acor: registered, acop: AccessOperation.retrieve | AccessOperation.discovery },
          { acor: registered, acop: AccessOperation.create, acod: [{ chty: typesForRegistered }] },
        ],
      },
      pvs: { acr: [{ acor: [cse.admin ?? cse.id], acop: allOperations }] },
    },
  };
}

/** What the two rows have in common; the CSE itself made them. */
function rowOf(cse: CseDescription, now: number) {
  return {
    cse: cse.number,
    ancestors: '',
    version: seedVersion(now),
    sequence: 0,
    expiresAt: null,
    size: 0,
    creator: cse.id,
  };
}
