/** The tables of `xml-types.ts`, compiled for look-ups. */
import { complexTypes, globalElements, resourceTypes } from './xml-types.ts';

/** A member of a complex type, or a global element. */
export interface XmlMember {
  name: string;
  kind: string;
  /** Once; once with values divided by blanks; repeated. */
  form: 'one' | 'list' | 'many';
  place: 'element' | 'attribute' | 'text';
  /** The compiled kind, if it is a complex one. */
  type: XmlType | undefined;
}

export interface XmlType {
  /** In XSD order. */
  members: ReadonlyMap<string, XmlMember>;
  /** The member that is the text of the element itself. */
  text: XmlMember | undefined;
  /** Global elements in it are child resources: repeated. */
  resource: boolean;
  /** Of a primitive's envelope: its members cannot be NULL. */
  envelope: boolean;
}

interface MutableType extends XmlType {
  members: Map<string, XmlMember>;
}

const envelopeTypes = ['requestPrimitive', 'responsePrimitive', 'responseTypeInfo', 'filterCriteria'];

const types = new Map<string, MutableType>();
for (const name of Object.keys(complexTypes)) types.set(name, emptyType(false, envelopeTypes.includes(name)));
for (const name of Object.keys(resourceTypes)) types.set(name, emptyType(true, false));
for (const [name, members] of [...Object.entries(complexTypes), ...Object.entries(resourceTypes)]) {
  const type = types.get(name);
  for (const declaration of members.split(' ')) if (type !== undefined) addMember(type, declaration);
}

const globals = new Map(Object.entries(globalElements).map(([name, kind]) => [name, memberOf(name, kind, 'element')]));

/** A global element, or undefined for one that the tables do not have. */
export function globalElement(name: string): XmlMember | undefined {
  return globals.get(name);
}

/** A type that the tables must have. */
export function typeNamed(name: string): XmlType {
  const type = types.get(name);
  if (type === undefined) throw new Error(`the tables have no type ${name}`);
  return type;
}

function emptyType(resource: boolean, envelope: boolean): MutableType {
  return { members: new Map(), text: undefined, resource, envelope };
}

function addMember(type: MutableType, declaration: string): void {
  const divider = declaration.lastIndexOf('=');
  const mark = declaration[0];
  const name = declaration.slice(mark === '@' || mark === '#' ? 1 : 0, divider);
  const place = mark === '@' ? 'attribute' : mark === '#' ? 'text' : 'element';
  const member = memberOf(name, declaration.slice(divider + 1), place);
  type.members.set(name, member);
  if (place === 'text') type.text = member;
}

function memberOf(name: string, declared: string, place: XmlMember['place']): XmlMember {
  const form = declared.endsWith('*') ? 'list' : declared.endsWith('+') ? 'many' : 'one';
  const kind = form === 'one' ? declared : declared.slice(0, -1);
  return { name, kind, form, place, type: types.get(kind) };
}
