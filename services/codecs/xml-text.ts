/** Text of XML documents: what is refused, what is escaped (XML 1.0). */
import { CodecError } from './codec-error.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly the characters that XML 1.0 does not have
const illegal = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;
const illegalGlobal = new RegExp(illegal.source, 'g');
const declaration = /^<\?xml[ \t\r\n][^<>]*\?>/;

/**
 * Refuses what oneM2M does not need and parsers have been attacked by: document types with their entities, and processing
 * instructions. Also inside CDATA sections, where the sender can write `&lt;` instead. Throws CodecError.
 */
export function guardDocument(text: string): void {
  if (illegal.test(text)) throw new CodecError('The document has characters that XML does not allow.');
  const body = declaration.exec(text)?.[0].length ?? 0;
  if (text.includes('<?', body)) throw new CodecError('Processing instructions are not allowed.');
  for (let at = text.indexOf('<!'); at >= 0; at = text.indexOf('<!', at + 2)) {
    if (!text.startsWith('--', at + 2) && !text.startsWith('[CDATA[', at + 2)) {
      throw new CodecError('Document types and entities are not allowed.');
    }
  }
}

const reference = /&(?:#x([0-9a-fA-F]{1,6});|#([0-9]{1,7});|(amp|lt|gt|quot|apos);)?/g;
const predefined: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/** Resolves the five predefined entities and character references; there are no others. Throws CodecError. */
export function resolveReferences(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(reference, (_all, hexadecimal?: string, decimal?: string, name?: string) => {
    if (name !== undefined) return predefined.get(name) ?? '';
    if (hexadecimal !== undefined) return character(Number.parseInt(hexadecimal, 16));
    if (decimal !== undefined) return character(Number.parseInt(decimal, 10));
    throw new CodecError('The document has an unknown entity or a stray ampersand.');
  });
}

function character(code: number): string {
  const surrogate = code >= 0xd800 && code <= 0xdfff;
  const text = code > 0x10ffff || surrogate ? '\u0000' : String.fromCodePoint(code);
  if (illegal.test(text)) throw new CodecError('The document refers to a character that XML does not allow.');
  return text;
}

const special = /[&<>\r]/;
const specialGlobal = /[&<>\r]/g;
const specialInAttribute = /[&<>"\r\n\t]/g;

/** For text between tags. What XML cannot carry at all becomes U+FFFD. */
export function escapeText(text: string): string {
  const legal = illegal.test(text) ? text.replace(illegalGlobal, '\ufffd') : text;
  return special.test(legal) ? legal.replace(specialGlobal, escapeOf) : legal;
}

/** For values in double quotes. */
export function escapeAttribute(text: string): string {
  return text.replace(illegalGlobal, '\ufffd').replace(specialInAttribute, escapeOf);
}

function escapeOf(one: string): string {
  switch (one) {
    case '&':
      return '&amp;';
    case '<':
      return '&lt;';
    case '>':
      return '&gt;';
    case '"':
      return '&quot;';
    default:
      return `&#${one.charCodeAt(0)};`;
  }
}
