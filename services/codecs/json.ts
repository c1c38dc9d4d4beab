/** JSON as the wire has it (TS-0004 8.4), and the canonical text of a request in records. */
import type { RequestPrimitive, ResponsePrimitive } from '../core/primitives.ts';
import { CodecError, withIdentifier } from './codec-error.ts';
import { wireOfRequest, wireOfResponse } from './envelope.ts';
import { parseObject, spliceVerbatim } from './json-text.ts';
import { identifierOf, requestFrom, responseFrom } from './primitives-of-wire.ts';
import { textOf, type WireObject, type WirePrimitive } from './wire.ts';

/** Undoes the serialization and no more. Throws CodecError. */
export function readJson(bytes: Uint8Array): WirePrimitive {
  const text = textOf(bytes);
  try {
    return unwrapped(parseObject(text));
  } catch (error) {
    throw withIdentifier(error, identifierIn(text));
  }
}

/** `{"m2m:rqp":{…}}` is what some older implementations send: accepted, never sent (TS-0010 6.5.1). */
function unwrapped(members: WireObject): WirePrimitive {
  for (const name in members) {
    if (name === 'm2m:rqp' || name === 'm2m:rsp') return opened(members, name);
    break;
  }
  if (members.op !== undefined) return { kind: 'request', members };
  if (members.rsc !== undefined) return { kind: 'response', members };
  throw new CodecError('The payload has neither op nor rsc.', identifierOf(members));
}

function opened(members: WireObject, name: 'm2m:rqp' | 'm2m:rsp'): WirePrimitive {
  const inner = members[name];
  if (Object.keys(members).length !== 1 || typeof inner !== 'object' || inner === null || Array.isArray(inner)) {
    throw new CodecError(`${name} must be the only member, and an object.`);
  }
  return { kind: name === 'm2m:rqp' ? 'request' : 'response', members: inner as WireObject };
}

/** Of a payload that cannot be read, so that at least its sender can tell which one it was. */
const identifierPattern = /"rqi"[ \t\n\r]*:[ \t\n\r]*"([^"\\\p{Cc}]{1,256})"/u;

function identifierIn(text: string): string | undefined {
  return identifierPattern.exec(text)?.[1];
}

export function writeJson(wire: WirePrimitive): string {
  return spliceVerbatim(JSON.stringify(wire.members));
}

/** Throws CodecError for anything but a well-formed request. */
export function decodeRequest(bytes: Uint8Array): RequestPrimitive {
  return requestFrom(readJson(bytes));
}

/** Throws CodecError for anything but a well-formed response. */
export function decodeResponse(bytes: Uint8Array): ResponsePrimitive {
  return responseFrom(readJson(bytes));
}

/** Wire text, not wrapped. */
export function encodeRequest(request: RequestPrimitive): string {
  return spliceVerbatim(JSON.stringify(wireOfRequest(request)));
}

/** Wire text, not wrapped. */
export function encodeResponse(response: ResponsePrimitive): string {
  return spliceVerbatim(JSON.stringify(wireOfResponse(response)));
}

/** A request as records carry it; free content stands in it as VerbatimJson. */
export function canonicalText(request: RequestPrimitive): string {
  return JSON.stringify(request);
}

/** Reads what {@link canonicalText} wrote: our own text, not checked again. */
export function readCanonical(text: string | Buffer): RequestPrimitive {
  return JSON.parse(typeof text === 'string' ? text : text.toString('utf8')) as RequestPrimitive;
}
