/** Results that hold what is below the target: references, or the resources themselves, nested (TS-0004 7.5.2, 8.4.3). */
import { utf8Length } from '../behaviours/content-size.ts';
import { matchesFilter } from '../filter-criteria.ts';
import { type Attributes, type PrimitiveContent, ResultContent } from '../primitives.ts';
import type { StoredResource } from '../resource.ts';
import { CseError, Status } from '../status-codes.ts';
import type { Terms } from './check-request.ts';
import type { Partial } from './respond.ts';
import { addressOf, countersOf, memberOf, show } from './show.ts';
import type { RequestSituation } from './situation.ts';
import { type Descendant, type Walk, walkDescendants } from './walk-descendants.ts';

export interface ListContent {
  content: PrimitiveContent;
  partial?: Partial | undefined;
}

/** Bytes of JSON that a list may fill: with envelope and escapes it stays below what one PUBLISH takes (R26). */
const maximumListBytes = 180_000;

/** rcn 4, 5, 6 and 8 of a RETRIEVE or DELETE. */
export function contentWithChildren(situation: RequestSituation, target: StoredResource, terms: Terms): ListContent {
  const root = memberOf(target);
  switch (terms.resultContent) {
    case ResultContent.attributesAndChildReferences:
      return listContent(situation, target, terms, referenceTo, (ch) => ({
        [root]: ch.length === 0 ? show(situation, target) : { ...show(situation, target), ch },
      }));
    case ResultContent.childReferences:
      return listContent(situation, target, terms, referenceTo, (rrf) => ({ 'm2m:rrl': { rrf } }));
    case ResultContent.childResources:
      return nestedContent(situation, target, terms, {});
    default:
      return nestedContent(situation, target, terms, { ...show(situation, target) });
  }
}

/** m2m:childResourceRef. */
export function referenceTo(situation: RequestSituation, resource: StoredResource): Attributes {
  return { nm: resource.name, typ: resource.type, val: addressOf(situation, resource) };
}

/** A flat list over all levels. */
export function listContent<Item>(
  situation: RequestSituation,
  target: StoredResource,
  terms: Terms,
  itemOf: (situation: RequestSituation, resource: StoredResource) => Item,
  contentOf: (items: Item[]) => PrimitiveContent,
): ListContent {
  const items: Item[] = [];
  const budget = new Budget();
  const walk = walkDescendants(situation, target, terms.filter, terms.isDiscovery, ({ resource }) => {
    const item = itemOf(situation, resource);
    if (!budget.takes(item)) return false;
    items.push(item);
    return true;
  });
  checkMatch(situation, target, terms, walk);
  return { content: contentOf(items), partial: partialOf(terms, walk, items.length) };
}

/** Children stand in their parent in one array for each type; what has no parent in the result cannot be shown. */
function nestedContent(
  situation: RequestSituation,
  target: StoredResource,
  terms: Terms,
  rootAttributes: Attributes,
): ListContent {
  const shown = new Map<string, Attributes>();
  const budget = new Budget();
  const walk = walkDescendants(situation, target, terms.filter, terms.isDiscovery, ({ resource, counters }) => {
    const attributes = { ...show(situation, resource, counters) };
    if (!budget.takes(attributes)) return false;
    shown.set(resource.id, attributes);
    return true;
  });
  checkMatch(situation, target, terms, walk);
  const whole = wholeSubtrees(target, walk);
  shown.set(target.id, rootAttributes);
  for (const { resource } of whole) {
    const parent = shown.get(resource.parentId);
    const attributes = shown.get(resource.id);
    if (parent === undefined || attributes === undefined) continue;
    const siblings = parent[memberOf(resource)];
    if (Array.isArray(siblings)) siblings.push(attributes);
    else parent[memberOf(resource)] = [attributes];
  }
  return { content: { [memberOf(target)]: rootAttributes }, partial: partialOf(terms, walk, whole.length) };
}

/**
 * A direct child whose subtree does not fit is left out as a whole (TS-0004 7.5.2), unless there would be nothing left: then
 * it is shown as far as it goes, so that whoever pages gets on.
 */
function wholeSubtrees(target: StoredResource, { found, following }: Walk): readonly Descendant[] {
  if (following === undefined) return found;
  const torn = directChildOf(target, following);
  const first = found.findIndex(({ resource }) => directChildOf(target, resource) === torn);
  return first <= 0 ? found : found.slice(0, first);
}

/** The child of `target` that a descendant is or is below of, by resource ID. */
function directChildOf(target: StoredResource, descendant: StoredResource): string {
  if (descendant.parentId === target.id) return descendant.id;
  const ancestors = descendant.ancestors.split('/');
  return ancestors[ancestors.indexOf(target.id) + 1] ?? descendant.id;
}

function partialOf(terms: Terms, walk: Walk, count: number): Partial | undefined {
  return walk.complete ? undefined : { next: (terms.filter?.offset ?? 1) + count };
}

/** A conditional operation that nothing matches is answered 4004, a discovery with an empty list (TS-0004 7.3.3.1). */
function checkMatch(situation: RequestSituation, target: StoredResource, terms: Terms, walk: Walk): void {
  const { filter, isDiscovery, resultContent } = terms;
  if (isDiscovery || filter === undefined || filter.tests.length === 0 || walk.found.length > 0 || !walk.complete)
    return;
  const showsTarget =
    resultContent === ResultContent.attributesAndChildResources ||
    resultContent === ResultContent.attributesAndChildReferences;
  if (showsTarget && matchesFilter(filter, target, countersOf(situation, target))) return;
  throw new CseError(Status.notFound, 'Nothing meets the filter criteria (fc).');
}

/** What still fits. The first item always does. */
class Budget {
  #left = maximumListBytes;
  #taken = false;

  takes(item: unknown): boolean {
    const bytes = utf8Length(JSON.stringify(item)) + 1;
    if (this.#taken && bytes > this.#left) return false;
    this.#left -= bytes;
    this.#taken = true;
    return true;
  }
}
