/**
 * The requestIdentifier of a payload that is not to be decoded: whoever sends too much is refused before that costs anything,
 * and must still be able to tell which request was refused.
 */
import type { SerializationName } from './registry.ts';
import { identifierIn } from './xml.ts';

const quote = 0x22;
const backslash = 0x5c;
const longest = 256;
/** Of both tags, with room for blanks. */
const tagLength = 32;

/** Undefined where there is none to be seen; of what cannot be decoded it may be wrong. Never throws. */
export function peekIdentifier(payload: Uint8Array, serialization: SerializationName): string | undefined {
  const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
  return serialization === 'json' ? peekJson(bytes) : peekXml(bytes);
}

/** The member of the primitive itself, also within `m2m:rqp`: what content calls `rqi` is something else. */
function peekJson(bytes: Buffer): string | undefined {
  let depth = 0;
  const primitive = startsWrapped(bytes) ? 2 : 1;
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case 0x5b:
      case 0x7b:
        depth++;
        break;
      case 0x5d:
      case 0x7d:
        depth--;
        break;
      case quote: {
        const end = endOfString(bytes, at);
        if (depth === primitive && end - at === 4 && bytes.toString('latin1', at + 1, end) === 'rqi') {
          const value = valueBehind(bytes, end + 1);
          if (value !== undefined) return value;
        }
        at = end;
      }
    }
  }
  return undefined;
}

function startsWrapped(bytes: Buffer): boolean {
  return /^\s*\{\s*"m2m:rqp"\s*:/.test(bytes.toString('latin1', 0, 64));
}

/** Position of the closing quote, or of the end of the payload. */
function endOfString(bytes: Buffer, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}

/** A string behind a colon; undefined for anything else, also for one that an answer could not carry. */
function valueBehind(bytes: Buffer, from: number): string | undefined {
  const match = /^\s*:\s*"/.exec(bytes.toString('latin1', from, from + 32));
  if (match === null) return undefined;
  const start = from + match[0].length - 1;
  const end = endOfString(bytes, start);
  if (end - start > longest) return undefined;
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8', start, end + 1));
    return typeof value === 'string' && value !== '' && value.isWellFormed() ? value : undefined;
  } catch {
    return undefined;
  }
}

function peekXml(bytes: Buffer): string | undefined {
  const start = bytes.indexOf('<rqi>');
  if (start < 0) return undefined;
  const text = bytes.toString('utf8', start, start + tagLength + 4 * longest);
  return identifierIn(text);
}
