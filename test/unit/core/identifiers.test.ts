import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  canonicalId,
  idToTopicLevel,
  isAeIdOfCse,
  isAppId,
  isResourceName,
  isValidIdToken,
  matchesPattern,
  maximumTokenLength,
  relativeForm,
  stemOf,
  topicLevelToId,
} from '../../../services/core/identifiers.ts';
import { cse } from './fixtures.ts';

const canonical: [written: string, canonical: string | undefined][] = [
  ['C77', '/id-in/C77'],
  ['/id-in/C77', '/id-in/C77'],
  ['//sp.example/id-in/C77', '/id-in/C77'],
  ['Sabc', '/Sabc'],
  ['/Sabc', '/Sabc'],
  ['/id-in/Sabc', '/Sabc'],
  ['//sp.example/Sabc', '/Sabc'],
  ['/id-in', '/id-in'],
  ['//sp.example/id-in', '/id-in'],
  ['/mn1', '/mn1'],
  ['/mn1/C5', '/mn1/C5'],
  ['//other.example/in', '//other.example/in'],
  ['//other.example/in/C5', '//other.example/in/C5'],
  ['', undefined],
  ['C', undefined],
  ['S', undefined],
  ['mn1', undefined],
  ['/', undefined],
  ['//sp.example', undefined],
  ['//sp.example/', undefined],
  ['///id-in', undefined],
  ['/mn1/', undefined],
  ['/mn1/S5', undefined],
  ['/mn1/cnt', undefined],
  ['/id-in/C77/cnt', undefined],
  ['C 7', undefined],
  ['C+', undefined],
  ['C7/cnt', undefined],
];

test('TS-0004 6.2.3: all written forms of an AE-ID or CSE-ID have one canonical form', () => {
  for (const [written, id] of canonical) assert.equal(canonicalId(written, cse), id, written);
});

const levels: [level: string, id: string | undefined][] = [
  ['id-in', '/id-in'],
  ['mn1', '/mn1'],
  ['C77', '/id-in/C77'],
  ['id-in:C77', '/id-in/C77'],
  [':sp.example:id-in:C77', '/id-in/C77'],
  ['sp.example:id-in', '/id-in'],
  ['Sabc', '/Sabc'],
  ['mn1:C5', '/mn1/C5'],
  [':sp.example:id-in', '/id-in'],
  [':other.example:in', '//other.example/in'],
  ['', undefined],
  ['C', undefined],
  ['S', undefined],
  ['id-in:Sabc', undefined],
  ['mn1:S5', undefined],
  ['id-in:', undefined],
  [':', undefined],
  ['::', undefined],
  ['a:b:c', undefined],
  ['C+', undefined],
  ['#', undefined],
  ['C\u0000', undefined],
  ['C 7', undefined],
];

test('TS-0010 6.4.2: topic levels name one entity each; an S-stem has no second spelling (promise 4)', () => {
  for (const [level, id] of levels) assert.equal(topicLevelToId(level, cse), id, level);
});

test('TS-0010 6.4.2: an ID goes into a topic level and comes back', () => {
  for (const [id, level] of [
    ['/id-in', 'id-in'],
    ['/id-in/C77', 'id-in:C77'],
    ['/Sabc', 'Sabc'],
    ['//other.example/in', ':other.example:in'],
    ['//other.example/in/C5', ':other.example:in:C5'],
  ] as const) {
    assert.equal(idToTopicLevel(id), level);
    assert.equal(topicLevelToId(level, cse), id);
  }
});

test('a CSE whose ID begins with C or S is itself, not an AE', () => {
  const other = { id: '/Cse1', serviceProvider: '//sp.example' };
  assert.equal(topicLevelToId('Cse1', other), '/Cse1');
  assert.equal(topicLevelToId('C1', other), '/Cse1/C1');
  assert.equal(isAeIdOfCse('/Sin', { ...other, id: '/Sin' }), false);
});

