import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CseError, isSuccess, Status, statusCode, statusCodes } from '../../../services/core/status-codes.ts';

function camelCase(name: string): string {
  return name.toLowerCase().replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

test('TS-0004 6.6.3: the table and the names of the codes say the same', () => {
  const names = Object.fromEntries(statusCodes.map(({ name, code }) => [camelCase(name), code]));
  assert.deepEqual(names, { ...Status });
});

test('TS-0004 6.6.3: each code once, ascending, with a sentence that a person can read', () => {
  const codes = statusCodes.map(({ code }) => code);
  assert.deepEqual(
    codes,
    [...new Set(codes)].sort((a, b) => a - b),
  );
  for (const { meaning, name } of statusCodes) assert.match(meaning, /^\S.{15,}\.$/, name);
});

test('TS-0004 6.6.3: the first digit says whose fault it is', () => {
  for (const [code, fault] of [
    [1000, 'none'],
    [2004, 'none'],
    [4143, 'originator'],
    [5000, 'receiver'],
    [6010, 'network'],
  ] as const) {
    assert.equal(statusCode(code)?.fault, fault);
  }
  assert.equal(statusCode(5213), undefined, '5213 is not assigned');
});

test('only 2xxx is success', () => {
  assert.deepEqual([1000, 1999, 2000, 2999, 3000, 4000, 5000].map(isSuccess), [
    false,
    false,
    true,
    true,
    false,
    false,
    false,
  ]);
});

test('an error carries its code and a text for m2m:dbg', () => {
  const error = new CseError(Status.notFound, 'There is no such resource.');
  assert.ok(error instanceof Error);
  assert.equal(error.code, 4004);
  assert.equal(error.message, 'There is no such resource.');
});
