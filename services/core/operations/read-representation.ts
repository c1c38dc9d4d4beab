import type { Attributes, PrimitiveContent } from '../primitives.ts';
import type { ResourceTypeDefinition } from '../resource-types/definition.ts';
import { CseError, Status } from '../status-codes.ts';

/** The attributes in `pc` of a CREATE or UPDATE. Throws 4000 where there is nothing, or another type (TS-0004 7.3.3.3). */
export function readRepresentation(
  content: PrimitiveContent | undefined,
  { member }: ResourceTypeDefinition,
): Attributes {
  if (content === undefined)
    throw new CseError(Status.badRequest, `The content (pc) is missing: it must hold ${member}.`);
  const attributes = content[member];
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes)) {
    throw new CseError(Status.badRequest, `The content (pc) must hold ${member}, an object, and nothing else.`);
  }
  for (const name in content) {
    if (name !== member)
      throw new CseError(Status.badRequest, `The content (pc) must hold ${member} and nothing else.`);
  }
  return attributes as Attributes;
}
