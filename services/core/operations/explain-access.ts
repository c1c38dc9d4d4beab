/**
 * The decision on access in words, step by step, for the operator who is asked why somebody was refused. It asks the same
 * functions in the same order as {@link isPermitted}; a test compares the two.
 */
import { type AccessOperation, faultsOfRules, policyPermits, type RuleFault } from '../access-control.ts';
import type { StoredResource } from '../resource.ts';
import { findParent } from './find-parent.ts';
import {
  accessControlPolicyType,
  findPolicy,
  findPolicyHolder,
  isAdmin,
  isCreator,
  type PermissionOptions,
  questionOf,
} from './permissions.ts';
import type { Situation } from './situation.ts';

export interface AccessExplanation {
  permitted: boolean;
  /** One sentence each, in the order in which it was decided. */
  steps: string[];
}

const faults: Readonly<Record<RuleFault, string>> = {
  acop: 'does not name this operation (acop)',
  acor: 'does not name this originator (acor)',
  acco: 'does not hold now: time window or network (acco)',
  acod: 'does not allow to create this type (acod)',
};

/** Throws MissingFact for what is not known, like the decision itself. */
export function explainAccess(
  situation: Situation,
  resource: StoredResource,
  operation: AccessOperation,
  options?: PermissionOptions,
): AccessExplanation {
  const { originator, cse } = situation;
  if (isAdmin(situation))
    return { permitted: true, steps: [`${originator} is the admin of ${cse.id}: all is permitted.`] };
  const steps = [`${originator || 'An originator without a name'} is not the admin of ${cse.id}.`];
  const holder = findPolicyHolder(resource, (child) => findParent(situation, child));
  if (holder === null)
    return { permitted: false, steps: [...steps, 'The resource whose policies would decide is gone.'] };
  if (holder !== resource)
    steps.push(`${nameOf(resource)} has no policies of its own; those of ${nameOf(holder)} decide.`);
  if (holder.type === accessControlPolicyType) {
    const permitted = policyPermits(holder.attributes, 'pvs', questionOf(situation, resource.type, operation, options));
    return {
      permitted,
      steps: [...steps, ...stepsOfPolicy(situation, holder, 'pvs', resource.type, operation, options)],
    };
  }
  if (holder.policyIds === undefined)
    return { permitted: isCreator(situation, holder), steps: [...steps, ofCreator(situation, holder)] };
  return explainPolicies(situation, holder, holder.policyIds, steps, { type: resource.type, operation, options });
}

interface Asked {
  type: number;
  operation: AccessOperation;
  options: PermissionOptions | undefined;
}

function explainPolicies(
  situation: Situation,
  holder: StoredResource,
  policyIds: readonly string[],
  before: readonly string[],
  { type, operation, options }: Asked,
): AccessExplanation {
  const rules = options?.rules ?? 'pv';
  const steps = [
    ...before,
    `${nameOf(holder)} links ${policyIds.length} ${plural(policyIds.length, 'policy', 'policies')} (acpi).`,
  ];
  let permitted = false;
  for (const id of policyIds) {
    const policy = findPolicy(situation, id);
    if (policy === null) steps.push(`${id}: there is no such policy, so it grants nothing.`);
    else {
      permitted ||= policyPermits(policy.attributes, rules, questionOf(situation, type, operation, options));
      steps.push(...stepsOfPolicy(situation, policy, rules, type, operation, options));
    }
  }
  if (!permitted) steps.push('No rule of any linked policy permits it.');
  return { permitted, steps };
}

function stepsOfPolicy(
  situation: Situation,
  policy: StoredResource,
  rules: 'pv' | 'pvs',
  type: number,
  operation: AccessOperation,
  options: PermissionOptions | undefined,
): string[] {
  const found = faultsOfRules(policy.attributes, rules, questionOf(situation, type, operation, options));
  if (found.length === 0) return [`${nameOf(policy)} (${rules}) has no rules.`];
  return found.map((fault, index) => {
    const rule = `${nameOf(policy)}, rule ${index + 1} of ${rules}`;
    return fault === undefined ? `${rule}: permits it.` : `${rule}: ${faults[fault]}.`;
  });
}

function ofCreator(situation: Situation, holder: StoredResource): string {
  const creator = holder.creator ?? 'nobody';
  return isCreator(situation, holder)
    ? `${nameOf(holder)} links no policies, and the originator is its creator: all is permitted.`
    : `${nameOf(holder)} links no policies, so only its creator has rights, and that is ${creator}.`;
}

function nameOf({ path, id }: StoredResource): string {
  return path === '' ? `the CSEBase (${id})` : `${path} (${id})`;
}

function plural(count: number, one: string, many: string): string {
  return count === 1 ? one : many;
}
