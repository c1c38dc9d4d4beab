/**
 * JSON text of strangers. One cheap pass counts members and depth, JSON.parse does the rest, and a walk over the result
 * finds what JSON.parse lets through: duplicate members (there are more in the text than in the object), names that reach
 * prototypes, numbers that lost digits. Only where free content must be kept as text, or something looks wrong, a second,
 * exact pass over the text is made.
 */
import { Limits } from '../core/limits.ts';
import { CodecError } from './codec-error.ts';
import { keepFreeContent } from './free-content.ts';
import { freeValueHint, isFreeAttribute, maximumDepth, refuseName, type WireObject } from './wire.ts';

/** What the walk returns if a free value is still an object or a number. */
const needsExactPass = -1;

/** Reads an object; free content that is no string comes as VerbatimJson. Throws CodecError. */
export function parseObject(text: string): WireObject {
  const members = countMembers(text);
  if (!freeValueHint.test(text) && !text.includes('\\u0000')) {
    const root = parse(text);
    if (inspect(root, '', false) === members) return root;
  }
  const root = parse(keepFreeContent(text));
  inspect(root, '', true);
  return root;
}

function parse(text: string): WireObject {
  let root: unknown;
  try {
    root = JSON.parse(text);
  } catch {
    throw new CodecError('The payload is not valid JSON.');
  }
  if (typeof root !== 'object' || root === null || Array.isArray(root)) {
    throw new CodecError('The payload is not a JSON object.');
  }
  return root as WireObject;
}

/** Number of members (colons outside of strings). Throws CodecError for text that is nested too deeply. */
function countMembers(text: string): number {
  const { length } = text;
  let members = 0;
  let depth = 0;
  for (let at = 0; at < length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x22: // a string: on to its end
        for (at++; at < length; at++) {
          const code = text.charCodeAt(at);
          if (code === 0x22) break;
          if (code === 0x5c) at++;
        }
        break;
      case 0x3a:
        members++;
        break;
      case 0x5b:
      case 0x7b:
        if (++depth > maximumDepth) throw new CodecError(`The payload is nested deeper than ${maximumDepth} levels.`);
        break;
      case 0x5d:
      case 0x7d:
        depth--;
        break;
    }
  }
  if (members > Limits.payloadMembers) {
    throw new CodecError(`The payload has more than ${Limits.payloadMembers} members.`);
  }
  return members;
}

/**
 * Number of members of a value and of all below it, or `needsExactPass`. `element` is the name of the member that holds it.
 * Throws CodecError for forbidden names and for numbers that JavaScript cannot hold.
 */
function inspect(value: object, element: string, exact: boolean): number {
  let members = 0;
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) {
      if (typeof item === 'object' && item !== null) {
        const below = inspect(item, element, exact);
        if (below === needsExactPass) return needsExactPass;
        members += below;
      } else if (typeof item === 'number') {
        checkNumber(item, element);
      }
    }
    return members;
  }
  for (const name in value) {
    members++;
    refuseName(name);
    const member = (value as WireObject)[name];
    if (typeof member === 'string' || member === null) continue;
    if (isFreeAttribute(element, name)) {
      if (!exact) return needsExactPass;
      continue;
    }
    if (typeof member === 'object') {
      const below = inspect(member, name, exact);
      if (below === needsExactPass) return needsExactPass;
      members += below;
    } else if (typeof member === 'number') {
      checkNumber(member, name);
    }
  }
  return members;
}

function checkNumber(value: number, name: string): void {
  if (!(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) throw new CodecError(`The number in ${name} is out of range.`);
}

const verbatimStart = '{"$json":';

/**
 * Puts the text of every VerbatimJson in its place. In JSON text the mark cannot occur within a string (its quotes would be
 * escaped), and the name `$json` is refused everywhere else.
 */
export function spliceVerbatim(text: string): string {
  let start = text.indexOf(verbatimStart);
  if (start < 0) return text;
  let result = '';
  let done = 0;
  while (start >= 0) {
    const valueAt = start + verbatimStart.length;
    const end = endOfString(text, valueAt);
    result += text.slice(done, start) + (JSON.parse(text.slice(valueAt, end)) as string);
    done = end + 1;
    start = text.indexOf(verbatimStart, done);
  }
  return result + text.slice(done);
}

/** Position behind the string that begins at `start`, in text that JSON.stringify made. */
function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text.charCodeAt(at) !== 0x22) at += text.charCodeAt(at) === 0x5c ? 2 : 1;
  return at + 1;
}
