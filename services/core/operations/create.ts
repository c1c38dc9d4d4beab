/** CREATE at the hosting CSE (TS-0004 7.3.3.3, 7.3.3.5; TS-0004 7.3.3). */

import { AccessOperation } from '../access-control.ts';
import { isVirtualName, type OwnAddress } from '../addressing.ts';
import type { Creation } from '../behaviours/behaviour.ts';
import { behaviourOf } from '../behaviours/registry.ts';
import type { Decision } from '../decision.ts';
import { relativeForm, stemOf } from '../identifiers.ts';
import { Limits } from '../limits.ts';
import type { Attributes } from '../primitives.ts';
import type { Counters, StoredResource } from '../resource.ts';
import type { ResourceTypeDefinition } from '../resource-types/definition.ts';
import { isChildType, nameOfResourceType, resourceTypeByNumber, resourceTypes } from '../resource-types/registry.ts';
import { checkCreate } from '../resource-types/validator.ts';
import { CseError, Status } from '../status-codes.ts';
import { EventType, tellSubscriptions } from '../subscriptions/events.ts';
import { formatTimestamp } from '../timestamps.ts';
import { answer } from './answer.ts';
import { lifeBelow, putDue } from './expiration.ts';
import { ancestorsOfChild, isCseBase, pathOfChild } from './find-parent.ts';
import { shardOfNewcomer } from './find-target.ts';
import { demandRoomForNew } from './growth.ts';
import { demandPermission, demandRegistration } from './permissions.ts';
import { readRepresentation } from './read-representation.ts';
import { contentOfCreation } from './result-content.ts';
import { noEffects, type RequestSituation } from './situation.ts';

const subscriptionType = 23;
const instanceType = 4;

/** Values that the CSE stores where the originator gives none, by resource type. */
const defaultsOfType: ReadonlyMap<number, readonly [string, unknown][]> = new Map(
  resourceTypes.map(({ type, attributes }) => [
    type,
    attributes.filter((it) => it.default !== undefined).map((it): [string, unknown] => [it.short, it.default]),
  ]),
);

/** Registration asks no policies (TS-0004 7.4.5.2); everything else needs CREATE on the parent. Throws 4103, 4117, 4126. */
export function checkRightsOfCreate(situation: RequestSituation, parent: StoredResource): void {
  const childType = situation.request.resourceType ?? 0;
  const behaviour = behaviourOf(childType);
  if (behaviour.admit !== undefined) return behaviour.admit(situation, parent);
  demandRegistration(situation);
  for (const right of behaviour.rightsOnParent ?? [AccessOperation.create]) {
    demandPermission(situation, parent, right, { childType });
  }
}

export function create(
  situation: RequestSituation,
  address: OwnAddress,
  parent: StoredResource,
  resultContent: number,
): Decision {
  const { request, cse, known } = situation;
  const definition = typeToCreate(request.resourceType ?? 0, parent);
  const given = readRepresentation(request.content, definition);
  checkCreate(definition, given, { releaseOne: (request.releaseVersion ?? '1') === '1' });
  const resource = newResource(situation, address, parent, definition, given);
  checkName(given.rn, resource.name);
  if (definition.type !== instanceType) checkLevel(resource);
  // A name that the CSE has invented is free; it is another one each time that this is decided.
  if (given.rn !== undefined || resource.id === stemOf(situation.originator)) {
    if (known.isTaken(cse.number, resource.shard, resource.path)) {
      const text = 'A resource with this name (rn) exists below the same parent, or has expired this moment.';
      throw new CseError(Status.conflict, text);
    }
  }
  const effects = noEffects();
  const counters = definition.hasCounters === true ? freshCounters() : undefined;
  effects.changes.push(counters === undefined ? { kind: 'insert', resource } : { kind: 'insert', resource, counters });
  if (definition.type !== instanceType && resource.expiresAt !== null) {
    effects.changes.push(putDue('expiry', resource, resource.expiresAt));
  }
  const creation: Creation = { situation, parent, definition, given, resource, effects };
  const exchange = behaviourOf(definition.type).create?.(creation);
  demandRoomForNew(situation, resource, parent, effects);
  if (exchange !== undefined) return { kind: 'wait', exchange };
  const event = { type: EventType.childCreated, resource, ...(counters === undefined ? {} : { counters }) };
  tellSubscriptions(situation, parent, event, effects);
  const content = contentOfCreation(situation, definition, resource, counters, given, resultContent);
  return answer(situation, Status.created, effects, content, { receiver: receiverOf(situation, resource) });
}

