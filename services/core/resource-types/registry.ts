/** All resource types that this CSE has. A new type is a file like its neighbours, and a line here. */
import { accessControlPolicy } from './access-control-policy.ts';
import { applicationEntity } from './ae.ts';
import { container } from './container.ts';
import { contentInstance } from './content-instance.ts';
import { cseBase } from './cse-base.ts';
import type { ResourceTypeDefinition } from './definition.ts';
import { subscription } from './subscription.ts';

export { isKnownResourceType, nameOfResourceType } from './known-types.ts';

export const resourceTypes: readonly ResourceTypeDefinition[] = [
  accessControlPolicy,
  applicationEntity,
  container,
  contentInstance,
  cseBase,
  subscription,
];

/** Numbers of the types, ascending: `srt` of the CSEBase. */
export const supportedResourceTypes: readonly number[] = resourceTypes.map(({ type }) => type).sort((a, b) => a - b);

const byNumber: ReadonlyMap<number, ResourceTypeDefinition> = new Map(resourceTypes.map((it) => [it.type, it]));
const byMember: ReadonlyMap<string, ResourceTypeDefinition> = new Map(resourceTypes.map((it) => [it.member, it]));

/** The definition of a type, or undefined if this CSE does not have it. */
export function resourceTypeByNumber(type: number): ResourceTypeDefinition | undefined {
  return byNumber.get(type);
}

/** The definition of the type with a root element such as `m2m:cnt`. */
export function resourceTypeByMember(member: string): ResourceTypeDefinition | undefined {
  return byMember.get(member);
}

/** Whether the standard allows a type below a parent that this CSE has (4108 else, and 5203 for a subscription). */
export function isChildType(parentType: number, childType: number): boolean {
  return byNumber.get(parentType)?.children.includes(childType) ?? false;
}
