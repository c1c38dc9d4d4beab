/** RETRIEVE at the hosting CSE (TS-0004 7.3.3.6; TS-0004 7.5.2). */
import type { OwnAddress } from '../addressing.ts';
import type { Decision } from '../decision.ts';
import { type Attributes, type PrimitiveContent, ResultContent } from '../primitives.ts';
import type { StoredResource } from '../resource.ts';
import { CseError, Status } from '../status-codes.ts';
import { answer } from './answer.ts';
import type { Terms } from './check-request.ts';
import { contentWithChildren, type ListContent } from './child-content.ts';
import { definitionOf } from './definition-of.ts';
import { discover } from './discover.ts';
import { memberOf, show } from './show.ts';
import type { RequestSituation } from './situation.ts';

export function retrieve(
  situation: RequestSituation,
  address: OwnAddress,
  target: StoredResource,
  terms: Terms,
): Decision {
  const { content, partial } = terms.isDiscovery
    ? discover(situation, target, terms)
    : (partialRetrieval(situation, address, target) ?? contentOfRetrieval(situation, target, terms));
  return answer(situation, Status.ok, undefined, content, partial === undefined ? undefined : { partial });
}

/** The target, its children, or both, as rcn says. */
export function contentOfRetrieval(situation: RequestSituation, target: StoredResource, terms: Terms): ListContent {
  return terms.resultContent === ResultContent.attributes
    ? { content: { [memberOf(target)]: show(situation, target) } }
    : contentWithChildren(situation, target, terms);
}

/** Some attributes only: named behind `#`, or by a list in the content. Undefined for the retrieval of a whole resource. */
function partialRetrieval(
  situation: RequestSituation,
  { attribute }: OwnAddress,
  target: StoredResource,
): { content: PrimitiveContent; partial?: undefined } | undefined {
  const { content } = situation.request;
  if (attribute === undefined && content === undefined) return undefined;
  const names = attribute === undefined ? namesIn(content) : [attribute];
  const { attribute: defined, member } = definitionOf(target);
  const all = show(situation, target);
  const chosen: Attributes = {};
  for (const name of names) {
    if (!defined.has(name)) {
      throw new CseError(Status.badRequest, `${member} has no attribute ${name.slice(0, 40)}.`);
    }
    // Defined and absent is left out (TS-0004 7.3.3).
    if (all[name] !== undefined) chosen[name] = all[name];
  }
  return { content: { [member]: chosen } };
}

function namesIn(content: PrimitiveContent | undefined): string[] {
  const names = content?.['m2m:atrl'];
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string') || names.length === 0) {
    throw new CseError(
      Status.badRequest,
      'The content (pc) of a RETRIEVE can only be m2m:atrl, a list of attribute names.',
    );
  }
  return names;
}
