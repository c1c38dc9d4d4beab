/** DELETE at the hosting CSE (TS-0004 7.3.3.8). */
import type { Decision } from '../decision.ts';
import { ResultContent } from '../primitives.ts';
import type { StoredResource } from '../resource.ts';
import { Status } from '../status-codes.ts';
import { answer } from './answer.ts';
import type { Terms } from './check-request.ts';
import { noteRemoval } from './growth.ts';
import { removeResource } from './remove-resource.ts';
import { contentOfRetrieval } from './retrieve.ts';
import { noEffects, type RequestSituation } from './situation.ts';

export function remove(situation: RequestSituation, target: StoredResource, terms: Terms): Decision {
  // What the answer holds is the state before.
  const result =
    terms.resultContent === ResultContent.nothing ? undefined : contentOfRetrieval(situation, target, terms);
  const effects = noEffects();
  removeResource(situation, target, effects);
  noteRemoval(situation, target);
  if (result === undefined) return answer(situation, Status.deleted, effects);
  const { content, partial } = result;
  return answer(situation, Status.deleted, effects, content, partial === undefined ? {} : { partial });
}
