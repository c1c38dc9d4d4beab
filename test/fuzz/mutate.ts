/** Damage to bytes, as a wire, a bad memory or an attacker would do it. */
import type { Random } from '../simulation/random.ts';

const tokens = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ':',
  ',',
  '\\',
  '\\u0000',
  '\\ud800',
  'null',
  'true',
  '-',
  '1e999',
  '<',
  '>',
  '</',
  '/>',
  '&',
  '&#0;',
  '&lt;',
  '<!--',
  ']]>',
  '<![CDATA[',
  '<!DOCTYPE',
  '<?',
  '__proto__',
  '\0',
  '\u2028',
  '\ufeff',
  '%00',
  '\r\n',
  ' ',
  '#',
  '+',
  '$',
  '*',
].map((token) => Buffer.from(token));

const longest = 4096;

/** One to eight mutations. The result is a new buffer of bounded length. */
export function mutated(payload: Buffer, random: Random): Buffer {
  let bytes = payload;
  for (let left = random.whole(1, 8); left > 0; left--) bytes = mutatedOnce(bytes, random);
  return bytes.length > longest * 2 ? bytes.subarray(0, longest * 2) : bytes;
}

function mutatedOnce(bytes: Buffer, random: Random): Buffer {
  const at = random.whole(0, bytes.length);
  switch (random.whole(0, 7)) {
    case 0: // a bit
      return replaced(bytes, at, (byte) => byte ^ (1 << random.whole(0, 7)));
    case 1: // a byte
      return replaced(bytes, at, () => random.whole(0, 255));
    case 2: // something missing
      return spliced(bytes, at, random.whole(1, 16), Buffer.alloc(0));
    case 3: // a token
      return spliced(bytes, at, 0, random.pick(tokens));
    case 4: // a token instead of something
      return spliced(bytes, at, random.whole(1, 8), random.pick(tokens));
    case 5: // a piece again
      return spliced(bytes, at, 0, piece(bytes, random));
    case 6: // a piece many times
      return spliced(bytes, at, 0, repeated(piece(bytes, random), random.whole(2, 40)));
    default: // the end missing
      return bytes.subarray(0, at);
  }
}

function replaced(bytes: Buffer, at: number, by: (byte: number) => number): Buffer {
  if (at >= bytes.length) return bytes;
  const copy = Buffer.from(bytes);
  copy[at] = by(copy[at] ?? 0);
  return copy;
}

function spliced(bytes: Buffer, at: number, count: number, by: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(at + count)]);
}

function piece(bytes: Buffer, random: Random): Buffer {
  const from = random.whole(0, bytes.length);
  return bytes.subarray(from, from + random.whole(1, 64));
}

function repeated(bytes: Buffer, times: number): Buffer {
  const count = Math.min(times, Math.ceil(longest / Math.max(1, bytes.length)));
  return Buffer.concat(Array.from({ length: count }, () => bytes));
}
