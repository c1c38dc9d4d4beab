/** The members of `fc` (TS-0004 6.3.5.8, 8.2.5): types checked, list-valued ones always arrays (TS-0004 8.4.2). */
import { Limits } from '../core/limits.ts';
import type { FilterCriteria } from '../core/primitives.ts';
import { type Check, integer, listOf, plainObject, text, wrong } from './parameter-checks.ts';

const natural = integer(0);
const positive = integer(1);
const listOfTexts = listOf(text, Limits.conditionValues);
const listOfTypes = listOf(natural, Limits.conditionValues);
const listOfAttributes = listOf(attributeMatch, Limits.conditionValues);

const checks: ReadonlyMap<string, Check> = new Map<string, Check>([
  ...names('crb cra ms us exb exa lbq cfq arp', text),
  ...names('stb sza lim', natural),
  ...names('sts szb lvl ofst', positive),
  ...names('lbl clbl palb cty smf', listOfTexts),
  ...names('ty chty pty', listOfTypes),
  ...names('atr catr patr', listOfAttributes),
  ['cfs', integer(1)],
  // 4 and 3 are of release 4, after ACME.
  ['fu', integer(1, 4)],
  ['fo', integer(1, 3)],
]);

/** Members without a check are left for the receiver to judge: some CSEs take them for attribute filters. */
export function filterCriteria(value: unknown, name: string): FilterCriteria {
  const criteria = plainObject(value, name);
  for (const member in criteria) {
    const check = checks.get(member);
    if (check !== undefined) criteria[member] = check(criteria[member], `${name}.${member}`);
  }
  return criteria;
}

function attributeMatch(value: unknown, name: string): unknown {
  const match = plainObject(value, name);
  text(match.nm, `${name}.nm`);
  const wanted = match.val;
  if (typeof wanted === 'object' || wanted === undefined) throw wrong(`${name}.val`, 'must be a simple value');
  return match;
}

function names(list: string, check: Check): [string, Check][] {
  return list.split(' ').map((name) => [name, check]);
}
