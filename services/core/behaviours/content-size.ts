/** `cs` of an instance (decisions "Content fidelity"): UTF-8 bytes of a string, else of the compact JSON. */
import { isVerbatimJson } from '../primitives.ts';

export function contentSize(content: unknown): number {
  if (typeof content === 'string') return utf8Length(content);
  if (isVerbatimJson(content)) return utf8Length(content.$json);
  return utf8Length(JSON.stringify(content) ?? '');
}

/** Bytes of a text in UTF-8; a lone half of a surrogate pair counts as the replacement character, as encoders write it. */
export function utf8Length(text: string): number {
  const { length } = text;
  let bytes = length;
  for (let at = 0; at < length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x80) continue;
    if (code < 0x800) bytes++;
    else {
      bytes += 2;
      // Four bytes for the two halves of a pair.
      if (code >= 0xd800 && code < 0xdc00 && at + 1 < length) {
        const next = text.charCodeAt(at + 1);
        if (next >= 0xdc00 && next < 0xe000) at++;
      }
    }
  }
  return bytes;
}
