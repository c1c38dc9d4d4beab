/** Discovery: addresses of what is below the target (TS-0004 7.3.3.14; TS-0004 7.3.3.14). No match is an empty list. */
import { ResultContent } from '../primitives.ts';
import type { StoredResource } from '../resource.ts';
import type { Terms } from './check-request.ts';
import { type ListContent, listContent, referenceTo } from './child-content.ts';
import { addressOf } from './show.ts';
import type { RequestSituation } from './situation.ts';

export function discover(situation: RequestSituation, target: StoredResource, terms: Terms): ListContent {
  return terms.resultContent === ResultContent.childReferences
    ? listContent(situation, target, terms, referenceTo, (references) => ({ 'm2m:rrl': { rrf: references } }))
    : listContent(situation, target, terms, addressOf, (addresses) => ({ 'm2m:uril': addresses }));
}
