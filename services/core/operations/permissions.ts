/** Who may do what (TS-0004 7.3.3.15, TS-0001 9.6.1.3.2, 10.2.3.1; decisions "Rights at first start"). */
import { AccessOperation, type AccessQuestion, policyPermits } from '../access-control.ts';
import { parseAddress } from '../addressing.ts';
import { MissingFact, type Need } from '../decision.ts';
import { isAeIdOfCse, stemOf } from '../identifiers.ts';
import type { StoredResource } from '../resource.ts';
import { resourceTypeByNumber } from '../resource-types/registry.ts';
import { shardOfId, shardOfName } from '../sharding.ts';
import { CseError, Status } from '../status-codes.ts';
import { findParent, firstNameOf } from './find-parent.ts';
import type { Situation } from './situation.ts';

export const accessControlPolicyType = 1;

export interface PermissionOptions {
  /** Type to be created, for rules with object details. */
  childType?: number;
  /** `pvs` of the linked policies decide instead of `pv`: for a change of `acpi` (TS-0004 7.3.3.4). */
  rules?: 'pv' | 'pvs';
}

const operationWords: Readonly<Record<AccessOperation, string>> = {
  [AccessOperation.create]: 'create something below',
  [AccessOperation.retrieve]: 'retrieve',
  [AccessOperation.update]: 'update',
  [AccessOperation.delete]: 'delete',
  [AccessOperation.notify]: 'notify',
  [AccessOperation.discovery]: 'discover',
};

/** Throws 4103 where the originator has no right. */
export function demandPermission(
  situation: Situation,
  resource: StoredResource,
  operation: AccessOperation,
  options?: PermissionOptions,
): void {
  if (!isPermitted(situation, resource, operation, options)) {
    throw new CseError(
      Status.originatorHasNoPrivilege,
      `The originator may not ${operationWords[operation]} this resource: ask who looks after its policies (acpi).`,
    );
  }
}

export function isPermitted(
  situation: Situation,
  resource: StoredResource,
  operation: AccessOperation,
  options?: PermissionOptions,
): boolean {
  if (isAdmin(situation)) return true;
  const holder = findPolicyHolder(resource, (child) => findParent(situation, child));
  return holder !== null && holderPermits(situation, holder, resource.type, operation, options);
}

export function isAdmin({ cse, originator }: Situation): boolean {
  return cse.admin !== undefined && originator === cse.admin;
}

/** The resource whose policies decide: the nearest ancestor where the type has no `acpi` of its own. */
export function findPolicyHolder(
  resource: StoredResource,
  parentOf: (child: StoredResource) => StoredResource | null,
): StoredResource | null {
  let holder: StoredResource | null = resource;
  while (holder !== null && resourceTypeByNumber(holder.type)?.policies === 'parent') holder = parentOf(holder);
  return holder;
}

export function holderPermits(
  situation: Situation,
  holder: StoredResource,
  targetType: number,
  operation: AccessOperation,
  options?: PermissionOptions,
): boolean {
  const isPolicy = holder.type === accessControlPolicyType;
  if (!isPolicy && holder.policyIds === undefined) return isCreator(situation, holder);
  const question = questionOf(situation, targetType, operation, options);
  if (isPolicy) return policyPermits(holder.attributes, 'pvs', question);
  return anyPolicyPermits(situation, holder.policyIds ?? [], options?.rules ?? 'pv', question);
}

/** Without policies the creator may do everything, and nobody else anything (TS-0001 9.6.1.3.2). */
export function isCreator({ originator }: Situation, holder: StoredResource): boolean {
  return holder.creator === originator && originator !== '';
}

/** What is asked of policies. */
export function questionOf(
  { originator, cse, now }: Situation,
  targetType: number,
  operation: AccessOperation,
  options?: PermissionOptions,
): AccessQuestion {
  const question: AccessQuestion = { originator, operation, cse, at: now, targetType };
  if (options?.childType !== undefined) question.childType = options.childType;
  return question;
}

/** One rule of one policy is enough. What is not known is named all at once, and only if no known policy permits. */
function anyPolicyPermits(
  situation: Situation,
  policyIds: readonly string[],
  rules: 'pv' | 'pvs',
  question: AccessQuestion,
): boolean {
  let missing: Need[] | undefined;
  for (const id of policyIds) {
    try {
      const policy = findPolicy(situation, id);
      if (policy !== null && policyPermits(policy.attributes, rules, question)) return true;
    } catch (thrown) {
      if (!(thrown instanceof MissingFact)) throw thrown;
      missing = [...(missing ?? []), ...thrown.needs];
    }
  }
  if (missing !== undefined) throw new MissingFact(...missing);
  return false;
}

/** A policy that is not there grants nothing (TS-0004 7.4.2). It may live in a shard of another partition (R24). */
export function findPolicy({ cse, known }: Situation, id: string): StoredResource | null {
  const address = parseAddress(id, cse);
  if (address.scope !== 'own' || address.form === 'base' || address.virtual !== undefined) return null;
  const found =
    address.form === 'structured'
      ? known.resourceAt(cse.number, shardOfName(cse.number, firstNameOf(address.path)), address.path)
      : address.rest === undefined
        ? known.resource(cse.number, shardOfId(cse.number, address.id), address.id)
        : null;
  return found?.type === accessControlPolicyType ? found : null;
}

/** With `demandRegistration`, who has no AE here is turned away before policies are asked (decisions "Rights"). */
export function demandRegistration(situation: Situation): void {
  const { cse, known, originator } = situation;
  if (!cse.demandRegistration || isAdmin(situation)) return;
  if (isAeIdOfCse(originator, cse) && known.aeHome(cse.number, stemOf(originator)) !== null) return;
  throw new CseError(Status.originatorHasNoPrivilege, 'The originator is not registered here: create an AE first.');
}
