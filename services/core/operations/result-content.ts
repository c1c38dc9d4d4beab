/** What answers to CREATE and UPDATE hold, by rcn (TS-0004 7.5.2). */
import { structuredAddress } from '../addressing.ts';
import { type Attributes, type PrimitiveContent, ResultContent } from '../primitives.ts';
import type { Counters, StoredResource } from '../resource.ts';
import type { ResourceTypeDefinition } from '../resource-types/definition.ts';
import { show } from './show.ts';
import type { RequestSituation } from './situation.ts';

export function contentOfCreation(
  situation: RequestSituation,
  { member }: ResourceTypeDefinition,
  resource: StoredResource,
  counters: Counters | undefined,
  given: Attributes,
  resultContent: number,
): PrimitiveContent | undefined {
  const attributes = () => show(situation, resource, counters);
  switch (resultContent) {
    case ResultContent.attributes:
      return { [member]: attributes() };
    case ResultContent.hierarchicalAddress:
      return { 'm2m:uri': structuredAddress(resource, situation.cse) };
    case ResultContent.hierarchicalAddressAndAttributes:
      return { 'm2m:rce': { [member]: attributes(), uri: structuredAddress(resource, situation.cse) } };
    case ResultContent.modifiedAttributes:
      return modifiedContent(member, attributes(), given);
    default:
      return undefined;
  }
}

export function contentOfUpdate(
  situation: RequestSituation,
  { member }: ResourceTypeDefinition,
  resource: StoredResource,
  counters: Counters | undefined,
  changes: Attributes,
  resultContent: number,
): PrimitiveContent | undefined {
  if (resultContent === ResultContent.nothing) return undefined;
  const attributes = show(situation, resource, counters);
  if (resultContent !== ResultContent.modifiedAttributes) return { [member]: attributes };
  // Of an update only what it has touched can differ: the rest is as it was.
  const touched: Attributes = { lt: attributes.lt };
  if (counters !== undefined) touched.st = attributes.st;
  for (const name in changes) touched[name] = attributes[name] ?? null;
  return modifiedContent(member, touched, changes);
}

/** What the CSE has set or changed, as against what was asked for; nothing to tell, no content. */
function modifiedContent(member: string, attributes: Attributes, asked: Attributes): PrimitiveContent | undefined {
  const modified: Attributes = {};
  let count = 0;
  for (const name in attributes) {
    const value = attributes[name];
    if (name in asked && value !== null && JSON.stringify(value) === JSON.stringify(asked[name])) continue;
    modified[name] = value;
    count++;
  }
  return count === 0 ? undefined : { [member]: modified };
}
