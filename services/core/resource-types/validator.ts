/** Representations against the tables of their type (TS-0004 7.3.3.3, 7.3.3.4; TS-0004 7.3.2.1). */
import type { Attributes } from '../primitives.ts';
import { CseError, Status } from '../status-codes.ts';
import type { CompiledAttribute, ResourceTypeDefinition } from './definition.ts';

export interface CheckOptions {
  /** The originator speaks release 1 and cannot know attributes that came later: none of these is demanded. */
  releaseOne?: boolean;
}

function refuse(text: string): CseError {
  return new CseError(Status.badRequest, text);
}

/**
 * The attributes of a CREATE. Throws a CseError: 4000 for what is unknown, not permitted, missing or of a wrong type or value;
 * 5001 if all that is right, but asks for what this CSE does not have.
 */
export function checkCreate(definition: ResourceTypeDefinition, attributes: Attributes, options?: CheckOptions): void {
  const { creation, mandatory } = definition;
  let unsupported: string | undefined;
  for (const name in attributes) {
    const attribute = creation.get(name);
    if (attribute === undefined) throw notPermitted(definition, name, 'created');
    const value = attributes[name];
    if (value === undefined) continue;
    if (value === null) {
      // TS-0004 7.3.3.3: cr with null asks for the originator's name.
      if (name !== 'cr') throw refuse(`${name} must not be null when a resource is created.`);
      continue;
    }
    const reason = attribute.check(value);
    unsupported ??= reason;
  }
  for (const { short, since } of mandatory) {
    if (attributes[short] === undefined && !(options?.releaseOne === true && since !== undefined)) {
      throw refuse(`${short} is missing; a ${definition.member} must have it.`);
    }
  }
  definition.rule?.(attributes);
  if (unsupported !== undefined) throw notSupported(unsupported);
}

/**
 * The changes of an UPDATE: null removes an attribute. Throws as {@link checkCreate}; 4000 also for null where the standard
 * wants a value, and for `acpi` in company. What must hold between attributes is for {@link checkResult}.
 */
export function checkUpdate(definition: ResourceTypeDefinition, changes: Attributes): void {
  let unsupported: string | undefined;
  let count = 0;
  for (const name in changes) {
    const attribute = definition.change.get(name);
    if (attribute === undefined) throw notPermitted(definition, name, 'updated');
    const value = changes[name];
    if (value === undefined) continue;
    count++;
    if (value === null) {
      if (!isRemovable(attribute)) throw refuse(`${name} cannot be removed; a ${definition.member} must have it.`);
      continue;
    }
    const reason = attribute.check(value);
    unsupported ??= reason;
  }
  if (count > 1 && changes.acpi !== undefined) {
    throw refuse('acpi must be updated alone: other rights are needed for it.');
  }
  if (unsupported !== undefined) throw notSupported(unsupported);
}

/** The resource as an UPDATE would leave it: what is mandatory is there and what must hold between attributes holds. */
export function checkResult(definition: ResourceTypeDefinition, attributes: Attributes): void {
  for (const { short, multiplicity } of definition.mandatory) {
    if (multiplicity.startsWith('1') && (attributes[short] === undefined || attributes[short] === null)) {
      throw refuse(`${short} would be missing; a ${definition.member} must have it.`);
    }
  }
  definition.rule?.(attributes);
}

function isRemovable({ definition }: CompiledAttribute): boolean {
  return definition.multiplicity.startsWith('0') || definition.resettable === true;
}

function notPermitted(
  { attribute, member }: ResourceTypeDefinition,
  name: string,
  done: 'created' | 'updated',
): CseError {
  return attribute.has(name)
    ? refuse(`${name} must not be given when a ${member} is ${done}.`)
    : refuse(`${member} has no attribute ${name.slice(0, 40)}.`);
}

function notSupported(what: string): CseError {
  return new CseError(Status.notImplemented, `This CSE does not have what ${what} asks for.`);
}