/** Who registers is told by its new name. */
function receiverOf({ originator }: RequestSituation, resource: StoredResource): string {
  return originator === '' ? resource.creator : originator;
}

/** Throws 5001 for a type that is not built, 4108 (5203 for a subscription) where it does not belong, 4005 where only the CSE makes it. */
function typeToCreate(type: number, parent: StoredResource): ResourceTypeDefinition {
  const definition = resourceTypeByNumber(type);
  const name = nameOfResourceType(type) ?? String(type);
  if (definition === undefined) {
    throw new CseError(Status.notImplemented, `This CSE does not have the resource type ${name}.`);
  }
  if (!isChildType(parent.type, type)) {
    const parentName = nameOfResourceType(parent.type) ?? String(parent.type);
    throw type === subscriptionType
      ? new CseError(Status.targetNotSubscribable, `A ${parentName} cannot be subscribed to.`)
      : new CseError(Status.invalidChildResourceType, `A ${parentName} cannot have a child of type ${name}.`);
  }
  if (!definition.creatable) {
    throw new CseError(Status.operationNotAllowed, `A ${name} is made by the CSE only.`);
  }
  return definition;
}

function checkName(given: unknown, name: string): void {
  // The form is checked with the table; names of virtual resources are taken everywhere (decisions "Wire").
  if (given !== undefined && isVirtualName(name)) {
    throw new CseError(Status.conflict, `The name ${name} is reserved for a virtual resource.`);
  }
}

/** Throws 5207. Of instances it is not asked: there is nothing below them. */
function checkLevel({ ancestors }: StoredResource): void {
  if (ancestors.length < Limits.treeLevels || levelBelow(ancestors) <= Limits.treeLevels) return;
  throw new CseError(Status.notAcceptable, `This would stand more than ${Limits.treeLevels} levels below the CSEBase.`);
}

/** Level of what has these ancestors: 1 is a child of the CSEBase. */
function levelBelow(ancestors: string): number {
  return ancestors === '' ? 1 : ancestors.split('/').length + 1;
}

function newResource(
  situation: RequestSituation,
  address: OwnAddress,
  parent: StoredResource,
  definition: ResourceTypeDefinition,
  given: Attributes,
): StoredResource {
  const { cse, input, now, originator } = situation;
  const { type } = definition;
  const life = lifeBelow(parent, given.et, cse, now);
  const shard = isCseBase(parent) ? shardOfNewcomer(situation, address) : parent.shard;
  const identity = behaviourOf(type).identify?.(situation, shard) ?? { id: input.inventId('r', shard) };
  const { id, creator = originator } = identity;
  const name = typeof given.rn === 'string' ? given.rn : id;
  const created = formatTimestamp(now);
  const attributes: Attributes = { rn: name, ty: type, ri: id, pi: parent.id, ct: created, lt: created, ...given };
  attributes.et = life.text;
  if (given.cr === null) attributes.cr = relativeForm(creator, cse);
  for (const [short, value] of defaultsOfType.get(type) ?? []) attributes[short] ??= value;
  const resource: StoredResource = {
    shard,
    cse: cse.number,
    id,
    parentId: parent.id,
    name,
    type,
    ancestors: ancestorsOfChild(parent),
    path: pathOfChild(parent, name),
    version: 0,
    sequence: 0,
    expiresAt: life.expiresAt,
    size: 0,
    creator,
    attributes,
  };
  if (given.acpi !== undefined) resource.policyIds = given.acpi as string[];
  if (given.lbl !== undefined) resource.labels = given.lbl as string[];
  return resource;
}

function freshCounters(): Counters {
  return { stateTag: 0, instances: 0, bytes: 0, nextSequence: 0, lowestSequence: 0 };
}
