/**
 * What becomes of a request: a pure function of the request and of what is known. The steps stand in the order in which the
 * standard tests (TS-0004 7.3.3, TS-0004 7.2.2.2): the first that fails is the answer.
 */
import { AccessOperation } from './access-control.ts';
import type { OwnAddress } from './addressing.ts';
import { behaviourOf } from './behaviours/registry.ts';
import { type Decision, type DecisionInput, MissingFact, type WorkingSet } from './decision.ts';
import { matchesFilter } from './filter-criteria.ts';
import { checkRequest, type Terms } from './operations/check-request.ts';
import { checkRightsOfCreate, create } from './operations/create.ts';
import { definitionOf } from './operations/definition-of.ts';
import { remove } from './operations/delete.ts';
import { findTarget, readTarget } from './operations/find-target.ts';
import { notify } from './operations/notify.ts';
import { demandPermission, demandRegistration } from './operations/permissions.ts';
import { refuse } from './operations/respond.ts';
import { retrieve } from './operations/retrieve.ts';
import { countersOf } from './operations/show.ts';
import { noEffects, type RequestSituation, situationOf } from './operations/situation.ts';
import { checkRightsOfUpdate, update } from './operations/update.ts';
import { Operation, operationName, ResultContent } from './primitives.ts';
import { QuotaExceeded } from './quotas.ts';
import type { StoredResource } from './resource.ts';
import { CseError, Status } from './status-codes.ts';

/**
 * Decides a request. Changes nothing: what it brings about is in the decision. What is not known becomes a need, what is refused
 * an answer; anything else that is thrown comes from the working set, or is a defect.
 */
export function decide(input: DecisionInput, known: WorkingSet): Decision {
  const situation = situationOf(input, known);
  try {
    const decision = decideInSteps(situation);
    if (decision.kind === 'answer') {
      decision.type = situation.type;
      if (situation.growth !== undefined) decision.growth = situation.growth;
    }
    return decision;
  } catch (thrown) {
    if (thrown instanceof MissingFact) return { kind: 'needs', needs: thrown.needs };
    if (thrown instanceof CseError) {
      const refusal = {
        kind: 'answer' as const,
        response: refuse(input, thrown),
        type: situation.type,
        ...noEffects(),
      };
      return thrown instanceof QuotaExceeded ? { ...refusal, exceeded: thrown.quota } : refusal;
    }
    throw thrown;
  }
}

function decideInSteps(situation: RequestSituation): Decision {
  const terms = checkRequest(situation.input);
  const address = readTarget(situation);
  const search = findTarget(situation, address);
  if (search.kind === 'elsewhere') return { kind: 'handOn', shard: search.shard };
  const target = search.resource;
  if (situation.request.operation !== Operation.create) situation.type = target.type;
  checkOperation(situation, target);
  checkCondition(situation, target, terms);
  checkRights(situation, target, terms);
  return perform(situation, address, target, terms);
}

/** 4005, before rights. What may be created below the target is seen to later (4108). */
export function checkOperation(situation: RequestSituation, target: StoredResource): void {
  const { operation } = situation.request;
  if (operation === Operation.create) return;
  const { operations, long } = definitionOf(target);
  if (!operations.includes(operation)) {
    throw new CseError(Status.operationNotAllowed, `A ${long} does not take a ${operationName[operation]}.`);
  }
  behaviourOf(target.type).refuse?.(situation, operation, target);
}

/** An operation with conditions is done only if its target meets them; of lists the results are asked (TS-0004 7.3.3.1). */
export function checkCondition(situation: RequestSituation, target: StoredResource, { filter, ...terms }: Terms): void {
  if (filter === undefined || filter.tests.length === 0 || terms.isDiscovery) return;
  const isList = situation.request.operation === Operation.retrieve && terms.resultContent !== ResultContent.attributes;
  if (isList || matchesFilter(filter, target, countersOf(situation, target))) return;
  throw new CseError(Status.notFound, 'The resource does not meet the filter criteria (fc).');
}

function checkRights(situation: RequestSituation, target: StoredResource, terms: Terms): void {
  const { operation } = situation.request;
  if (operation === Operation.create) return checkRightsOfCreate(situation, target);
  demandRegistration(situation);
  switch (operation) {
    case Operation.retrieve:
      // A discovery asks for each of its results (TS-0004 7.3.3.14).
      return terms.isDiscovery ? undefined : demandPermission(situation, target, AccessOperation.retrieve);
    case Operation.update:
      return checkRightsOfUpdate(situation, target);
    case Operation.delete:
      return demandPermission(situation, target, AccessOperation.delete);
    case Operation.notify:
      return demandPermission(situation, target, AccessOperation.notify);
  }
}

function perform(situation: RequestSituation, address: OwnAddress, target: StoredResource, terms: Terms): Decision {
  switch (situation.request.operation) {
    case Operation.create:
      return create(situation, address, target, terms.resultContent);
    case Operation.retrieve:
      return retrieve(situation, address, target, terms);
    case Operation.update:
      return update(situation, target, terms.resultContent);
    case Operation.delete:
      return remove(situation, target, terms);
    case Operation.notify:
      return notify(situation, target);
  }
}
