/** The serializations: what can be read and written, and what is known but not built (answered 4015). */
import type { RequestPrimitive, ResponsePrimitive } from '../core/primitives.ts';
import * as json from './json.ts';
import type { WirePrimitive } from './wire.ts';
import * as xml from './xml.ts';

export type SerializationName = 'json' | 'xml';

export interface Codec {
  readonly name: SerializationName;
  /** Undoes the serialization and no more. Throws CodecError, like all that read. */
  read(bytes: Uint8Array): WirePrimitive;
  write(wire: WirePrimitive): string;
  decodeRequest(bytes: Uint8Array): RequestPrimitive;
  decodeResponse(bytes: Uint8Array): ResponsePrimitive;
  encodeRequest(request: RequestPrimitive): string;
  encodeResponse(response: ResponsePrimitive): string;
}

const codecs: Readonly<Record<SerializationName, Codec>> = {
  json: {
    name: 'json',
    read: json.readJson,
    write: json.writeJson,
    decodeRequest: json.decodeRequest,
    decodeResponse: json.decodeResponse,
    encodeRequest: json.encodeRequest,
    encodeResponse: json.encodeResponse,
  },
  xml: {
    name: 'xml',
    read: xml.readXml,
    write: xml.writeXml,
    decodeRequest: xml.decodeRequest,
    decodeResponse: xml.decodeResponse,
    encodeRequest: xml.encodeRequest,
    encodeResponse: xml.encodeResponse,
  },
};

/** In a stable order: threads pass serializations by their place in it. */
export const serializationNames: readonly SerializationName[] = ['json', 'xml'];

/** Serializations that oneM2M defines (TS-0010 6.5.4) and this CSE does not have yet. */
export const unsupportedSerializations: readonly string[] = ['cbor'];

export function codecOf(name: SerializationName): Codec {
  return codecs[name];
}
