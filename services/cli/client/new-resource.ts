/** The content of a CREATE, from what a person says and what is usual. */
import { canonicalId } from '../../core/identifiers.ts';
import type { Attributes, PrimitiveContent } from '../../core/primitives.ts';
import { attributesOf, WrongArgument } from './attribute-values.ts';
import type { NamedType } from './resource-type-names.ts';

export interface NewResource {
  name?: string;
  set?: readonly string[];
  label?: readonly string[];
  /** JSON text: the attributes, or `{"m2m:cnt":{…}}`. */
  body?: string;
  content?: string;
  contentJson?: string;
  notify?: readonly string[];
  event?: readonly string[];
  allow?: readonly string[];
}

/** Who asks, for what depends on it. */
export interface Asker {
  originator: string | undefined;
  cseId: string;
}

/** Throws {@link WrongArgument}. */
export function contentOf(type: NamedType, given: NewResource, asker: Asker): PrimitiveContent {
  const { definition } = type;
  const body = given.body === undefined ? undefined : bodyOf(given.body);
  if (definition === undefined) {
    if (body === undefined || Object.keys(body).length !== 1) {
      throw new WrongArgument(`Give a resource of type ${type.number} whole: --body '{"m2m:…":{…}}'.`);
    }
    return body;
  }
  const attributes: Attributes = {
    ...usualOf(type.number, given, asker),
    ...((body?.[definition.member] as Attributes | undefined) ?? body),
    ...attributesOf(given.set ?? [], definition),
  };
  if (given.name !== undefined) attributes.rn = given.name;
  if (given.label !== undefined) attributes.lbl = [...given.label];
  return { [definition.member]: attributes };
}

/** An object from the command line. Throws {@link WrongArgument}. */
export function bodyOf(text: string): PrimitiveContent {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new WrongArgument(`--body is not JSON: ${(error as Error).message}.`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new WrongArgument('--body must be a JSON object.');
  }
  return value as PrimitiveContent;
}

function usualOf(type: number, given: NewResource, asker: Asker): Attributes {
  switch (type) {
    case 1:
      return policyOf(given, asker);
    case 2:
      return { api: 'N.in-cse.cli', rr: true, srv: ['2a', '3'] };
    case 4:
      return instanceOf(given);
    case 23:
      return subscriptionOf(given, asker);
    default:
      return {};
  }
}

function instanceOf({ content, contentJson, body, set }: NewResource): Attributes {
  if (contentJson !== undefined) return { con: valueOfJson(contentJson) };
  if (content !== undefined) return { con: content };
  if (body === undefined && set === undefined) throw new WrongArgument('An instance needs --content, such as 21.5.');
  return {};
}

function valueOfJson(text: string): unknown {
  try {
    JSON.parse(text);
  } catch {
    throw new WrongArgument(`--content-json must be JSON, such as {"t":21.5}, not ${text}.`);
  }
  // As it was written, digit by digit.
  return text.startsWith('"') ? JSON.parse(text) : { $json: text };
}

const events: Readonly<Record<string, number>> = { update: 1, delete: 2, 'child-created': 3, 'child-deleted': 4 };

/** For help. */
export const eventNames = Object.keys(events).join(', ');

function subscriptionOf({ notify, event = ['child-created'] }: NewResource, asker: Asker): Attributes {
  return { nu: notify === undefined ? [ownAddress(asker)] : [...notify], enc: { net: event.map(eventOf) } };
}

function eventOf(name: string): number {
  const number = events[name] ?? (/^[1-4]$/.test(name) ? Number(name) : undefined);
  if (number === undefined) throw new WrongArgument(`"${name}" is not an event. Known are: ${eventNames}.`);
  return number;
}

/** SP-relative, which is what every CSE understands. */
function ownAddress({ originator, cseId }: Asker): string {
  const canonical = originator === undefined ? undefined : canonicalId(originator, { id: cseId, serviceProvider: '' });
  if (canonical === undefined) throw new WrongArgument('Say with --notify who is to be notified.');
  return canonical;
}

const operations: Readonly<Record<string, number>> = {
  create: 1,
  retrieve: 2,
  update: 4,
  delete: 8,
  notify: 16,
  discover: 32,
  all: 63,
};

/** For help. */
export const operationNames = Object.keys(operations).join(', ');

function policyOf({ allow, body, set }: NewResource, { originator }: Asker): Attributes {
  if (allow === undefined) {
    if (body !== undefined || set !== undefined) return {};
    throw new WrongArgument('A policy needs --allow, such as --allow Cyou:retrieve,discover.');
  }
  const own = { acor: [originator ?? ''], acop: 63 };
  // Its creator keeps all rights: else it could not even use what it protects by this policy.
  return { pv: { acr: [own, ...allow.map(ruleOf)] }, pvs: { acr: [own] } };
}

/** `Cyou,Cshe:retrieve,discover` */
function ruleOf(text: string): Attributes {
  const colon = text.lastIndexOf(':');
  const names = text.slice(colon + 1).split(',');
  if (colon < 1) throw new WrongArgument(`"${text}" is not originators:operations, such as Cyou:retrieve,discover.`);
  let sum = 0;
  for (const name of names) {
    const value = operations[name];
    if (value === undefined) throw new WrongArgument(`"${name}" is not an operation. Known are: ${operationNames}.`);
    sum |= value;
  }
  return { acor: text.slice(0, colon).split(','), acop: sum };
}
