/**
 * The kinds of settings that there are. A setting is read from text (flag, environment) or from a JSON value (file), and
 * comes out in the unit that the code uses: durations in ms, sizes in bytes.
 */
import { z } from 'zod';

export interface Setting<T> {
  /** Reads a text or a JSON value. */
  schema: z.ZodType<T>;
  /** What is taken if nobody says anything; undefined only where the setting may be absent. */
  fallback: T;
  /** Must be said by somebody. */
  required: boolean;
  /** For the table: kind of value, unit, and what it does. */
  type: string;
  unit: string;
  sentence: string;
  /** What the default is called where it differs from machine to machine. */
  defaultName?: string | undefined;
  /** Never printed; may be given as the path of a file (`…_FILE`). */
  secret: boolean;
}

interface Common<T> {
  default: T;
  sentence: string;
  defaultName?: string;
}

function setting<T>(schema: z.ZodType<T>, type: string, unit: string, common: Common<T>): Setting<T> {
  const { default: fallback, sentence, defaultName } = common;
  return { schema, fallback, required: false, type, unit, sentence, defaultName, secret: false };
}

const durationUnits: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const sizeUnits: Record<string, number> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

/** A number with a unit (`90s`), or a bare number in the base unit. */
function scaled(units: Record<string, number>, expected: string): z.ZodType<number> {
  return z.union([z.string(), z.number()]).transform((value, context) => {
    const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(String(value).trim());
    const unit = match?.[2] === '' ? 1 : units[match?.[2] ?? ''];
    if (match === null || unit === undefined) {
      context.addIssue({ code: 'custom', message: `expected ${expected}` });
      return z.NEVER;
    }
    return Math.round(Number(match[1]) * unit);
  });
}

/** As a person writes it: in the largest unit that leaves it whole (`90000` ms is `90s`). */
export function scaledText(value: number, base: 'ms' | 'bytes'): string {
  const units = Object.entries(base === 'ms' ? durationUnits : sizeUnits).toReversed();
  const [name, size] = units.find(([, each]) => value !== 0 && value % each === 0) ?? ['', 1];
  return `${value / size}${name}`;
}

function bounded(schema: z.ZodType<number>, minimum: number, maximum: number): z.ZodType<number> {
  return schema.refine((value) => value >= minimum && value <= maximum, {
    error: maximum === Number.MAX_SAFE_INTEGER ? `must be at least ${minimum}` : `must be ${minimum} … ${maximum}`,
  });
}

type Bounds = { minimum?: number; maximum?: number };

/** A span of time in ms: `250ms`, `2s`, `5m`, `1h`, `1d`, or a number of ms. */
export function duration(common: Common<number> & Bounds): Setting<number> {
  const schema = scaled(durationUnits, 'a duration such as 250ms, 30s, 5m, 1h or 1d');
  return setting(
    bounded(schema, common.minimum ?? 0, common.maximum ?? Number.MAX_SAFE_INTEGER),
    'duration',
    'ms',
    common,
  );
}

/** ms of a text such as `10m`; undefined for anything that is no duration. */
export function durationOf(text: string): number | undefined {
  const result = scaled(durationUnits, 'a duration').safeParse(text);
  return result.success ? result.data : undefined;
}

/** A size in bytes: `512`, `64KB`, `16MB`. */
export function byteSize(common: Common<number> & Bounds): Setting<number> {
  const schema = scaled(sizeUnits, 'a size such as 512, 64KB or 16MB');
  return setting(
    bounded(schema, common.minimum ?? 0, common.maximum ?? Number.MAX_SAFE_INTEGER),
    'size',
    'bytes',
    common,
  );
}

/** A whole number of something (`unit`). */
export function count(common: Common<number> & Bounds & { unit?: string }): Setting<number> {
  const schema = z.union([z.string(), z.number()]).transform((value, context) => {
    if (/^\d+$/.test(String(value).trim())) return Number(value);
    context.addIssue({ code: 'custom', message: 'expected a whole number' });
    return z.NEVER;
  });
  const limits = bounded(schema, common.minimum ?? 0, common.maximum ?? Number.MAX_SAFE_INTEGER);
  return setting(limits, 'number', common.unit ?? '', common);
}

