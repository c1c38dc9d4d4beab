/** Rows for tests, as decisions make them. */
import type { CseDescription } from '../../../services/core/cse.ts';
import type { Counters, ResourceKey, StoredResource } from '../../../services/core/resource.ts';
import { shardOfName } from '../../../services/core/sharding.ts';
import { formatTimestamp } from '../../../services/core/timestamps.ts';

/** The moment at which test rows are made, ms: now, so that journals find their hour and nothing has expired. */
export const testNow = Date.now();

export const noInstances: Counters = { stateTag: 0, instances: 0, bytes: 0, nextSequence: 0, lowestSequence: 0 };

export const types = { policy: 1, ae: 2, container: 3, instance: 4, base: 5, subscription: 23 } as const;

/** A child of the CSEBase. */
export function firstLevel(
  cse: CseDescription,
  type: number,
  name: string,
  more: Partial<StoredResource> = {},
): StoredResource {
  return row(
    {
      cse: cse.number,
      shard: shardOfName(cse.number, name),
      id: `${name}-id`,
      parentId: cse.baseId,
      name,
      type,
      ancestors: '',
      path: name,
    },
    more,
  );
}

/** A child of another resource than the CSEBase. */
export function childOf(
  parent: StoredResource,
  type: number,
  name: string,
  more: Partial<StoredResource> = {},
): StoredResource {
  const ancestors = parent.ancestors === '' ? parent.id : `${parent.ancestors}/${parent.id}`;
  return row(
    {
      cse: parent.cse,
      shard: parent.shard,
      id: `${parent.id}-${name}`,
      parentId: parent.id,
      name,
      type,
      ancestors,
      path: `${parent.path}/${name}`,
    },
    more,
  );
}

/** An instance with its sequence number as content. */
export function instanceOf(
  container: StoredResource,
  sequence: number,
  more: Partial<StoredResource> = {},
): StoredResource {
  const content = String(sequence);
  const instance = childOf(container, types.instance, `i${sequence}`, { sequence, size: content.length, ...more });
  return { ...instance, attributes: { ...instance.attributes, con: content, ...more.attributes } };
}

type Place = Pick<StoredResource, 'cse' | 'shard' | 'id' | 'parentId' | 'name' | 'type' | 'ancestors' | 'path'>;

function row(place: Place, more: Partial<StoredResource>): StoredResource {
  const instant = formatTimestamp(testNow);
  return {
    ...place,
    version: 0,
    sequence: 0,
    expiresAt: null,
    size: 0,
    creator: '/test/Ccreator',
    ...more,
    attributes: {
      rn: place.name,
      ty: place.type,
      ri: place.id,
      pi: place.parentId,
      ct: instant,
      lt: instant,
      ...more.attributes,
    },
  };
}

export function keyOf({ shard, cse, id }: StoredResource): ResourceKey {
  return { shard, cse, id };
}

/** A row without what is absent, to compare what was written with what is read. */
export function plain(resource: StoredResource | null | undefined): unknown {
  return resource === null || resource === undefined ? null : JSON.parse(JSON.stringify(resource));
}
