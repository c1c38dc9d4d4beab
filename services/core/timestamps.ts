/** Times on the wire (TS-0004 6.3.3): timestamps are UTC in the basic form with a comma before the fraction. */
import { parseDuration } from './durations.ts';

export { parseDuration } from './durations.ts';
export { isScheduleEntry, matchesSchedule } from './schedules.ts';

/** Value of `count` decimal digits from `start`, or NaN. */
function digits(text: string, start: number, count: number): number {
  let value = 0;
  for (let at = start; at < start + count; at++) {
    const digit = text.charCodeAt(at) - 0x30;
    if (!(digit >= 0 && digit <= 9)) return Number.NaN;
    value = value * 10 + digit;
  }
  return value;
}

/**
 * ms since 1970 of `YYYYMMDDThhmmss` with 0 … 6 digits of fraction behind a comma; undefined for anything else, also for days
 * that do not exist. What is finer than a millisecond is cut off.
 */
export function parseTimestamp(text: string): number | undefined {
  const { length } = text;
  if (length < 15 || length > 22 || length === 16 || text.charCodeAt(8) !== 0x54) return undefined;
  const year = digits(text, 0, 4);
  const month = digits(text, 4, 2);
  const day = digits(text, 6, 2);
  const hour = digits(text, 9, 2);
  const minute = digits(text, 11, 2);
  const second = digits(text, 13, 2);
  if (!(month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month))) return undefined;
  if (!(hour <= 23 && minute <= 59 && second <= 59)) return undefined;
  let fraction = 0;
  if (length > 15) {
    if (text.charCodeAt(15) !== 0x2c) return undefined;
    fraction = Math.floor(digits(text, 16, length - 16) / 10 ** (length - 19) + 1e-9);
    if (Number.isNaN(fraction)) return undefined;
  }
  const at = Date.UTC(year, month - 1, day, hour, minute, second, fraction);
  // Date.UTC takes the years 0 … 99 for the twentieth century.
  return year >= 100 ? at : undefined;
}

function daysOf(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28;
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31;
}

// A memo of a pure function: many resources of a batch get the same millisecond, all of them the same second.
let knownSecond = Number.NaN;
let textOfSecond = '';
let knownInstant = Number.NaN;
let textOfInstant = '';

/** `20250301T101500,123` for ms since 1970, always with three digits of fraction: such texts sort by time. */
export function formatTimestamp(ms: number): string {
  if (ms === knownInstant) return textOfInstant;
  const second = Math.floor(ms / 1000);
  if (second !== knownSecond) {
    textOfSecond = new Date(second * 1000).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
    knownSecond = second;
  }
  textOfInstant = `${textOfSecond},${String(Math.floor(ms) - second * 1000).padStart(3, '0')}`;
  knownInstant = ms;
  return textOfInstant;
}

/**
 * m2m:absRelTimestamp: a timestamp, or milliseconds from `base` (ms since 1970) as an integer in text. A duration (`PT10S`)
 * is taken too, as ACME sends it. Undefined for anything else.
 */
export function parseAbsoluteOrRelative(text: string, base: number): number | undefined {
  const absolute = parseTimestamp(text);
  if (absolute !== undefined) return absolute;
  if (isInteger(text)) {
    const at = base + Number(text);
    return Number.isSafeInteger(at) ? at : undefined;
  }
  const duration = parseDuration(text);
  return duration === undefined ? undefined : base + duration;
}

function isInteger(text: string): boolean {
  const start = text.charCodeAt(0) === 0x2d ? 1 : 0;
  const count = text.length - start;
  return count > 0 && count < 19 && !Number.isNaN(digits(text, start, count));
}
