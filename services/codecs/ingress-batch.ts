/** What ingress needs of payloads, a batch at a time: canonical text for the log and the scalars that route it. */
import { hash } from 'node:crypto';
import type { Operation } from '../core/primitives.ts';
import { CodecError } from './codec-error.ts';
import { type Demand, responseOf, splitRequestOf } from './envelope.ts';
import { checked } from './primitives-of-wire.ts';
import { codecOf, type SerializationName } from './registry.ts';
import type { WirePrimitive } from './wire.ts';

/** A payload to read. */
export interface Payload {
  payload: Uint8Array;
  serialization: SerializationName;
}

export interface DecodedRequest {
  kind: 'request';
  /** Canonical RequestPrimitive as JSON. */
  text: string;
  operation: Operation;
  to: string;
  /** `fr` as written. */
  originator: string | undefined;
  requestIdentifier: string;
  resourceType: number | undefined;
  /** resourceName in the content of a CREATE. */
  resourceName: string | undefined;
  /** Hash of `op to ty pc fc`, equal for equal requests (R16). */
  digest: string;
  /** As written. */
  requestExpirationTimestamp: string | undefined;
}

export interface DecodedResponse {
  kind: 'response';
  /** Canonical ResponsePrimitive as JSON. */
  text: string;
  requestIdentifier: string;
}

/** A payload that is no primitive, or a wrong one. */
export interface Undecodable {
  kind: 'undecodable';
  /** Response status code to answer. */
  code: number;
  text: string;
  /** Where one could still be read. */
  requestIdentifier: string | undefined;
}

export type DecodedPrimitive = DecodedRequest | DecodedResponse | Undecodable;

/** One result per payload, in their order. Never throws. */
export function decodeBatch(batch: readonly Payload[]): DecodedPrimitive[] {
  return batch.map(decodeOne);
}

/** For what took a thread down, or broke the codec itself (R28). */
export const unreadable: Undecodable = {
  kind: 'undecodable',
  code: 4000,
  text: 'The payload cannot be read.',
  requestIdentifier: undefined,
};

function decodeOne({ payload, serialization }: Payload): DecodedPrimitive {
  try {
    const wire = codecOf(serialization).read(payload);
    return wire.kind === 'request' ? decodedRequest(wire) : decodedResponse(wire);
  } catch (error) {
    if (!(error instanceof CodecError)) return unreadable;
    return {
      kind: 'undecodable',
      code: error.code,
      text: error.message,
      requestIdentifier: error.requestIdentifier,
    };
  }
}

/** The text is made in two parts, since the first one, what is asked, is hashed for itself. */
function decodedRequest(wire: WirePrimitive): DecodedRequest {
  const { demand, rest } = checked(wire, 'request', splitRequestOf);
  const demandText = JSON.stringify(demand);
  return {
    kind: 'request',
    text: `${demandText.slice(0, -1)},${JSON.stringify(rest).slice(1)}`,
    operation: demand.operation,
    to: demand.to,
    originator: rest.originator,
    requestIdentifier: rest.requestIdentifier,
    resourceType: demand.resourceType,
    resourceName: nameIn(demand),
    digest: hash('sha256', demandText, 'base64url'),
    requestExpirationTimestamp: rest.requestExpirationTimestamp,
  };
}

function decodedResponse(wire: WirePrimitive): DecodedResponse {
  const response = checked(wire, 'response', responseOf);
  return { kind: 'response', text: JSON.stringify(response), requestIdentifier: response.requestIdentifier };
}

function nameIn({ operation, content }: Demand): string | undefined {
  if (operation !== 1) return undefined;
  for (const member in content) {
    const resource = content[member];
    if (typeof resource !== 'object' || resource === null) return undefined;
    const { rn } = resource as { rn?: unknown };
    return typeof rn === 'string' ? rn : undefined;
  }
  return undefined;
}
