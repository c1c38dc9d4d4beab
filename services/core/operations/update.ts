/** UPDATE at the hosting CSE (TS-0004 7.3.3.4, 7.3.3.7). */
import { AccessOperation } from '../access-control.ts';
import type { Modification } from '../behaviours/behaviour.ts';
import { behaviourOf } from '../behaviours/registry.ts';
import type { Decision } from '../decision.ts';
import type { Attributes } from '../primitives.ts';
import type { StoredResource } from '../resource.ts';
import type { ResourceTypeDefinition } from '../resource-types/definition.ts';
import { checkResult, checkUpdate } from '../resource-types/validator.ts';
import { CseError, Status } from '../status-codes.ts';
import { EventType, tellSubscriptions } from '../subscriptions/events.ts';
import { formatTimestamp } from '../timestamps.ts';
import { answer } from './answer.ts';
import { definitionOf } from './definition-of.ts';
import { dropDue, lifeBelow, putDue } from './expiration.ts';
import { findParent } from './find-parent.ts';
import { demandRoomForChange } from './growth.ts';
import { demandPermission } from './permissions.ts';
import { readRepresentation } from './read-representation.ts';
import { contentOfUpdate } from './result-content.ts';
import { countersOf } from './show.ts';
import { type Effects, noEffects, type RequestSituation } from './situation.ts';

/** Who may change the links to policies is said by `pvs` of the policies linked now (TS-0004 7.3.3.4). */
export function checkRightsOfUpdate(situation: RequestSituation, target: StoredResource): void {
  const given = situation.request.content?.[definitionOf(target).member];
  const changesPolicies = typeof given === 'object' && given !== null && 'acpi' in given;
  demandPermission(situation, target, AccessOperation.update, { rules: changesPolicies ? 'pvs' : 'pv' });
}

export function update(situation: RequestSituation, before: StoredResource, resultContent: number): Decision {
  const definition = definitionOf(before);
  const changes = readRepresentation(situation.request.content, definition);
  checkUpdate(definition, changes);
  const effects = noEffects();
  const resource = changedResource(before, changes, formatTimestamp(situation.now));
  if (changes.et !== undefined) changeLife(situation, before, resource, changes.et, effects);
  checkResult(definition, resource.attributes);
  const modification = modificationOf(situation, definition, before, changes, resource, effects);
  const exchange = behaviourOf(before.type).modify?.(modification);
  demandRoomForChange(situation, before, resource);
  if (exchange !== undefined) return { kind: 'wait', exchange };
  const { counters } = modification;
  effects.changes.push({ kind: 'update', resource });
  if (counters !== undefined) {
    const { shard, cse, id } = resource;
    effects.changes.push({ kind: 'counters', key: { shard, cse, id }, counters });
  }
  const modified = ['lt', ...Object.keys(changes)];
  const event = { type: EventType.update, resource, modified, ...(counters === undefined ? {} : { counters }) };
  tellSubscriptions(situation, before, event, effects);
  const content = contentOfUpdate(situation, definition, resource, counters, changes, resultContent);
  return answer(situation, Status.updated, effects, content);
}

function modificationOf(
  situation: RequestSituation,
  definition: ResourceTypeDefinition,
  before: StoredResource,
  changes: Attributes,
  resource: StoredResource,
  effects: Effects,
): Modification {
  const counters = countersOf(situation, before);
  const modification: Modification = { situation, definition, before, changes, resource, effects };
  // stateTag counts every modification (TS-0001 9.6.1.3.2).
  if (counters !== undefined) modification.counters = { ...counters, stateTag: counters.stateTag + 1 };
  return modification;
}

/** Absent: unchanged; null: removed; anything else replaces (TS-0004 7.3.3.7). */
function changedResource(before: StoredResource, changes: Attributes, modifiedAt: string): StoredResource {
  const attributes: Attributes = { ...before.attributes };
  for (const name in changes) {
    const value = changes[name];
    if (value === null) delete attributes[name];
    else if (value !== undefined) attributes[name] = value;
  }
  attributes.lt = modifiedAt;
  const { policyIds: _, labels: __, ...rest } = before;
  const resource: StoredResource = { ...rest, attributes };
  if (attributes.acpi !== undefined) resource.policyIds = attributes.acpi as string[];
  if (attributes.lbl !== undefined) resource.labels = attributes.lbl as string[];
  return resource;
}

/** Throws 4000 for a time in the past, or before the end of a child (TS-0004 7.3.3.7). */
function changeLife(
  situation: RequestSituation,
  before: StoredResource,
  resource: StoredResource,
  wanted: unknown,
  { changes }: Effects,
): void {
  const { cse, known, now } = situation;
  const parent = findParent(situation, before);
  if (parent === null) throw new CseError(Status.notFound, 'The parent of the resource is gone.');
  const life = lifeBelow(parent, wanted, cse, now);
  if (before.expiresAt === null || life.expiresAt < before.expiresAt) {
    const latest = known.latestChildExpiry(before);
    if (latest !== null && latest > life.expiresAt) {
      throw new CseError(
        Status.badRequest,
        'et would be before the end of a child: shorten the lives of the children first.',
      );
    }
  }
  resource.expiresAt = life.expiresAt;
  resource.attributes.et = life.text;
  if (before.expiresAt === life.expiresAt) return;
  if (before.expiresAt !== null) changes.push(dropDue('expiry', before, before.expiresAt));
  changes.push(putDue('expiry', resource, life.expiresAt));
}
