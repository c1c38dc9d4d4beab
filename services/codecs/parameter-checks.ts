/** Checks of single values of the wire. Each returns the value in its canonical form, or throws CodecError. */
import { Limits } from '../core/limits.ts';
import { CodecError } from './codec-error.ts';
import type { WireObject } from './wire.ts';

export type Check = (value: unknown, name: string) => unknown;

export function text(value: unknown, name: string): string {
  if (typeof value !== 'string') throw wrong(name, 'must be a string');
  return value;
}

export function nonEmptyText(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') throw wrong(name, 'must be a string that is not empty');
  // Half a surrogate pair has no UTF-8: keys, hashes and XML would take two identifiers for one.
  if (!value.isWellFormed()) throw wrong(name, 'holds half a surrogate pair');
  return value;
}

/** Absolute, or relative in milliseconds: a string by rule, yet numbers are seen (TS-0004 6.3.3). */
export function time(value: unknown, name: string): string {
  return typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : text(value, name);
}

export function truth(value: unknown, name: string): boolean {
  if (typeof value !== 'boolean') throw wrong(name, 'must be true or false');
  return value;
}

export function integer(least: number, most = Number.MAX_SAFE_INTEGER): Check {
  return (value, name) => {
    if (!Number.isSafeInteger(value) || (value as number) < least || (value as number) > most) {
      throw wrong(name, most === Number.MAX_SAFE_INTEGER ? 'must be an integer' : `must be one of ${least}..${most}`);
    }
    return value;
  };
}

/** m2m:eventCat: 2, 3, 4 or user defined 100..999 (TS-0004 6.3.3). */
export function eventCategory(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value)) throw wrong(name, 'must be an integer');
  if (!((value >= 2 && value <= 4) || (value >= 100 && value <= 999))) throw wrong(name, 'must be 2, 3, 4 or 100..999');
  return value;
}

/** Text of a requestIdentifier, bounded since every answer carries it. */
export function requestIdentifier(value: unknown, name: string): string {
  const identifier = nonEmptyText(value, name);
  if (identifier.length <= Limits.requestIdentifierLength) return identifier;
  throw wrong(name, `must have at most ${Limits.requestIdentifierLength} characters`);
}

/** A list; a single value is taken for a list of one. */
export function listOf(check: Check, most: number = Limits.listMembers): Check {
  return (value, name) => {
    if (!Array.isArray(value)) return [check(value, name)];
    if (value.length > most) throw wrong(name, `must have at most ${most} values`);
    for (const item of value as unknown[]) check(item, name);
    return value;
  };
}

export const listOfTexts = listOf(text);

/** Primitive content: exactly one member (TS-0004 7.5.2). */
export function content(value: unknown, name: string): WireObject {
  const object = plainObject(value, name);
  let members = 0;
  for (const _ in object) members++;
  if (members !== 1) throw wrong(name, 'must hold exactly one member');
  return object;
}

export function plainObject(value: unknown, name: string): WireObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw wrong(name, 'must be an object');
  return value as WireObject;
}

export function anything(value: unknown): unknown {
  return value;
}

export function wrong(name: string, what: string): CodecError {
  return new CodecError(`${name} ${what}.`);
}
