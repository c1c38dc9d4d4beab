/** Attribute values as a person writes them, `mni=100`, in the types that the standard gives them. */

import type { Attributes } from '../../core/primitives.ts';
import { complexTypes } from '../../core/resource-types/complex-types.ts';
import type { AttributeDefinition, ResourceTypeDefinition } from '../../core/resource-types/definition.ts';
import { enumerations } from '../../core/resource-types/enumerations.ts';
import { simpleTypes } from '../../core/resource-types/simple-types.ts';

/** The person wrote something that cannot be sent; the message says what to write instead. */
export class WrongArgument extends Error {
  override name = 'WrongArgument';
}

/** `name=value` pairs; names short or long. An empty value is null, which removes an attribute in an UPDATE. */
export function attributesOf(pairs: readonly string[], type: ResourceTypeDefinition): Attributes {
  const attributes: Attributes = {};
  for (const pair of pairs) {
    const equals = pair.indexOf('=');
    if (equals < 1) throw new WrongArgument(`"${pair}" is not name=value, such as mni=100.`);
    const definition = attributeNamed(pair.slice(0, equals), type);
    attributes[definition.short] = attributeValue(pair.slice(equals + 1), definition);
  }
  return attributes;
}

function attributeNamed(name: string, type: ResourceTypeDefinition): AttributeDefinition {
  const found =
    type.attribute.get(name) ?? type.attributes.find(({ long }) => long.toLowerCase() === name.toLowerCase());
  if (found !== undefined) return found;
  const settable = type.attributes.filter(({ create, update }) => create !== 'NP' || update !== 'NP');
  const names = settable.map(({ short, long }) => `${short} (${long})`).join(', ');
  throw new WrongArgument(`${type.long} has no attribute "${name}". It has: ${names}.`);
}

/** The value of an attribute. Throws {@link WrongArgument} if the text cannot be one. */
export function attributeValue(text: string, definition: AttributeDefinition): unknown {
  if (text === '') return null;
  if (!definition.list) return oneValueOf(text, definition);
  if (text.startsWith('[')) return jsonOf(text, definition);
  return text.split(',').map((part) => oneValueOf(part.trim(), definition));
}

function oneValueOf(text: string, definition: AttributeDefinition): unknown {
  const { type } = definition;
  if (type in enumerations) return numberOf(text, definition);
  if (type in complexTypes) return jsonOf(text, definition);
  switch (simpleTypes[type]?.kind) {
    case 'integer':
    case 'number':
      return numberOf(text, definition);
    case 'boolean':
      return truthOf(text, definition);
    case 'array':
      return jsonOf(text, definition);
    default:
      return text;
  }
}

function numberOf(text: string, { short, long }: AttributeDefinition): number {
  const number = Number(text);
  if (text.trim() === '' || !Number.isFinite(number)) {
    throw new WrongArgument(`${short} (${long}) is a number, not "${text}".`);
  }
  return number;
}

function truthOf(text: string, { short, long }: AttributeDefinition): boolean {
  if (text === 'true') return true;
  if (text === 'false') return false;
  throw new WrongArgument(`${short} (${long}) is true or false, not "${text}".`);
}

function jsonOf(text: string, { short, long }: AttributeDefinition): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new WrongArgument(`${short} (${long}) is an object: write it as JSON, not "${text}".`);
  }
}
