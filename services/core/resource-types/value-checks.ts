/** Turns types into checks, once: a check is a closure that knows its place (`pv.acr.acop`) and looks at one value. */
import { Limits, shorterLists } from '../limits.ts';
import { CseError, Status } from '../status-codes.ts';
import { complexTypes, type MemberDefinition } from './complex-types.ts';
import { type Enumeration, enumerations } from './enumerations.ts';
import { simpleTypes } from './simple-types.ts';

/**
 * Throws a CseError 4000 for a wrong value. Returns what is valid by the standard but not supported here, in words, or
 * undefined: the caller answers 5001 when nothing is wrong with all the rest.
 */
export type ValueCheck = (value: unknown) => string | undefined;

export interface CheckedType {
  type: string;
  list: boolean;
  /** Of a list: an empty one is refused. */
  atLeastOne: boolean;
  /** The values that this CSE supports, or none of them; undefined: all. */
  supported: false | readonly unknown[] | undefined;
}

export function wrong(where: string, expected: string): CseError {
  return new CseError(Status.badRequest, `${where} must be ${expected}.`);
}

/** The check for an attribute or member. `where` is its place, for texts. Throws an Error for a type that nobody defined. */
export function compileCheck({ type, list, atLeastOne, supported }: CheckedType, where: string): ValueCheck {
  const single = compileSingle(type, where);
  const check = list ? compileList(single, where, atLeastOne) : single;
  if (supported === undefined) return check;
  if (supported === false) {
    return (value) => {
      check(value);
      return where;
    };
  }
  return (value) => check(value) ?? (supported.includes(value) ? undefined : `${where} ${String(value)}`);
}

function compileSingle(type: string, where: string): ValueCheck {
  const simple = simpleTypes[type];
  if (simple !== undefined) {
    const { accepts, expected } = simple;
    return (value) => {
      if (!accepts(value)) throw wrong(where, expected);
      return undefined;
    };
  }
  const enumeration = enumerations[type];
  if (enumeration !== undefined) return compileEnumeration(enumeration, where);
  const complex = complexTypes[type];
  if (complex === undefined) throw new Error(`Nobody defines the type ${type} of ${where}.`);
  return compileObject(complex.members, complex.choice, where);
}

function compileEnumeration({ values, unsupported = [] }: Enumeration, where: string): ValueCheck {
  const known = new Set<unknown>(Object.keys(values).map(Number));
  const missing = new Set<unknown>(unsupported);
  const expected =
    known.size > 10 ? 'a number that the standard lists' : `one of ${Object.entries(values).map(labelled).join(', ')}`;
  return (value) => {
    if (!known.has(value)) throw wrong(where, expected);
    return missing.has(value) ? `${where} ${labelled([String(value), values[value as number]!])}` : undefined;
  };
}

function labelled([value, label]: [string, string]): string {
  return `${value} (${label})`;
}

function compileList(single: ValueCheck, where: string, atLeastOne: boolean): ValueCheck {
  const expected = atLeastOne ? 'an array with at least one value' : 'an array';
  const most = shorterLists[where.slice(where.lastIndexOf('.') + 1)] ?? Limits.listMembers;
  return (value) => {
    if (!Array.isArray(value) || (atLeastOne && value.length === 0)) throw wrong(where, expected);
    if (value.length > most) throw wrong(where, `an array with at most ${most} values`);
    let unsupported: string | undefined;
    for (const item of value) {
      const reason = single(item);
      unsupported ??= reason;
    }
    return unsupported;
  };
}

function compileObject(members: readonly MemberDefinition[], choice: boolean, where: string): ValueCheck {
  const checks = new Map<string, ValueCheck>();
  const mandatory: string[] = [];
  for (const definition of members) {
    const { short, type, list, atLeastOne } = definition;
    const supported = definition.supported ? undefined : false;
    checks.set(short, compileCheck({ type, list, atLeastOne, supported }, `${where}.${short}`));
    if (definition.mandatory) mandatory.push(short);
  }
  const names = [...checks.keys()].join(', ');
  return (value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(where, 'an object');
    let unsupported: string | undefined;
    let present = 0;
    for (const name in value) {
      const check = checks.get(name);
      if (check === undefined) {
        throw new CseError(Status.badRequest, `${where} has no member ${name}; it may have ${names}.`);
      }
      present++;
      const reason = check((value as Record<string, unknown>)[name]);
      unsupported ??= reason;
    }
    for (const name of mandatory) {
      if ((value as Record<string, unknown>)[name] === undefined) {
        throw new CseError(Status.badRequest, `${where}.${name} is missing.`);
      }
    }
    if (choice && present !== 1) throw wrong(where, `an object with exactly one of ${names}`);
    return unsupported;
  };
}
