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
  for (const rule of list) if (faultOfRule(rule, question) === undefined) return true;
  return false;
}

/** What of a rule does not fit a question: operations, originators, context (time, network), or types that may be created. */
export type RuleFault = 'acop' | 'acor' | 'acco' | 'acod';

/** Why each rule of a policy does not permit, in their order; undefined for one that does. Empty: there are no rules. */
export function faultsOfRules(
  policy: Attributes,
  rules: 'pv' | 'pvs',
  question: AccessQuestion,
): (RuleFault | undefined)[] {
  const list = (policy[rules] as { acr?: Rule[] } | undefined)?.acr ?? [];
  return list.map((rule) => faultOfRule(rule, question));
}

function faultOfRule({ acop, acor, acco, acod }: Rule, question: AccessQuestion): RuleFault | undefined {
  if ((acop & question.operation) === 0) return 'acop';
  if (!originatorMatches(acor, question)) return 'acor';
  if (acco !== undefined && acco.length > 0 && !acco.some((context) => contextMatches(context, question)))
    return 'acco';
  return acod !== undefined && acod.length > 0 && !objectMatches(acod, question) ? 'acod' : undefined;
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
