/** Addresses of resources (TS-0004 6.2.4, 6.8; TS-0001 9.3.1): three scopes, structured, unstructured and hybrid. */
import type { CseDescription } from './cse.ts';
import { canonicalId, isAeIdOfCse, isAeStem, isResourceName, stemOf } from './identifiers.ts';
import { Operation, type RequestPrimitive } from './primitives.ts';
import type { StoredResource } from './resource.ts';
import { shardInName, shardOfBase, shardOfDuplicateKey, shardOfId, shardOfName } from './sharding.ts';

/** Names of virtual resources (TS-0004 6.8): reserved, no child is ever called so. */
export const virtualNames = ['la', 'ol', 'fopt', 'pcu', 'ntsr', 'sfop'] as const;
export type VirtualName = (typeof virtualNames)[number];

export type OwnAddress = {
  scope: 'own';
  /** Short name behind `#`. */
  attribute?: string;
  /** A virtual resource of what the form names. */
  virtual?: VirtualName;
  /** What stands behind the virtual resource (`fopt/temp`). */
  virtualRest?: string;
} & (
  | { form: 'base' }
  /** `path` is below the CSEBase. */
  | { form: 'structured'; path: string }
  /** `rest` are names below the resource. */
  | { form: 'unstructured'; id: string; rest?: string }
);

export type Address =
  | OwnAddress
  /** `cseId` is canonical. */
  | { scope: 'elsewhere'; cseId: string }
  | { scope: 'invalid'; reason: string };

/** True for a name that a virtual resource has or could have beside it. */
export function isVirtualName(name: string): name is VirtualName {
  return (virtualNames as readonly string[]).includes(name);
}

function invalid(reason: string): Address {
  return { scope: 'invalid', reason };
}

/** Reads `to`. Never throws. */
export function parseAddress(to: string, cse: CseDescription): Address {
  const hash = to.indexOf('#');
  const target = hash < 0 ? to : to.slice(0, hash);
  const address = addressOf(target, cse);
  if (hash < 0 || address.scope !== 'own') return address;
  const attribute = to.slice(hash + 1);
  return attribute === '' ? invalid('to has no attribute name behind #.') : { ...address, attribute };
}

function addressOf(target: string, cse: CseDescription): Address {
  if (target === '') return invalid('to is empty.');
  if (target.endsWith('/')) return invalid('to must not end with a slash.');
  if (!target.startsWith('/')) return relativeToCse(target, cse);
  if (!target.startsWith('//')) return relativeToProvider(target, cse, '');
  const end = target.indexOf('/', 2);
  if (end < 3) return invalid('to names a service provider but no CSE.');
  const provider = target.slice(0, end);
  return relativeToProvider(target.slice(end), cse, provider === cse.serviceProvider ? '' : provider);
}

/** `target` begins with the slash of a CSE-ID. */
function relativeToProvider(target: string, cse: CseDescription, foreignProvider: string): Address {
  const end = target.indexOf('/', 1);
  const host = end < 0 ? target : target.slice(0, end);
  if (host.length < 2) return invalid('to has an empty segment.');
  if (foreignProvider !== '') return { scope: 'elsewhere', cseId: foreignProvider + host };
  if (host === cse.id) return end < 0 ? { scope: 'own', form: 'base' } : relativeToCse(target.slice(end + 1), cse);
  // The SP-relative AE-ID of an AE that the provider named: if it is known, it is here.
  if (end < 0 && host.startsWith('/S') && isAeStem(host.slice(1))) {
    return { scope: 'own', form: 'unstructured', id: host.slice(1) };
  }
  return { scope: 'elsewhere', cseId: host };
}

