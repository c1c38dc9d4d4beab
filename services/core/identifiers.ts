/**
 * Identifiers and their forms (TS-0004 6.2.3, TS-0001 7.2), and how they stand in MQTT topic levels (TS-0010 6.4.2). Inside,
 * an entity has one form, the *canonical*: SP-relative for the own provider (`/id-in/C77`, `/Sabc`, `/mn1`), absolute for
 * another (`//sp-b.example/cse`).
 */
import type { CseDescription } from './cse.ts';

export { matchesPattern } from './wildcards.ts';

/** What of a CSE matters to the forms of identifiers. */
export type CseIdentity = Pick<CseDescription, 'id' | 'serviceProvider'>;

/** Longest token (a segment of an ID, a resource name) in characters: names are parts of database keys. */
export const maximumTokenLength = 255;

/** Letters, digits, `-`, `.`, `_`, and `~` (which only TS-0001 7.2 has), at least one. */
export function isValidIdToken(text: string): boolean {
  const { length } = text;
  if (length === 0 || length > maximumTokenLength) return false;
  for (let at = 0; at < length; at++) if (!isTokenCharacter(text.charCodeAt(at))) return false;
  return true;
}

function isTokenCharacter(code: number): boolean {
  return isLetterOrDigit(code) || code === 0x2d || code === 0x2e || code === 0x5f || code === 0x7e;
}

function isLetterOrDigit(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a);
}

/** m2m:resourceName: a token that begins with a letter or digit (TS-0004 6.3.3). */
export function isResourceName(text: string): boolean {
  return isLetterOrDigit(text.charCodeAt(0)) && isValidIdToken(text);
}

/** An App-ID begins with R (registered) or N; r is tolerated (TS-0004 7.4.5.2.1, decisions "Wire"). */
export function isAppId(text: string): boolean {
  const first = text.charCodeAt(0);
  return text.length > 1 && (first === 0x4e || first === 0x52 || first === 0x72);
}

/** A complete AE-ID-Stem: `C…` or `S…`, more than the letter alone. */
export function isAeStem(text: string): boolean {
  const first = text.charCodeAt(0);
  return text.length > 1 && (first === 0x43 || first === 0x53) && isValidIdToken(text);
}

/** The canonical form of an AE-ID or CSE-ID in whatever form it is written; undefined for anything else. */
export function canonicalId(id: string, cse: CseIdentity): string | undefined {
  if (!id.startsWith('/')) return isAeStem(id) ? canonicalOfStem(id, cse) : undefined;
  if (id.startsWith('//')) return canonicalOfAbsolute(id, cse);
  return canonicalOfRelative(id.slice(1), cse);
}

function canonicalOfStem(stem: string, cse: CseIdentity): string {
  return stem.startsWith('S') ? `/${stem}` : `${cse.id}/${stem}`;
}

function canonicalOfAbsolute(id: string, cse: CseIdentity): string | undefined {
  const end = id.indexOf('/', 2);
  if (end < 0) return undefined;
  const provider = id.slice(0, end);
  const relative = canonicalOfRelative(id.slice(end + 1), cse);
  if (relative === undefined || provider === cse.serviceProvider) return relative;
  return isValidIdToken(provider.slice(2)) ? `${provider}${relative}` : undefined;
}

/** Of an SP-relative ID without its slash. */
function canonicalOfRelative(text: string, cse: CseIdentity): string | undefined {
  const slash = text.indexOf('/');
  if (slash < 0) return isValidIdToken(text) ? `/${text}` : undefined;
  const host = text.slice(0, slash);
  const stem = text.slice(slash + 1);
  if (!isValidIdToken(host) || !isAeStem(stem)) return undefined;
  if (stem.startsWith('C')) return `/${host}/${stem}`;
  // The address of an AE that is registered here; its ID does not contain the CSE.
  return cse.id === `/${host}` ? `/${stem}` : undefined;
}

/**
 * Who an originator or receiver level names, in canonical form; undefined if nobody. Strict, since the topic is the identity
 * (promise 4): brokers grant topics level by level, so an S-stem has no second spelling here.
 */
export function topicLevelToId(level: string, cse: CseIdentity): string | undefined {
  if (level.startsWith(':')) return canonicalId(`//${level.slice(1).replaceAll(':', '/')}`, cse);
  const colon = level.indexOf(':');
  if (colon < 0) return idOfPlainLevel(level, cse);
  // ACME leaves the mark of an absolute ID away; the name of the own provider is known.
  if (`//${level.slice(0, colon)}` === cse.serviceProvider && `/${level.slice(0, colon)}` !== cse.id) {
    return canonicalId(`//${level.replaceAll(':', '/')}`, cse);
  }
  return level[colon + 1] === 'C' ? canonicalId(`/${level.replaceAll(':', '/')}`, cse) : undefined;
}

function idOfPlainLevel(level: string, cse: CseIdentity): string | undefined {
  if (!isValidIdToken(level)) return undefined;
  if (cse.id.length === level.length + 1 && cse.id.endsWith(level)) return cse.id;
  if (isAeStem(level)) return canonicalOfStem(level, cse);
  // The letters alone ask for an ID, they are none.
  return level === 'C' || level === 'S' ? undefined : `/${level}`;
}

/** The topic level of an ID: `//x/y` becomes `:x:y`, `/id-in/C77` becomes `id-in:C77`, `/Sabc` becomes `Sabc`. */
export function idToTopicLevel(canonical: string): string {
  if (canonical.startsWith('//')) return `:${canonical.slice(2).replaceAll('/', ':')}`;
  return (canonical.startsWith('/') ? canonical.slice(1) : canonical).replaceAll('/', ':');
}

/** The last segment: the AE-ID-Stem of an AE-ID, which is the resource ID of its AE. */
export function stemOf(canonical: string): string {
  return canonical.slice(canonical.lastIndexOf('/') + 1);
}

/** Whether an AE registered at this CSE may have this ID: `/<this CSE>/C…`, or `/S…`, which is unique in the provider. */
export function isAeIdOfCse(canonical: string, cse: CseIdentity): boolean {
  if (canonical.startsWith('/S')) return canonical !== cse.id && !canonical.includes('/', 1) && canonical.length > 2;
  const prefix = cse.id.length + 1;
  return canonical.startsWith(`${cse.id}/C`) && canonical.length > prefix + 1 && !canonical.includes('/', prefix);
}

/** How an ID is shown to AEs of this CSE: the stem of one of theirs, everything else as it is. */
export function relativeForm(canonical: string, cse: CseIdentity): string {
  return isAeIdOfCse(canonical, cse) ? stemOf(canonical) : canonical;
}
