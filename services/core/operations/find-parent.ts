/** Where resources of one tree stand to each other. */
import type { StoredResource } from '../resource.ts';
import { shardOfBase } from '../sharding.ts';
import type { Situation } from './situation.ts';

const cseBaseType = 5;

export function isCseBase(resource: StoredResource): boolean {
  return resource.type === cseBaseType;
}

/** The CSEBase, which may live in a shard of another partition. */
export function findBase({ cse, known }: Situation): StoredResource | null {
  return known.resource(cse.number, shardOfBase(cse.number), cse.baseId);
}

/** The parent of a resource, or null if it has none or is gone. */
export function findParent(situation: Situation, resource: StoredResource): StoredResource | null {
  if (isCseBase(resource)) return null;
  if (resource.parentId === situation.cse.baseId) return findBase(situation);
  return situation.known.resource(resource.cse, resource.shard, resource.parentId);
}

/** Path below the CSEBase of a child with this name. */
export function pathOfChild(parent: StoredResource, name: string): string {
  return parent.path === '' ? name : `${parent.path}/${name}`;
}

/** `ancestors` of a child. */
export function ancestorsOfChild(parent: StoredResource): string {
  if (isCseBase(parent)) return '';
  return parent.ancestors === '' ? parent.id : `${parent.ancestors}/${parent.id}`;
}

/** Resource ID of the ancestor (or the resource itself) that is a child of the CSEBase. */
export function firstLevelIdOf(resource: StoredResource): string {
  const { ancestors } = resource;
  if (ancestors === '') return resource.id;
  const end = ancestors.indexOf('/');
  return end < 0 ? ancestors : ancestors.slice(0, end);
}

/** Everything before the first slash of a path. */
export function firstNameOf(path: string): string {
  const end = path.indexOf('/');
  return end < 0 ? path : path.slice(0, end);
}
