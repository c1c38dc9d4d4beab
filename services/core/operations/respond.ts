/** The response primitive of a decision (TS-0004 7.2.1.2, TS-0001 8.1.3). */
import type { DecisionInput } from '../decision.ts';
import { relativeForm } from '../identifiers.ts';
import type { PrimitiveContent, ResponsePrimitive } from '../primitives.ts';
import type { CseError } from '../status-codes.ts';
import { formatTimestamp } from '../timestamps.ts';

/** A list that did not fit is partial; `next` is the `ofst` to go on with. */
export interface Partial {
  next: number;
}

const partialContent = 1;

/** `receiver`: canonical ID of who gets it, if that is not the originator of the topic (a new AE). */
export function respond(
  input: DecisionInput,
  code: number,
  content?: PrimitiveContent,
  options?: { receiver?: string; partial?: Partial },
): ResponsePrimitive {
  const { request, cse, originator, now } = input;
  const receiver = options?.receiver ?? originator;
  const response: ResponsePrimitive = {
    responseStatusCode: code,
    requestIdentifier: request.requestIdentifier,
    originator: cse.id,
    originatingTimestamp: formatTimestamp(now),
  };
  if (receiver !== '') response.to = relativeForm(receiver, cse);
  if (content !== undefined) response.content = content;
  // An originator that names no release speaks release 1, which does not have the parameter (TS-0004 7.3.2.6).
  if (request.releaseVersion !== undefined) response.releaseVersion = request.releaseVersion;
  if (request.resultExpirationTimestamp !== undefined) {
    response.resultExpirationTimestamp = request.resultExpirationTimestamp;
  }
  if (options?.partial !== undefined) {
    response.contentStatus = partialContent;
    response.contentOffset = options.partial.next;
  }
  return response;
}

export function refuse(input: DecisionInput, error: CseError): ResponsePrimitive {
  return respond(input, error.code, { 'm2m:dbg': error.message });
}
