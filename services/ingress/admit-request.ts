/** Who asks, and may it ask by this topic? (decisions "Identity"; TS-0004 7.3.2.1; TS-0010 6.4.4, 7.4) */

import type { DecodedRequest } from '../codecs/ingress-batch.ts';
import { canonicalId, isAeIdOfCse } from '../core/identifiers.ts';
import { Operation } from '../core/primitives.ts';
import { Status } from '../core/status-codes.ts';
import type { Arrival } from './arrival.ts';
import type { RequestTopic } from './topic-reader.ts';

const aeType = 2;
const remoteCseType = 16;

/** A request whose originator is settled. */
export interface AdmittedRequest {
  arrival: Arrival;
  topic: RequestTopic;
  primitive: DecodedRequest;
  /** Canonical originator; empty on a registration topic where `fr` leaves the AE-ID to the CSE. */
  originator: string;
}

/** A request that ingress answers itself. */
export interface Refusal {
  code: number;
  text: string;
}

/** Admits, or says what to answer. */
export function admitRequest(
  arrival: Arrival,
  topic: RequestTopic,
  primitive: DecodedRequest,
): AdmittedRequest | Refusal {
  if (primitive.requestIdentifier === '') return refusal(Status.badRequest, 'The request has no rqi.');
  const originator = topic.registration ? registrant(topic, primitive) : originatorOf(topic, primitive);
  return typeof originator === 'string' ? { arrival, topic, primitive, originator } : originator;
}

export function isRefusal(outcome: AdmittedRequest | Refusal): outcome is Refusal {
  return 'code' in outcome;
}

function refusal(code: number, text: string): Refusal {
  return { code, text };
}

/** On `req` the topic is the identity (promise 4); `fr` must name the same, in whatever form. */
function originatorOf(topic: RequestTopic, primitive: DecodedRequest): string | Refusal {
  const { originator } = primitive;
  if (originator === undefined || originator === '') {
    // TS-0004 7.3.2.1: only a registration may leave `fr` out.
    return isCreate(primitive, aeType)
      ? topic.originator
      : refusal(Status.badRequest, 'The request has no fr; only the registration of an AE may leave it out.');
  }
  // The level as it came is the most frequent form.
  if (originator === topic.originatorLevel && !originator.includes(':')) return topic.originator;
  if (canonicalId(originator, topic.cse) === topic.originator) return topic.originator;
  return refusal(
    Status.originatorNotAuthenticated,
    'The originator of the topic and fr differ; both must name the entity that sends the request.',
  );
}

/** On `reg_req` the topic holds a credential; `fr` is absent, `C`, `S` or the AE-ID that is wished for. */
function registrant(topic: RequestTopic, primitive: DecodedRequest): string | Refusal {
  if (isCreate(primitive, remoteCseType)) {
    return refusal(Status.notImplemented, 'This CSE does not register other CSEs yet.');
  }
  if (!isCreate(primitive, aeType)) {
    return refusal(Status.badRequest, 'A registration topic takes only the CREATE of an AE (op 1, ty 2).');
  }
  const { originator = '' } = primitive;
  if (originator === '' || originator === 'C' || originator === 'S') return '';
  const canonical = canonicalId(originator, topic.cse);
  return canonical !== undefined && isAeIdOfCse(canonical, topic.cse)
    ? canonical
    : refusal(Status.badRequest, 'fr of a registration must be absent, C, S, or an AE-ID that begins with C or S.');
}

function isCreate(primitive: DecodedRequest, resourceType: number): boolean {
  return primitive.operation === Operation.create && primitive.resourceType === resourceType;
}
