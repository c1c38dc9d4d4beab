/** Resource types as a person calls them. */
import type { ResourceTypeDefinition } from '../../core/resource-types/definition.ts';
import { nameOfResourceType, resourceTypeByNumber, resourceTypes } from '../../core/resource-types/registry.ts';
import { WrongArgument } from './attribute-values.ts';

const everyday: Readonly<Record<string, number>> = { instance: 4, policy: 1 };

export interface NamedType {
  number: number;
  /** Undefined for a type of the standard that this product does not know further. */
  definition: ResourceTypeDefinition | undefined;
}

/** By everyday name, short or long name of the standard, or number. Throws {@link WrongArgument}. */
export function resourceTypeNamed(text: string): NamedType {
  if (/^\d+$/.test(text)) {
    const number = Number(text);
    if (nameOfResourceType(number) !== undefined) return { number, definition: resourceTypeByNumber(number) };
  }
  const name = text.toLowerCase();
  const number =
    everyday[name] ??
    resourceTypes.find(({ long, member }) => long.toLowerCase() === name || member === `m2m:${name}`)?.type;
  if (number === undefined) throw new WrongArgument(`"${text}" is not a resource type. Known are: ${typeNames()}.`);
  return { number, definition: resourceTypeByNumber(number) };
}

/** For help and errors. */
export function typeNames(): string {
  const own = Object.fromEntries(Object.entries(everyday).map(([name, number]) => [number, name]));
  const creatable = resourceTypes.filter((type) => type.creatable);
  return `${creatable.map(({ type, long }) => own[type] ?? long.toLowerCase()).join(', ')}, or a number with --body`;
}
