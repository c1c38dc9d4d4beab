/**
 * Why a request is permitted or refused, step by step, as it would be decided with what is known: the steps of `decide` up to
 * the rights, in words. What it would be answered in the end says `decide` itself.
 */
import { AccessOperation } from './access-control.ts';
import { behaviourOf } from './behaviours/registry.ts';
import { checkCondition, checkOperation } from './decide.ts';
import { type DecisionInput, MissingFact, type Need, type WorkingSet } from './decision.ts';
import { isAeIdOfCse, stemOf } from './identifiers.ts';
import { checkRequest } from './operations/check-request.ts';
import { definitionOf } from './operations/definition-of.ts';
import { type AccessExplanation, explainAccess } from './operations/explain-access.ts';
import { findTarget, readTarget } from './operations/find-target.ts';
import { isAdmin, type PermissionOptions } from './operations/permissions.ts';
import { type RequestSituation, situationOf } from './operations/situation.ts';
import { Operation } from './primitives.ts';
import type { StoredResource } from './resource.ts';
import { CseError } from './status-codes.ts';

export type Explanation = { kind: 'needs'; needs: Need[] } | { kind: 'explained'; permitted: boolean; steps: string[] };

const operationWords: Readonly<Record<AccessOperation, string>> = {
  [AccessOperation.create]: 'CREATE',
  [AccessOperation.retrieve]: 'RETRIEVE',
  [AccessOperation.update]: 'UPDATE',
  [AccessOperation.delete]: 'DELETE',
  [AccessOperation.notify]: 'NOTIFY',
  [AccessOperation.discovery]: 'DISCOVERY',
};

/** Changes nothing. `owns` of the input must hold for all shards: this looks at the whole deployment. */
export function explainRequest(input: DecisionInput, known: WorkingSet): Explanation {
  const situation = situationOf(input, known);
  try {
    return explain(situation);
  } catch (thrown) {
    if (thrown instanceof MissingFact) return { kind: 'needs', needs: thrown.needs };
    if (!(thrown instanceof CseError)) throw thrown;
    return {
      kind: 'explained',
      permitted: false,
      steps: [`${thrown.code}, before rights are asked: ${thrown.message}`],
    };
  }
}

function explain(situation: RequestSituation): Explanation {
  const terms = checkRequest(situation.input);
  const { isDiscovery } = terms;
  const search = findTarget(situation, readTarget(situation));
  if (search.kind === 'elsewhere')
    return { kind: 'explained', permitted: false, steps: ['The target lives elsewhere.'] };
  const target = search.resource;
  checkOperation(situation, target);
  checkCondition(situation, target, terms);
  const steps = [`The target is ${target.path || 'the CSEBase'}, of type ${definitionOf(target).long} (${target.id}).`];
  const { operation, resourceType: childType = 0 } = situation.request;
  if (operation === Operation.create && behaviourOf(childType).admit !== undefined) {
    return { kind: 'explained', ...explainRegistration(situation, target, steps) };
  }
  const registration = explainDemandedRegistration(situation);
  steps.push(...registration.steps);
  if (!registration.permitted) return { kind: 'explained', permitted: false, steps };
  let permitted = true;
  for (const { right, options } of rightsAsked(situation, target, isDiscovery)) {
    const access = explainAccess(situation, target, right, options);
    permitted &&= access.permitted;
    steps.push(`${operationWords[right]} is asked:`, ...access.steps, access.permitted ? 'Permitted.' : 'Refused.');
  }
  if (!isDiscovery) return { kind: 'explained', permitted, steps };
  steps.push(
    'A discovery is never refused: this is asked of each of its results, and those without the right are left out.',
  );
  return { kind: 'explained', permitted: true, steps };
}

/** TS-0004 7.4.5.2: no policies, only the configured patterns. */
function explainRegistration(situation: RequestSituation, parent: StoredResource, steps: string[]) {
  const accepted = situation.cse.registrationPatterns.join(', ') || 'nothing: nobody may register';
  const patterns = `Registration asks no policies, but whether the AE-ID is accepted (${accepted}) and not registered yet.`;
  try {
    behaviourOf(situation.request.resourceType ?? 0).admit?.(situation, parent);
    return { permitted: true, steps: [...steps, patterns, 'Permitted.'] };
  } catch (thrown) {
    if (!(thrown instanceof CseError)) throw thrown;
    return { permitted: false, steps: [...steps, patterns, `Refused: ${thrown.message}`] };
  }
}

/** Where a CSE demands it, of everybody but its admin. */
function explainDemandedRegistration(situation: RequestSituation): AccessExplanation {
  const { cse, known, originator } = situation;
  if (!cse.demandRegistration || isAdmin(situation)) return { permitted: true, steps: [] };
  const demand = `${cse.id} serves registered AEs only (demandRegistration)`;
  if (!isAeIdOfCse(originator, cse))
    return { permitted: false, steps: [`${demand}, and ${originator} is no AE-ID of its own. Refused.`] };
  return known.aeHome(cse.number, stemOf(originator)) === null
    ? { permitted: false, steps: [`${demand}, and ${originator} is not registered. Refused.`] }
    : { permitted: true, steps: [`${demand}, and ${originator} is registered.`] };
}

interface AskedRight {
  right: AccessOperation;
  options?: PermissionOptions;
}

/** As `decide` asks. */
function rightsAsked(situation: RequestSituation, target: StoredResource, isDiscovery: boolean): AskedRight[] {
  const { operation, resourceType: childType = 0, content } = situation.request;
  switch (operation) {
    case Operation.create:
      return (behaviourOf(childType).rightsOnParent ?? [AccessOperation.create]).map((right) => ({
        right,
        options: { childType },
      }));
    case Operation.retrieve:
      return [{ right: isDiscovery ? AccessOperation.discovery : AccessOperation.retrieve }];
    case Operation.update: {
      const given = content?.[definitionOf(target).member];
      const changesPolicies = typeof given === 'object' && given !== null && 'acpi' in given;
      return [{ right: AccessOperation.update, options: { rules: changesPolicies ? 'pvs' : 'pv' } }];
    }
    case Operation.delete:
      return [{ right: AccessOperation.delete }];
    case Operation.notify:
      return [{ right: AccessOperation.notify }];
  }
}
