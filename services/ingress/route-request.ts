/** To which shard a request goes: a pure function of what is written in it, plus what is known of AE-IDs (R8). */
import { type Address, parseAddress, routeOfRequest } from '../core/addressing.ts';
import type { RequestPrimitive } from '../core/primitives.ts';
import type { AdmittedRequest } from './admit-request.ts';
import { duplicateKeyOf } from './duplicate-key.ts';
import type { HomeShards } from './home-shards.ts';

/** A request that knows its place in the log. */
export interface RoutedRequest extends AdmittedRequest {
  /** Duplicate key (R16). */
  key: string;
  shard: number;
}

/**
 * Routes the requests of a batch. Homes of AE-IDs that are not known are looked up once for the whole batch; without such
 * nothing is awaited. What cannot be routed, by a defect, is given to `failed`.
 */
export async function routeRequests(
  admitted: readonly AdmittedRequest[],
  homes: HomeShards,
  failed: (request: AdmittedRequest, error: unknown) => void,
): Promise<RoutedRequest[]> {
  const routed: RoutedRequest[] = [];
  const unsure: { request: RoutedRequest; address: Address }[] = [];
  for (const request of admitted) {
    try {
      const key = duplicateKeyOf(request);
      const address = parseAddress(request.primitive.to, request.topic.cse);
      const missingBefore = homes.missing();
      const shard = shardOf(request, address, key, homes);
      const result: RoutedRequest = { ...request, key, shard };
      routed.push(result);
      if (homes.missing() > missingBefore) unsure.push({ request: result, address });
    } catch (error) {
      failed(request, error);
    }
  }
  if (homes.missing() > 0) {
    await homes.lookUp();
    for (const { request, address } of unsure) request.shard = shardOf(request, address, request.key, homes);
  }
  return routed;
}

function shardOf(request: AdmittedRequest, address: Address, key: string, homes: HomeShards): number {
  const { cse } = request.topic;
  return routeOfRequest(routingPart(request), address, cse, key, (aeId: string) => homes.home(cse, aeId));
}

/** As much of the primitive as routing reads; its content is only the name, if there is one. */
function routingPart({ primitive, originator }: AdmittedRequest): RequestPrimitive {
  const part: RequestPrimitive = {
    operation: primitive.operation,
    to: primitive.to,
    requestIdentifier: primitive.requestIdentifier,
  };
  const from = originator === '' ? primitive.originator : originator;
  if (from !== undefined) part.originator = from;
  if (primitive.resourceType !== undefined) part.resourceType = primitive.resourceType;
  if (primitive.resourceName !== undefined) part.content = { resource: { rn: primitive.resourceName } };
  return part;
}