/** A share between 0 and 1. */
export function share(common: Common<number>): Setting<number> {
  return setting(bounded(z.coerce.number<string | number>(), 0, 1), 'share', '0 … 1', common);
}

/** `true` or `false`; a flag without a value is true. */
export function toggle(common: Common<boolean>): Setting<boolean> {
  const schema = z.union([z.boolean(), z.string()]).transform((value, context) => {
    if (value === true || value === 'true' || value === '1' || value === 'yes' || value === '') return true;
    if (value === false || value === 'false' || value === '0' || value === 'no') return false;
    context.addIssue({ code: 'custom', message: 'expected true or false' });
    return z.NEVER;
  });
  return setting(schema, 'true/false', '', common);
}

/** A text that matches a pattern, if one is given; `expected` says what is wrong with one that does not. */
export function text(common: Common<string> & { pattern?: RegExp; expected?: string }): Setting<string> {
  const { pattern, expected } = common;
  const schema =
    pattern === undefined
      ? z.string()
      : z.string().refine((value) => pattern.test(value), { error: `expected ${expected ?? String(pattern)}` });
  return setting<string>(schema, 'text', '', common);
}

/** One of some words. */
export function choice<const T extends string>(words: readonly T[], common: Common<NoInfer<T>>): Setting<T> {
  const schema = z.string().transform((value, context): T => {
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    context.addIssue({ code: 'custom', message: `expected one of ${words.join(', ')}` });
    return z.NEVER;
  });
  return setting<T>(schema, words.join(' | '), '', common);
}

/** Several texts: a JSON array, or parts between commas. */
export function list(common: Common<readonly string[]>): Setting<readonly string[]> {
  const schema = z
    .union([z.array(z.string()), z.string()])
    .transform((value) =>
      (Array.isArray(value) ? value : value.split(',')).map((part) => part.trim()).filter((part) => part !== ''),
    );
  return setting<readonly string[]>(schema, 'list', '', common);
}

/**
 * A URL with one of these schemes (`mqtt:`). May hold credentials, so it is a secret. With `several` the URL may name more
 * hosts behind commas: `kafka://host:9092,host2:9092`.
 */
export function url(schemes: readonly string[], common: Common<string> & { several?: boolean }): Setting<string> {
  const schema = z.string().refine(
    (value) => {
      const [first = '', ...more] = common.several === true ? value.split(',') : [value];
      const scheme = URL.parse(first)?.protocol;
      if (scheme === undefined || !schemes.includes(scheme)) return false;
      return more.every((part) => URL.canParse(part.includes('://') ? part : `${scheme}//${part.trim()}`));
    },
    { error: `expected a URL that begins with ${schemes.map((scheme) => `${scheme}//`).join(' or ')}` },
  );
  return secret(setting<string>(schema, 'url', '', common));
}

/** Any JSON value that satisfies a schema: only for structured settings of a file, or JSON text elsewhere. */
export function structure<T>(schema: z.ZodType<T>, common: Common<T> & { type: string }): Setting<T> {
  const read = z.preprocess((value, context) => {
    if (typeof value !== 'string') return value;
    try {
      return JSON.parse(value) as unknown;
    } catch {
      context.addIssue({ code: 'custom', message: 'expected JSON' });
      return z.NEVER;
    }
  }, schema) as unknown as z.ZodType<T>;
  return setting(read, common.type, '', common);
}

/** The same setting, but it may be absent. Its default is then "absent". */
export function optional<T>(of: Setting<T>): Setting<T | undefined> {
  return { ...of, schema: of.schema.optional(), fallback: undefined };
}

/** The same setting, but somebody must say it. */
export function required<T>(of: Setting<T>): Setting<T> {
  return { ...of, required: true };
}

/** The same setting, never printed, and also readable from a file named by `…_FILE`. */
export function secret<T>(of: Setting<T>): Setting<T> {
  return { ...of, secret: true };
}
