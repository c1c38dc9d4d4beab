/** NOTIFY to a resource of this CSE (TS-0004 7.3.3.9, 7.5; TS-0004 7.3.3). */
import type { Decision } from '../decision.ts';
import type { StoredResource } from '../resource.ts';
import { CseError, Status } from '../status-codes.ts';
import { answer } from './answer.ts';
import { isCseBase } from './find-parent.ts';
import type { RequestSituation } from './situation.ts';

/** Contents that the CSE takes for itself. */
const consumed = new Set(['m2m:sgn', 'm2m:agn', 'm2m:rsp', 'm2m:seci']);

export function notify(situation: RequestSituation, target: StoredResource): Decision {
  const members = Object.keys(situation.request.content ?? {});
  const [member] = members;
  if (member === undefined || members.length > 1 || !consumed.has(member)) {
    throw new CseError(Status.badRequest, `The content (pc) of a NOTIFY must be one of ${[...consumed].join(', ')}.`);
  }
  if (isCseBase(target)) return answer(situation, Status.ok);
  throw new CseError(Status.notImplemented, 'This CSE does not pass notifications on to AEs yet.');
}
