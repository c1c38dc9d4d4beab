/**
 * Simple types (TS-0004 6.3.3): what a JSON value must be. Checks stand on the path of every CREATE, so those of frequent types
 * are character loops and not regular expressions.
 */
import { isResourceName } from '../identifiers.ts';
import { parseIpv4Network, parseIpv6Network } from '../ip-addresses.ts';
import { Limits } from '../limits.ts';
import { isScheduleEntry, parseAbsoluteOrRelative, parseDuration, parseTimestamp } from '../timestamps.ts';
import { isKnownResourceType } from './known-types.ts';

/** Kind of a single JSON value; XML text is converted by it (TS-0004 8.4.2). */
export type JsonKind = 'string' | 'integer' | 'number' | 'boolean' | 'array' | 'any';

export interface SimpleType {
  kind: JsonKind;
  accepts(value: unknown): boolean;
  /** Completes "must be". */
  expected: string;
}

function text(expected: string, accepts: (text: string) => boolean): SimpleType {
  return { kind: 'string', expected, accepts: (value) => typeof value === 'string' && accepts(value) };
}

function integer(minimum: number, maximum = Number.MAX_SAFE_INTEGER): SimpleType {
  const range = maximum === Number.MAX_SAFE_INTEGER ? `at least ${minimum}` : `from ${minimum} to ${maximum}`;
  return {
    kind: 'integer',
    expected: minimum === Number.MIN_SAFE_INTEGER ? 'an integer' : `an integer ${range}`,
    accepts: (value) => Number.isSafeInteger(value) && (value as number) >= minimum && (value as number) <= maximum,
  };
}

const float: SimpleType = {
  kind: 'number',
  expected: 'a number',
  accepts: (value) => typeof value === 'number' && Number.isFinite(value),
};

const uri = text(
  `an address without blanks, not empty, of at most ${Limits.addressLength} characters`,
  (value) => value.length <= Limits.addressLength && isSolidText(value),
);
const name = text('a name without blanks and colons', (value) => isSolidText(value) && !value.includes(':'));
const base64 = text('base64 text', (value) => /^[A-Za-z0-9+/]*={0,2}$/.test(value));

