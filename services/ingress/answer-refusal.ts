/** Answers that ingress gives itself (R29), published to the response topic of the request. */

import type { DecodedRequest } from '../codecs/ingress-batch.ts';
import type { Serialization } from '../contracts/records.ts';
import { type OperationName, operationName, type RequestPrimitive } from '../core/primitives.ts';
import { Status } from '../core/status-codes.ts';
import { formatTimestamp } from '../core/timestamps.ts';
import type { Refusal } from './admit-request.ts';
import type { RequestTopic } from './topic-reader.ts';

/** The answer to an overload. Says nothing of an earlier copy: nobody here knows of one. */
export const overloadRefusal: Refusal = {
  code: Status.internalServerError,
  text: 'The CSE is overloaded and has not taken this request. Repeat it later with the same rqi.',
};

/** What is known of a refused request. */
export interface RefusedRequest {
  topic: RequestTopic;
  refusal: Refusal;
  requestIdentifier: string | undefined;
  /** Present if the payload could be read. */
  primitive: DecodedRequest | undefined;
  /** Present if its record was built already. */
  traceparent: string | undefined;
  /** Whether the log tells of it. */
  isLogged: boolean;
}

const noResponse = 5;

/** The response primitive in its JSON wire form, or undefined if the originator wants none (TS-0004 6.3.4.2.6). */
export function refusalAnswer(refused: RefusedRequest, now: number): string | undefined {
  const { topic, refusal, primitive } = refused;
  const request = primitive === undefined ? undefined : (JSON.parse(primitive.text) as RequestPrimitive);
  if (request?.responseType?.value === noResponse) return undefined;
  const to = request?.originator ?? (topic.registration ? undefined : topic.originatorLevel);
  return JSON.stringify({
    rsc: refusal.code,
    rqi: refused.requestIdentifier ?? '',
    rvi: request?.releaseVersion,
    to,
    fr: topic.cse.id,
    ot: formatTimestamp(now),
    pc: { 'm2m:dbg': refusal.text },
  });
}

/** An unknown type level is answered as JSON (decisions "Broken topics"). */
export function answerSerialization(topic: RequestTopic): Serialization {
  return topic.serialization ?? 'json';
}

/** Label of a refused request in the metrics. */
export function operationLabel(primitive: DecodedRequest | undefined): OperationName | 'unread' {
  return primitive === undefined ? 'unread' : operationName[primitive.operation];
}
