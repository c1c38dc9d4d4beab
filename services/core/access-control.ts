/** Whether the rules of one policy permit an operation (TS-0004 7.3.3.15, TS-0003 7.1.5). Any rule of any policy is enough. */
import type { CseDescription } from './cse.ts';
import { isAeIdOfCse, matchesPattern, stemOf } from './identifiers.ts';
import { isInNetworks } from './ip-addresses.ts';
import type { Attributes } from './primitives.ts';
import { matchesSchedule } from './timestamps.ts';

/** m2m:accessControlOperations, a bit each. */
export const AccessOperation = { create: 1, retrieve: 2, update: 4, delete: 8, notify: 16, discovery: 32 } as const;
export type AccessOperation = (typeof AccessOperation)[keyof typeof AccessOperation];

export interface AccessQuestion {
  /** Canonical. */
  originator: string;
  operation: AccessOperation;
  cse: CseDescription;
  /** ms since 1970, for time windows. */
  at: number;
  /** resourceType of the target; with `childType` for rules that name types. */
  targetType?: number;
  /** resourceType to be created. */
  childType?: number;
  /** Address of the originator where it is known: rules that name networks match no other. */
  ip?: string;
}

interface Rule {
  acor: string[];
  acop: number;
  acco?: Context[];
  acod?: ObjectDetails[];
}

interface Context {
  actw?: string[];
  acip?: { ipv4?: string[]; ipv6?: string[] };
  [unknown: string]: unknown;
}

interface ObjectDetails {
  ty?: number;
  spty?: unknown;
  chty: number[];
}

/**
 * Asks `pv` (for resources that link the policy) or `pvs` (for the policy itself). The authentication flag of a rule always
 * holds: until devices authenticate, identity is what the broker lets through.
 */
export function policyPermits(policy: Attributes, rules: 'pv' | 'pvs', question: AccessQuestion): boolean {
  const list = (policy[rules] as { acr?: Rule[] } | undefined)?.acr;
  if (list === undefined) return false;
  for (const rule of list) if (ruleMatches(rule, question)) return true;
  return false;
}

function ruleMatches(rule: Rule, question: AccessQuestion): boolean {
  return (
    (rule.acop & question.operation) !== 0 &&
    originatorMatches(rule.acor, question) &&
    (rule.acco === undefined ||
      rule.acco.length === 0 ||
      rule.acco.some((context) => contextMatches(context, question))) &&
    (rule.acod === undefined || rule.acod.length === 0 || objectMatches(rule.acod, question))
  );
}

/**
 * An originator has several written forms (stem, SP-relative, absolute): an entry matches if it equals, or with `*` covers, one
 * of them. Entries are compared as they are written; nothing is parsed.
 */
function originatorMatches(entries: readonly string[], { originator, cse }: AccessQuestion): boolean {
  const own = isAeIdOfCse(originator, cse);
  const stem = own ? stemOf(originator) : originator;
  for (const entry of entries) {
    if (entry === 'all' || entry === originator || entry === stem) return true;
    const absolute = entry.startsWith('//') && !originator.startsWith('//') ? cse.serviceProvider + originator : '';
    if (entry.includes('*')) {
      if (
        matchesPattern(entry, originator) ||
        (own && matchesPattern(entry, stem)) ||
        (absolute !== '' && matchesPattern(entry, absolute))
      ) {
        return true;
      }
    } else if (entry === absolute || (own && entry === `${cse.id}/${stem}`)) return true;
  }
  return false;
}

/** Everything that a context names must hold; what is not known here never does. */
function contextMatches(context: Context, { at, ip }: AccessQuestion): boolean {
  for (const part in context) {
    if (part === 'actw') {
      const windows = context.actw ?? [];
      if (windows.length > 0 && !windows.some((entry) => matchesSchedule(entry, at))) return false;
    } else if (part === 'acip') {
      if (ip === undefined || !isInNetworks(ip, context.acip?.ipv4 ?? [], context.acip?.ipv6 ?? [])) return false;
    } else return false;
  }
  return true;
}

/** Object details limit what may be created; other operations are not concerned (TS-0001 9.6.2.4). */
function objectMatches(
  details: readonly ObjectDetails[],
  { operation, targetType, childType }: AccessQuestion,
): boolean {
  if (operation !== AccessOperation.create || childType === undefined) return true;
  return details.some(
    ({ ty, spty, chty }) => (ty === undefined || ty === targetType) && spty === undefined && chty.includes(childType),
  );
}