test('TS-0001 7.2: which AE-IDs a CSE can have given, and how they are shown to its AEs', () => {
  for (const [id, own, shown] of [
    ['/id-in/C77', true, 'C77'],
    ['/Sabc', true, 'Sabc'],
    ['/id-in', false, '/id-in'],
    ['/mn1/C5', false, '/mn1/C5'],
    ['/S', false, '/S'],
    ['/id-in/C', false, '/id-in/C'],
    ['/id-in/C7/x', false, '/id-in/C7/x'],
    ['//other.example/in/C5', false, '//other.example/in/C5'],
  ] as const) {
    assert.equal(isAeIdOfCse(id, cse), own, id);
    assert.equal(relativeForm(id, cse), shown);
  }
  assert.equal(stemOf('/id-in/C77'), 'C77');
  assert.equal(stemOf('/Sabc'), 'Sabc');
});

test('TS-0004 6.3.3: resource names are tokens that begin with a letter or digit', () => {
  for (const name of ['a', '1', 'temp', 'A-b.c_d~e', 'x'.repeat(maximumTokenLength)]) {
    assert.ok(isResourceName(name), name);
  }
  for (const name of ['', '-', '_a', '.a', '~a', 'a b', 'a/b', 'ä', 'a:b', 'a\n', 'x'.repeat(maximumTokenLength + 1)]) {
    assert.ok(!isResourceName(name), name);
  }
  assert.ok(isValidIdToken('-a') && !isValidIdToken('a+') && !isValidIdToken(''));
});

test('decisions "Wire": an App-ID begins with R, N or r', () => {
  for (const api of ['Nmeter', 'Ra01.com.acme.meter', 'r1']) assert.ok(isAppId(api), api);
  for (const api of ['', 'N', 'meter', 'n1', ' N1']) assert.ok(!isAppId(api), api);
});

const patterns: [pattern: string, text: string, matches: boolean][] = [
  ['*', '', true],
  ['**', 'x', true],
  ['abc', 'abc', true],
  ['abc', 'abcd', false],
  ['C*', 'C77', true],
  ['C*', 'S77', false],
  ['*7', 'C77', true],
  ['a*a', 'a', false],
  ['a*a', 'aa', true],
  ['a*b*c', 'a1b2c', true],
  ['a*b*c', 'acb', false],
  ['*ab*ab*', 'abab', true],
  ['*ab*ab*', 'aba', false],
  ['*b*bc', 'abc', false],
  ['', '', true],
  ['', 'a', false],
  ['a.c*', 'abc', false],
];

test('TS-0004 7.3.3.17.9: * stands for any characters, also none', () => {
  for (const [pattern, text, matches] of patterns) assert.equal(matchesPattern(pattern, text), matches, pattern);
});

/** The plainest way to say what a pattern matches: every length of the text that a prefix of the pattern can reach. */
function matchesPlainly(pattern: string, text: string): boolean {
  let reached = new Set([0]);
  for (const letter of pattern) {
    const next = new Set<number>();
    for (const at of reached) {
      if (letter !== '*') {
        if (text[at] === letter) next.add(at + 1);
      } else for (let end = at; end <= text.length; end++) next.add(end);
    }
    reached = next;
  }
  return reached.has(text.length);
}

test('wildcards agree with the plainest matcher, short and long segments alike', () => {
  const piece = fc.string({ unit: fc.constantFrom('a', 'b', '*'), maxLength: 12 });
  const text = fc.string({ unit: fc.constantFrom('a', 'b'), maxLength: 40 });
  fc.assert(
    fc.property(piece, text, fc.boolean(), (pattern, subject, long) => {
      const widen = (value: string) => (long ? value.replaceAll(/[ab]/g, (letter) => letter.repeat(40)) : value);
      const [widePattern, wideSubject] = [widen(pattern), widen(subject)];
      assert.equal(matchesPattern(widePattern, wideSubject), matchesPlainly(widePattern, wideSubject));
    }),
    { numRuns: 200 },
  );
});

test('a pattern that makes a naive search quadratic is answered', () => {
  const text = 'a'.repeat(100_000);
  assert.equal(matchesPattern(`*${'a'.repeat(50_000)}b*`, text), false);
});