function relativeToCse(target: string, cse: CseDescription): Address {
  if (target.startsWith('/') || target.includes('//')) return invalid('to has an empty segment.');
  const slash = target.indexOf('/');
  const first = slash < 0 ? target : target.slice(0, slash);
  const rest = slash < 0 ? '' : target.slice(slash + 1);
  if (first === '-' || first === cse.name || first === cse.baseId) {
    const { names, ...virtual } = splitVirtual(rest);
    return names === ''
      ? { scope: 'own', form: 'base', ...virtual }
      : { scope: 'own', form: 'structured', path: names, ...virtual };
  }
  if (rest === '') return { scope: 'own', form: 'unstructured', id: first };
  const { names, ...virtual } = splitVirtual(rest);
  return names === ''
    ? { scope: 'own', form: 'unstructured', id: first, ...virtual }
    : { scope: 'own', form: 'unstructured', id: first, rest: names, ...virtual };
}

/** Cuts a path at its first virtual resource. */
function splitVirtual(path: string): { names: string; virtual?: VirtualName; virtualRest?: string } {
  let start = 0;
  while (start < path.length) {
    const slash = path.indexOf('/', start);
    const end = slash < 0 ? path.length : slash;
    // Longest virtual name: four characters.
    if (end - start <= 4) {
      const name = path.slice(start, end);
      if (isVirtualName(name)) {
        const names = start === 0 ? '' : path.slice(0, start - 1);
        return end === path.length
          ? { names, virtual: name }
          : { names, virtual: name, virtualRest: path.slice(end + 1) };
      }
    }
    start = end + 1;
  }
  return { names: path };
}

const aeType = 2;

/**
 * The shard that decides a request (architecture §2): that of its target, but the CREATE of a child of the CSEBase goes to the
 * shard of the child's name-to-be (R8), so that registrations spread.
 *
 * `request.originator` must be the canonical originator of the topic where there is one, and `fr` only on a registration
 * topic: ingress and worker must come to the same shard. `knownHome` is asked for AE-ID-Stems alone.
 */
export function routeOfRequest(
  request: RequestPrimitive,
  address: Address,
  cse: CseDescription,
  duplicateKey: string,
  knownHome: (aeStem: string) => number | undefined,
): number {
  if (address.scope === 'elsewhere') return shardOfName(cse.number, address.cseId);
  if (address.scope === 'invalid') return shardOfDuplicateKey(duplicateKey);
  switch (address.form) {
    case 'base':
      return request.operation === Operation.create && address.virtual === undefined
        ? shardOfNewFirstLevelChild(request, cse, duplicateKey)
        : shardOfBase(cse.number);
    case 'structured':
      return shardOfName(cse.number, firstName(address.path));
    case 'unstructured': {
      const written = shardInName(address.id);
      if (written !== undefined) return written;
      const home = isAeStem(address.id) ? knownHome(address.id) : undefined;
      return home ?? shardOfId(cse.number, address.id);
    }
  }
}

function firstName(path: string): string {
  const slash = path.indexOf('/');
  return slash < 0 ? path : path.slice(0, slash);
}

/** By the given name; else, for an AE that chose its ID, by its default name, which is the stem; else by the duplicate key. */
function shardOfNewFirstLevelChild(request: RequestPrimitive, cse: CseDescription, duplicateKey: string): number {
  const name = nameInContent(request);
  if (name !== undefined) return shardOfName(cse.number, name);
  const aeId = request.resourceType === aeType ? canonicalId(request.originator ?? '', cse) : undefined;
  return aeId !== undefined && isAeIdOfCse(aeId, cse)
    ? shardOfName(cse.number, stemOf(aeId))
    : shardOfDuplicateKey(duplicateKey);
}

function nameInContent({ content }: RequestPrimitive): string | undefined {
  for (const member in content) {
    const value = content[member];
    const name = typeof value === 'object' && value !== null ? (value as { rn?: unknown }).rn : undefined;
    return typeof name === 'string' && isResourceName(name) ? name : undefined;
  }
  return undefined;
}

/** `cse-in/ae1/cnt1`. */
export function structuredAddress(resource: Pick<StoredResource, 'path'>, cse: Pick<CseDescription, 'name'>): string {
  return resource.path === '' ? cse.name : `${cse.name}/${resource.path}`;
}
