/** What a request will obviously need, for the first pass over a batch (R9): cheap, without a decision, and never throwing. */
import { type OwnAddress, parseAddress } from './addressing.ts';
import type { CseDescription } from './cse.ts';
import type { Need } from './decision.ts';
import { canonicalId, isAeIdOfCse, stemOf } from './identifiers.ts';
import { firstNameOf } from './operations/find-parent.ts';
import { Operation, type RequestPrimitive } from './primitives.ts';
import { shardOfBase, shardOfId, shardOfName } from './sharding.ts';

const aeType = 2;

/** The target (of a CREATE the parent), the place of a name that is asked for, and the directory's word on a wished AE-ID. */
export function needsOfRequest(request: RequestPrimitive, cse: CseDescription): Need[] {
  const address = parseAddress(request.to, cse);
  if (address.scope !== 'own') return [];
  const needs: Need[] = [needOfTarget(address, cse)];
  if (request.operation !== Operation.create) return needs;
  const name = nameIn(request);
  if (name !== undefined) {
    const place = placeOfChild(address, name, cse);
    if (place !== undefined) needs.push(place);
  }
  if (request.resourceType === aeType && request.originator !== undefined) {
    const id = canonicalId(request.originator, cse);
    if (id !== undefined && isAeIdOfCse(id, cse)) {
      const aeId = stemOf(id);
      needs.push({ kind: 'aeHome', cse: cse.number, aeId });
      // Without a name of its own an AE is called by its ID.
      if (name === undefined)
        needs.push({ kind: 'path', cse: cse.number, shard: shardOfName(cse.number, aeId), path: aeId });
    }
  }
  return needs;
}

function needOfTarget(address: OwnAddress, cse: CseDescription): Need {
  switch (address.form) {
    case 'base':
      return { kind: 'resource', cse: cse.number, shard: shardOfBase(cse.number), id: cse.baseId };
    case 'structured':
      return pathNeed(address.path, cse);
    case 'unstructured':
      return { kind: 'resource', cse: cse.number, shard: shardOfId(cse.number, address.id), id: address.id };
  }
}

/** Where the parent is named by an ID its path is not known yet. */
function placeOfChild(address: OwnAddress, name: string, cse: CseDescription): Need | undefined {
  if (address.form === 'base') return pathNeed(name, cse);
  return address.form === 'structured' ? pathNeed(`${address.path}/${name}`, cse) : undefined;
}

function pathNeed(path: string, cse: CseDescription): Need {
  return { kind: 'path', cse: cse.number, shard: shardOfName(cse.number, firstNameOf(path)), path };
}

function nameIn({ content }: RequestPrimitive): string | undefined {
  for (const member in content) {
    const value = content[member];
    if (typeof value !== 'object' || value === null) return undefined;
    const { rn } = value as { rn?: unknown };
    return typeof rn === 'string' && rn !== '' ? rn : undefined;
  }
  return undefined;
}
