import type { StoredResource } from '../resource.ts';
import type { ResourceTypeDefinition } from '../resource-types/definition.ts';
import { resourceTypeByNumber } from '../resource-types/registry.ts';
import { CseError, Status } from '../status-codes.ts';

/** The type of a stored resource. One that this build does not know was written by a newer build: 5001 while they roll. */
export function definitionOf(resource: StoredResource): ResourceTypeDefinition {
  const definition = resourceTypeByNumber(resource.type);
  if (definition === undefined) {
    throw new CseError(Status.notImplemented, `This CSE does not have the resource type ${resource.type}.`);
  }
  return definition;
}

/** True for a type below which this CSE can create nothing. */
export function isLeaf(resource: StoredResource): boolean {
  const children = resourceTypeByNumber(resource.type)?.children ?? [];
  return !children.some((type) => resourceTypeByNumber(type) !== undefined);
}
