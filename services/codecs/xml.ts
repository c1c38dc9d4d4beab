/** XML as the wire has it (TS-0004 8.3). */
import type { RequestPrimitive, ResponsePrimitive } from '../core/primitives.ts';
import { CodecError, withIdentifier } from './codec-error.ts';
import { wireOfRequest, wireOfResponse } from './envelope.ts';
import { requestFrom, responseFrom } from './primitives-of-wire.ts';
import { textOf, type WirePrimitive } from './wire.ts';
import { readComplex } from './xml-reader.ts';
import { typeNamed } from './xml-schema.ts';
import { parseTree } from './xml-tree.ts';
import { writeComplex } from './xml-writer.ts';

/** Longest document that is read, bytes (decisions "Size"). */
export const maximumXmlBytes = 64 * 1024;

const header = '<?xml version="1.0" encoding="UTF-8"?>';
const namespace = ' xmlns:m2m="http://www.onem2m.org/xml/protocols"';

const kinds: ReadonlyMap<string, WirePrimitive['kind']> = new Map([
  ['m2m:rqp', 'request'],
  ['m2m:rsp', 'response'],
]);
const rootTypes = { request: typeNamed('requestPrimitive'), response: typeNamed('responsePrimitive') };

/** Undoes the serialization and no more. Throws CodecError. */
export function readXml(bytes: Uint8Array): WirePrimitive {
  if (bytes.byteLength > maximumXmlBytes) throw new CodecError(`An XML payload has at most ${maximumXmlBytes} bytes.`);
  const text = textOf(bytes);
  try {
    const root = parseTree(text);
    const kind = kinds.get(root.name);
    if (kind === undefined) throw new CodecError('The root must be m2m:rqp or m2m:rsp.');
    return { kind, members: readComplex(root, rootTypes[kind]) };
  } catch (error) {
    throw withIdentifier(error, identifierIn(text));
  }
}

/** Of a payload that cannot be read, so that at least its sender can tell which one it was. */
const identifierPattern = /<rqi>[ \t\n\r]*([^<&\s\p{Cc}\p{Cs}\ufffe\uffff]{1,256})[ \t\n\r]*<\/rqi>/u;

export function identifierIn(text: string): string | undefined {
  return identifierPattern.exec(text)?.[1];
}

export function writeXml(wire: WirePrimitive): string {
  const name = wire.kind === 'request' ? 'm2m:rqp' : 'm2m:rsp';
  return header + writeComplex(name, wire.members, rootTypes[wire.kind], namespace);
}

/** Throws CodecError for anything but a well-formed request. */
export function decodeRequest(bytes: Uint8Array): RequestPrimitive {
  return requestFrom(readXml(bytes));
}

/** Throws CodecError for anything but a well-formed response. */
export function decodeResponse(bytes: Uint8Array): ResponsePrimitive {
  return responseFrom(readXml(bytes));
}

export function encodeRequest(request: RequestPrimitive): string {
  return writeXml({ kind: 'request', members: wireOfRequest(request) });
}

export function encodeResponse(response: ResponsePrimitive): string {
  return writeXml({ kind: 'response', members: wireOfResponse(response) });
}
