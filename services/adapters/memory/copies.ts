/** Copies of rows: what goes in or comes out of the memory store is nobody else's, as with a database. */
import type { Counters, StoredResource } from '../../core/resource.ts';

export function copyOfResource(resource: StoredResource): StoredResource {
  const { policyIds, labels, hidden, attributes, ...plain } = resource;
  const copy: StoredResource = { ...plain, attributes: copyOfJson(attributes) };
  if (policyIds !== undefined) copy.policyIds = [...policyIds];
  if (labels !== undefined) copy.labels = [...labels];
  if (hidden !== undefined) copy.hidden = copyOfJson(hidden);
  return copy;
}

export function copyOfCounters(counters: Counters): Counters {
  return { ...counters };
}

/** Of values that JSON can hold; members that are undefined are left away, as they are in a database. */
export function copyOfJson<Value>(value: Value): Value {
  return copy(value) as Value;
}

function copy(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  const members: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    // A plain assignment to this name would set the prototype.
    if (name === '__proto__') Object.defineProperty(members, name, { value: copy(member), enumerable: true });
    else if (member !== undefined) members[name] = copy(member);
  }
  return members;
}
