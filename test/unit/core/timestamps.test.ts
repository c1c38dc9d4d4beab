import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  formatTimestamp,
  isScheduleEntry,
  matchesSchedule,
  parseAbsoluteOrRelative,
  parseDuration,
  parseTimestamp,
} from '../../../services/core/timestamps.ts';

const noon = Date.UTC(2025, 2, 1, 10, 15, 0);

const timestamps: [text: string, ms: number | undefined][] = [
  ['20250301T101500', noon],
  ['20250301T101500,1', noon + 100],
  ['20250301T101500,12', noon + 120],
  ['20250301T101500,123', noon + 123],
  ['20250301T101500,999999', noon + 999],
  ['20250301T101500,000001', noon],
  ['20240229T000000', Date.UTC(2024, 1, 29)],
  ['20230229T000000', undefined],
  ['21000229T000000', undefined],
  ['20250431T000000', undefined],
  ['20251301T000000', undefined],
  ['20250001T000000', undefined],
  ['20250100T000000', undefined],
  ['20250301T240000', undefined],
  ['20250301T106000', undefined],
  ['20250301T101560', undefined],
  ['00250301T101500', undefined],
  ['20250301T101500,', undefined],
  ['20250301T101500,1234567', undefined],
  ['20250301T101500.123', undefined],
  ['20250301T101500,12a', undefined],
  ['20250301T101500Z', undefined],
  ['2025-03-01T10:15:00', undefined],
  ['20250301t101500', undefined],
  ['2025030aT101500', undefined],
  ['20250301', undefined],
  ['', undefined],
];

test('TS-0004 6.3.3: m2m:timestamp is UTC in the basic form, with a comma before at most six digits', () => {
  for (const [text, ms] of timestamps) assert.equal(parseTimestamp(text), ms, text);
});

test('TS-0004 6.3.3: what is written has three digits of fraction, reads back the same and sorts by time', () => {
  assert.equal(formatTimestamp(noon), '20250301T101500,000');
  assert.equal(formatTimestamp(noon + 7), '20250301T101500,007');
  const instant = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2999, 0) });
  fc.assert(
    fc.property(instant, instant, (a, b) => {
      assert.equal(parseTimestamp(formatTimestamp(a)), a);
      assert.equal(formatTimestamp(a) < formatTimestamp(b), a < b);
    }),
  );
});

test('TS-0004 6.3.3: m2m:absRelTimestamp is a timestamp, or milliseconds from reception', () => {
  const cases: [string, number | undefined][] = [
    ['20250301T101500', noon],
    ['0', 1000],
    ['5000', 6000],
    ['-500', 500],
    ['PT10S', 11_000],
    ['5.5', undefined],
    ['', undefined],
    ['-', undefined],
    ['1e3', undefined],
    ['999999999999999999', undefined],
    ['99999999999999999999999', undefined],
    ['soon', undefined],
  ];
  for (const [text, ms] of cases) assert.equal(parseAbsoluteOrRelative(text, 1000), ms, text);
});

test('xs:duration: ISO 8601, not negative', () => {
  const day = 86_400_000;
  const cases: [string, number | undefined][] = [
    ['PT10S', 10_000],
    ['PT0.5S', 500],
    ['PT1M', 60_000],
    ['P1M', 30 * day],
    ['P1Y', 365 * day],
    ['P1DT12H', 1.5 * day],
    ['P1Y2M3DT4H5M6S', (365 + 60 + 3) * day + 4 * 3_600_000 + 5 * 60_000 + 6000],
    ['P', undefined],
    ['PT', undefined],
    ['P1DT', undefined],
    ['-PT1S', undefined],
    ['10', undefined],
    ['PT1H1H', undefined],
    ['PT1S1M', undefined],
  ];
  for (const [text, ms] of cases) assert.equal(parseDuration(text), ms, text);
});

const entries: [entry: string, matches: boolean | undefined][] = [
  ['* * * * * * *', true],
  ['0 15 10 1 3 6 2025', true],
  ['0 15 10 1 3 5 2025', false],
  ['1 * * * * * *', false],
  ['* 10-20 * * * * *', true],
  ['* 0-10,12,14-16 * * * * *', true],
  ['* 0-10,16-59 * * * * *', false],
  ['* */5 * * * * *', true],
  ['* 1-59/5 * * * * *', false],
  ['* 5-55/10 * * * * *', true],
  ['* * 8-18 * * 1-5 *', false],
  ['* * * * * 0 2000-9999', false],
  ['60 * * * * * *', undefined],
  ['* * 24 * * * *', undefined],
  ['* * * 0 * * *', undefined],
  ['* * * * 13 * *', undefined],
  ['* * * * * 7 *', undefined],
  ['* * * * * * 1999', undefined],
  ['* 20-10 * * * * *', undefined],
  ['* */0 * * * * *', undefined],
  ['* 5/2 * * * * *', undefined],
  ['* 1,,2 * * * * *', undefined],
  ['* * * * * *', undefined],
  ['* * * * * * * *', undefined],
  ['*  * * * * * *', undefined],
  ['a * * * * * *', undefined],
  ['', undefined],
];

test('TS-0004 6.3.3: m2m:scheduleEntry has seven fields that must all match (Saturday, 1 March 2025, 10:15:00)', () => {
  for (const [entry, matches] of entries) {
    assert.equal(isScheduleEntry(entry), matches !== undefined, entry);
    assert.equal(matchesSchedule(entry, noon), matches ?? false, entry);
  }
});
