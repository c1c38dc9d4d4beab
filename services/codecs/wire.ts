/** Primitives as the wire has them: short names, one object whatever the serialization (TS-0004 8.2, 8.4.2). */
import { CodecError } from './codec-error.ts';

/** Members by short name. Free content that is no string stands as VerbatimJson. */
export type WireObject = Record<string, unknown>;

/** A primitive of which only the serialization has been undone. */
export interface WirePrimitive {
  kind: 'request' | 'response';
  members: WireObject;
}

/** Deepest nesting of objects, arrays or elements that is read. */
export const maximumDepth = 32;

/**
 * Names that are never taken over from a payload: they would reach prototypes, or would pass for VerbatimJson. Inside free
 * content they are mere text.
 */
export function refuseName(name: string): void {
  if (name === '__proto__' || name === 'constructor' || name === 'prototype' || name === '$json') {
    throw new CodecError(`The name ${name} is not allowed.`);
  }
}

/** Attributes whose value is anything (xs:anyType), by the element they stand in: they come back as they were sent. */
const freeAttributes: ReadonlyMap<string, string> = new Map([
  ['m2m:cin', 'con'],
  ['m2m:cinA', 'con'],
  ['m2m:tsi', 'con'],
  ['m2m:tsiA', 'con'],
]);

export function isFreeAttribute(element: string, attribute: string): boolean {
  return freeAttributes.get(element) === attribute;
}

/** Finds in JSON text a free attribute that is perhaps no string. Only a hint: escaped names are not seen. */
export const freeValueHint = new RegExp(`"(?:${[...new Set(freeAttributes.values())].join('|')})"\\s*:\\s*[^"\\s]`);

const decoder = new TextDecoder('utf-8', { fatal: true });

/** The text of a payload; a byte order mark is dropped. Throws CodecError if it is no UTF-8. */
export function textOf(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new CodecError('The payload is not valid UTF-8.');
  }
}
