/**
 * m2m:scheduleEntry (TS-0004 6.3.3): seven fields, second minute hour day month weekday year, in UTC. Each is `*`, or a list
 * of numbers, ranges `a-b`, and steps `a-b/n` or `*` + `/n`.
 */

interface Field {
  minimum: number;
  maximum: number;
}

const fields: readonly Field[] = [
  { minimum: 0, maximum: 59 },
  { minimum: 0, maximum: 59 },
  { minimum: 0, maximum: 23 },
  { minimum: 1, maximum: 31 },
  { minimum: 1, maximum: 12 },
  { minimum: 0, maximum: 6 },
  { minimum: 2000, maximum: 9999 },
];

interface Range {
  first: number;
  last: number;
  step: number;
}

/** Longest entry that is read, in characters. */
const maximumLength = 1000;

/** True for a well-formed entry. */
export function isScheduleEntry(text: string): boolean {
  return readEntry(text) !== undefined;
}

/** Whether an instant (ms since 1970) matches all seven fields. False for a malformed entry. */
export function matchesSchedule(entry: string, ms: number): boolean {
  const ranges = readEntry(entry);
  if (ranges === undefined) return false;
  const at = new Date(ms);
  const values = [
    at.getUTCSeconds(),
    at.getUTCMinutes(),
    at.getUTCHours(),
    at.getUTCDate(),
    at.getUTCMonth() + 1,
    at.getUTCDay(),
    at.getUTCFullYear(),
  ];
  return ranges.every((alternatives, index) => alternatives.some((range) => contains(range, values[index]!)));
}

function contains({ first, last, step }: Range, value: number): boolean {
  return value >= first && value <= last && (value - first) % step === 0;
}

function readEntry(text: string): Range[][] | undefined {
  if (text.length > maximumLength) return undefined;
  const parts = text.split(' ');
  if (parts.length !== fields.length) return undefined;
  const entry: Range[][] = [];
  for (const [index, part] of parts.entries()) {
    const alternatives = readField(part, fields[index]!);
    if (alternatives === undefined) return undefined;
    entry.push(alternatives);
  }
  return entry;
}

function readField(text: string, field: Field): Range[] | undefined {
  const ranges: Range[] = [];
  for (const item of text.split(',')) {
    const range = readRange(item, field);
    if (range === undefined) return undefined;
    ranges.push(range);
  }
  return ranges;
}

const rangePattern = /^(?:(\*)|(\d{1,4})(?:-(\d{1,4}))?)(?:\/(\d{1,4}))?$/;

function readRange(text: string, { minimum, maximum }: Field): Range | undefined {
  const match = rangePattern.exec(text);
  if (match === null) return undefined;
  const [, all, from, to, every] = match;
  // A step needs something to step through.
  if (every !== undefined && all === undefined && to === undefined) return undefined;
  const first = all === undefined ? Number(from) : minimum;
  const last = all === undefined ? Number(to ?? from) : maximum;
  const step = every === undefined ? 1 : Number(every);
  return first >= minimum && last <= maximum && first <= last && step >= 1 ? { first, last, step } : undefined;
}
