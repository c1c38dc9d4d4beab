/** From the tree of an XML document to the wire object that JSON would have given (TS-0004 8.3). */
import { CodecError } from './codec-error.ts';
import { parseObject } from './json-text.ts';
import type { WireObject } from './wire.ts';
import { globalElement, type XmlMember, type XmlType } from './xml-schema.ts';
import type { XmlElement } from './xml-tree.ts';

/** The members of a complex element. Throws CodecError for values of the wrong kind. */
export function readComplex(element: XmlElement, type: XmlType): WireObject {
  const object: WireObject = {};
  for (const [name, value] of element.attributes) {
    const member = type.members.get(name);
    put(object, name, member === undefined ? value : simpleValue(member, value));
  }
  for (const child of element.elements) readChild(object, child, type);
  if (type.text !== undefined) put(object, type.text.name, simpleValue(type.text, element.text));
  else if (element.text.trim() !== '') throw new CodecError(`There is text in ${element.name}, which has none.`);
  return object;
}

function readChild(object: WireObject, child: XmlElement, type: XmlType): void {
  const { name } = child;
  const member = type.members.get(name);
  if (member !== undefined) {
    readMember(object, child, member, type.envelope);
    return;
  }
  const global = globalElement(name);
  const value = global === undefined ? untypedValue(child) : globalValue(child, global);
  if (type.resource && name.includes(':')) append(object, name, value);
  else if (global !== undefined) put(object, name, value);
  else putOrAppend(object, name, value);
}

function readMember(object: WireObject, element: XmlElement, member: XmlMember, inEnvelope: boolean): void {
  const { name, form } = member;
  if (isEmpty(element) && member.kind !== 'any') {
    const value = inEnvelope ? emptyParameter(member) : null;
    if (form === 'one' || object[name] === undefined) put(object, name, value);
  } else if (form === 'one') put(object, name, typedValue(element, member));
  else if (form === 'many') append(object, name, typedValue(element, member));
  else append(object, name, ...listValue(member, element.text));
}

/** NULL is an empty element (TS-0004 8.3.2), but a parameter is never NULL. */
function emptyParameter(member: XmlMember): unknown {
  if (member.form !== 'one') return [];
  if (member.type !== undefined || member.kind === 'content') return {};
  if (member.kind === 'text' || member.kind === 'token') return '';
  throw new CodecError(`${member.name} is empty.`);
}

function typedValue(element: XmlElement, member: XmlMember): unknown {
  if (member.type !== undefined) return readComplex(element, member.type);
  if (member.kind === 'content') return contentOf(element);
  if (element.elements.length > 0) throw new CodecError(`There are elements in ${element.name}, which has only text.`);
  return simpleValue(member, element.text);
}

/** Primitive content and representations hold a global element. */
function contentOf(element: XmlElement): WireObject {
  const object: WireObject = {};
  for (const child of element.elements) {
    const global = globalElement(child.name);
    put(object, child.name, global === undefined ? untypedValue(child) : globalValue(child, global));
  }
  return object;
}

/** A global element is never NULL. */
function globalValue(element: XmlElement, member: XmlMember): unknown {
  return member.form === 'list' ? listValue(member, element.text) : typedValue(element, member);
}

/** What the tables do not know: objects, arrays where repeated, and texts. */
function untypedValue(element: XmlElement): unknown {
  if (element.elements.length === 0 && element.attributes.length === 0) {
    if (element.name.includes(':')) return element.text.trim() === '' ? {} : element.text;
    return element.text === '' ? null : element.text;
  }
  const object: WireObject = {};
  for (const [name, value] of element.attributes) put(object, name, value);
  for (const child of element.elements) putOrAppend(object, child.name, untypedValue(child));
  if (element.elements.length === 0 && element.text !== '') put(object, 'val', element.text);
  return object;
}

function simpleValue(member: XmlMember, text: string): unknown {
  switch (member.kind) {
    case 'text':
    case 'any':
      return text;
    case 'number':
      return numberIn(member, text.trim());
    case 'boolean':
      return truthIn(member, text.trim());
    case 'json':
      return jsonIn(text);
    default:
      return text.trim();
  }
}

const blanks = /[ \t\n\r]+/;

function listValue(member: XmlMember, text: string): unknown[] {
  const trimmed = text.trim();
  if (trimmed === '') return [];
  const parts = trimmed.split(blanks);
  return member.kind === 'token' || member.kind === 'text' ? parts : parts.map((part) => simpleValue(member, part));
}

const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

function numberIn(member: XmlMember, text: string): number {
  const value = Number(text);
  if (!decimal.test(text) || !(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) {
    throw new CodecError(`${member.name} must be a number.`);
  }
  return value;
}

function truthIn(member: XmlMember, text: string): boolean {
  if (text === 'true' || text === '1') return true;
  if (text === 'false' || text === '0') return false;
  throw new CodecError(`${member.name} must be true or false.`);
}

/** Under the same rules as JSON payloads. */
function jsonIn(text: string): unknown {
  return parseObject(`{"value":${text}}`).value;
}

function isEmpty(element: XmlElement): boolean {
  return element.elements.length === 0 && element.attributes.length === 0 && element.text.trim() === '';
}

function put(object: WireObject, name: string, value: unknown): void {
  if (Object.hasOwn(object, name)) throw new CodecError(`${name} is there twice.`);
  object[name] = value;
}

function append(object: WireObject, name: string, ...values: unknown[]): void {
  const present = object[name];
  if (Array.isArray(present)) present.push(...values);
  else object[name] = values;
}

function putOrAppend(object: WireObject, name: string, value: unknown): void {
  if (!Object.hasOwn(object, name)) object[name] = value;
  else if (Array.isArray(object[name])) object[name].push(value);
  else object[name] = [object[name], value];
}
