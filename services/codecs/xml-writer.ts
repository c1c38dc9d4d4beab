/** From a wire object to XML: elements in XSD order, global ones with prefix, local ones without (TS-0004 8.3). */
import { isVerbatimJson } from '../core/primitives.ts';
import { spliceVerbatim } from './json-text.ts';
import type { WireObject } from './wire.ts';
import { globalElement, type XmlMember, type XmlType } from './xml-schema.ts';
import { escapeAttribute, escapeText } from './xml-text.ts';

/** An element with its complex content. `namespace`: text for the start tag. */
export function writeComplex(name: string, value: WireObject, type: XmlType, namespace = ''): string {
  let attributes = namespace;
  let inner = '';
  for (const member of type.members.values()) {
    const part = value[member.name];
    if (part === undefined) continue;
    if (member.place === 'attribute') attributes += attribute(member.name, part);
    else if (member.place === 'text') inner += escapeText(plain(part));
    else inner += writeMember(member, part);
  }
  for (const other in value) if (!type.members.has(other)) inner += writeOther(other, value[other]);
  return wrapped(name, attributes, inner);
}

function writeMember(member: XmlMember, value: unknown): string {
  const { name } = member;
  if (!Array.isArray(value)) return writeValue(member, value);
  if (member.form === 'list') return wrapped(name, '', escapeText(value.map(plain).join(' ')));
  if (member.form === 'one' && member.type === undefined) return wrapped(name, '', escapeText(plain(value)));
  if (value.length === 0) return wrapped(name, '', '');
  let inner = '';
  for (const item of value as unknown[]) inner += writeValue(member, item);
  return inner;
}

function writeValue(member: XmlMember, value: unknown): string {
  if (value === null) return wrapped(member.name, '', '');
  if (isObject(value)) {
    if (member.type !== undefined) return writeComplex(member.name, value, member.type);
    if (member.kind === 'content') return wrapped(member.name, '', writeContent(value));
  }
  return wrapped(member.name, '', escapeText(plain(value)));
}

function writeContent(content: WireObject): string {
  let inner = '';
  for (const name in content) inner += writeOther(name, content[name]);
  return inner;
}

/** A global element, or what the tables do not know. An array is a list of simple values, or else repetition. */
function writeOther(name: string, value: unknown): string {
  const global = globalElement(name);
  if (Array.isArray(value)) {
    if (global?.form === 'list') return writeMember(global, value);
    if (global === undefined && !value.some(isObject)) {
      return wrapped(name, '', escapeText(value.map(plain).join(' ')));
    }
    let inner = '';
    for (const item of value as unknown[]) inner += writeOther(name, item);
    return inner;
  }
  if (global !== undefined) return writeValue(global, value);
  if (!isObject(value) || isVerbatimJson(value)) {
    return wrapped(name, '', value === null ? '' : escapeText(plain(value)));
  }
  return writeUntyped(name, value);
}

/** `rn` is an attribute of every resource (TS-0004 8.3.2). */
function writeUntyped(name: string, value: WireObject): string {
  let inner = '';
  let attributes = '';
  for (const member in value) {
    if (member === 'rn' && name.includes(':')) attributes += attribute('rn', value.rn);
    else inner += writeOther(member, value[member]);
  }
  return wrapped(name, attributes, inner);
}

function wrapped(name: string, attributes: string, inner: string): string {
  return inner === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${inner}</${name}>`;
}

function attribute(name: string, value: unknown): string {
  return ` ${name}="${escapeAttribute(plain(value))}"`;
}

/** Text of a simple value; of free content its JSON text, digit for digit. */
function plain(value: unknown): string {
  if (typeof value === 'string') return value;
  if (isVerbatimJson(value)) return value.$json;
  return typeof value === 'object' && value !== null ? spliceVerbatim(JSON.stringify(value)) : String(value ?? '');
}

function isObject(value: unknown): value is WireObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