export const simpleTypes: Readonly<Record<string, SimpleType>> = {
  'xs:string': text('a string', () => true),
  'xs:token': text('a string without line breaks, tabs and blanks at its ends', isToken),
  'xs:anyURI': uri,
  'xs:NCName': name,
  'xs:boolean': { kind: 'boolean', expected: 'true or false', accepts: (value) => typeof value === 'boolean' },
  'xs:integer': integer(Number.MIN_SAFE_INTEGER),
  'xs:nonNegativeInteger': integer(0),
  'xs:positiveInteger': integer(1),
  'xs:unsignedInt': integer(0, 4_294_967_295),
  'xs:float': float,
  'xs:duration': text('a duration such as PT10S', (value) => parseDuration(value) !== undefined),
  'xs:base64Binary': base64,
  'xs:anyType': {
    kind: 'any',
    expected: 'a value',
    accepts: (value) => value !== undefined && value !== null,
  },
  'm2m:ID': { ...uri, expected: `an ID without blanks, not empty, of at most ${Limits.addressLength} characters` },
  'm2m:nhURI': text('an unstructured ID', (value) => value === '' || isSolidText(value)),
  'm2m:resourceName': text('a name of letters, digits, - . _ ~ that begins with a letter or digit', isResourceName),
  'm2m:resourceType': {
    kind: 'integer',
    expected: 'the number of a resource type',
    accepts: (value) => typeof value === 'number' && isKnownResourceType(value),
  },
  'm2m:timestamp': text(
    'a UTC time such as 20250301T101500 or 20250301T101500,123',
    (value) => parseTimestamp(value) !== undefined,
  ),
  'm2m:absRelTimestamp': {
    kind: 'string',
    expected: 'a UTC time such as 20250301T101500, or milliseconds',
    accepts: (value) =>
      typeof value === 'string' ? parseAbsoluteOrRelative(value, 0) !== undefined : Number.isSafeInteger(value),
  },
  'm2m:scheduleEntry': text('a schedule of seven fields such as * 0-5 2,6,10 * * * *', isScheduleEntry),
  'm2m:label': text(
    `a label: key or key:value, without line breaks and tabs, of at most ${Limits.labelLength} characters`,
    (value) => value !== '' && value.length <= Limits.labelLength && isToken(value),
  ),
  'm2m:pointOfAccess': text('a URI such as mqtt://host:1883', isPointOfAccess),
  'm2m:contentInfo': text('mediatype:encoding such as application/json:0', isContentInfo),
  'm2m:serialization': text('json, xml or cbor', (value) =>
    /^(?:application\/(?:vnd\.onem2m-(?:res|ntfy|prsp|preq)\+)?)?(?:json|xml|cbor)$/.test(value),
  ),
  'm2m:releaseVersion': text('a release such as 2a or 3', (value) => /^[1-9]\d?[a-z]?$/.test(value)),
  'm2m:eventCat': {
    kind: 'integer',
    expected: '2, 3, 4, or from 100 to 999',
    accepts: (value) => Number.isInteger(value) && isEventCategory(value as number),
  },
  'm2m:externalID': text('local@domain', (value) => isSolidText(value) && value.indexOf('@') > 0),
  'm2m:sessionCapability': text('a session capability', isSolidText),
  'm2m:triggerRecipientID': integer(0, 65_535),
  'm2m:ipv4': text('an IPv4 address or network', (value) => parseIpv4Network(value) !== undefined),
  'm2m:ipv6': text('an IPv6 address or network', (value) => parseIpv6Network(value) !== undefined),
  'm2m:countryCode': text('a country code of two letters', (value) => /^[A-Za-z]{2}$/.test(value)),
  'm2m:accessControlOperations': { ...integer(1, 63), expected: 'a sum of 1, 2, 4, 8, 16, 32' },
  'm2m:geoJsonCoordinate': { kind: 'array', expected: 'GeoJSON coordinates', accepts: isCoordinates },
};

/** Not empty, no white space, no control characters. */
function isSolidText(value: string): boolean {
  if (value.length === 0) return false;
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code <= 0x20 || code === 0x7f) return false;
  }
  return true;
}

/** xs:token: no CR, LF, TAB, no blanks at the ends, no two blanks in a row. */
function isToken(value: string): boolean {
  let blank = true;
  for (let at = 0; at < value.length; at++) {
    const code = value.charCodeAt(at);
    if (code < 0x20 || (code === 0x20 && blank)) return false;
    blank = code === 0x20;
  }
  return value.length === 0 || !blank;
}

function isPointOfAccess(value: string): boolean {
  const scheme = value.indexOf('://');
  return scheme > 0 && value.length > scheme + 3 && isSolidText(value);
}

/** m2m:contentInfo: media type, encoding 0 … 2, content security 0 … 5 (TS-0004 6.3.4.2.28). */
function isContentInfo(value: string): boolean {
  const [media = '', encoding = '', security, ...rest] = value.split(':');
  const slash = media.indexOf('/');
  if (slash < 1 || slash === media.length - 1 || rest.length > 0) return false;
  return isDigitUpTo(encoding, 2) && (security === undefined || isDigitUpTo(security, 5));
}

function isDigitUpTo(value: string, maximum: number): boolean {
  const digit = value.charCodeAt(0) - 0x30;
  return value.length === 1 && digit >= 0 && digit <= maximum;
}

function isEventCategory(value: number): boolean {
  return (value >= 2 && value <= 4) || (value >= 100 && value <= 999);
}

/** Numbers in up to four levels of arrays; ACME's clients send the same as text. */
function isCoordinates(value: unknown): boolean {
  if (typeof value !== 'string') return isNested(value, 4);
  try {
    return isNested(JSON.parse(value), 4);
  } catch {
    return false;
  }
}

function isNested(value: unknown, levels: number): boolean {
  return (
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((item) => (levels > 1 && isNested(item, levels - 1)) || float.accepts(item))
  );
}
