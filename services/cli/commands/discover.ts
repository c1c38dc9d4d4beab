import type { Command } from 'commander';
import { type FilterCriteria, Operation } from '../../core/primitives.ts';
import { WrongArgument } from '../client/attribute-values.ts';
import { resourceTypeNamed } from '../client/resource-type-names.ts';
import { addClientOptions, askAndPrint, type CommonOptions } from './client-options.ts';

const examples = `
Examples:
  in-cse discover cse-in --from Cme                           everything that Cme may see
  in-cse discover cse-in --type container --label indoor --from Cme
  in-cse discover cse-in --match 'rn=temp*' --from Cme
  in-cse discover cse-in --limit 100 --offset 101 --from Cme  the second hundred`;

interface DiscoverOptions extends CommonOptions {
  type?: string[];
  label?: string[];
  match?: string[];
  createdAfter?: string;
  createdBefore?: string;
  level?: string;
  limit?: string;
  offset?: string;
  unstructured?: true;
}

/** filterUsage "discovery" (TS-0004 6.3.4.2.31). */
const discovery = 1;
/** desiredIdentifierResultType "unstructured" (TS-0004 6.3.4.2.8). */
const unstructured = 2;

export function addDiscover(program: Command): void {
  const command = program
    .command('discover')
    .description('find resources below one')
    .argument('<address>', 'where to look, such as cse-in')
    .option('--type <type...>', 'only of these types')
    .option('--label <label...>', 'only with one of these labels')
    .option('--match <name=value...>', 'only with these attribute values; * stands for any characters')
    .option('--created-after <time>', 'such as 20250301T101500')
    .option('--created-before <time>', 'such as 20250301T101500')
    .option('--level <depth>', 'how far below')
    .option('--limit <count>', 'how many, at most')
    .option('--offset <number>', 'from which one on, the first being 1')
    .option('--unstructured', 'addresses by resource ID instead of names');
  addClientOptions(command, { required: true });
  command.addHelpText('after', examples);
  command.action(async (address: string, options: DiscoverOptions) => {
    await askAndPrint(options, {
      operation: Operation.retrieve,
      to: address,
      filterCriteria: criteriaOf(options),
      ...(options.unstructured === true ? { desiredIdentifierResultType: unstructured } : {}),
    });
  });
}

function criteriaOf(options: DiscoverOptions): FilterCriteria {
  const { type, label, match, createdAfter, createdBefore, level, limit, offset } = options;
  const given: [string, unknown][] = [
    ['ty', type?.map((name) => resourceTypeNamed(name).number)],
    ['lbl', label],
    ['atr', match?.map(matchOf)],
    ['cra', createdAfter],
    ['crb', createdBefore],
    ['lvl', numberOf(level, '--level')],
    ['lim', numberOf(limit, '--limit')],
    ['ofst', numberOf(offset, '--offset')],
  ];
  return { fu: discovery, ...Object.fromEntries(given.filter(([, value]) => value !== undefined)) };
}

function matchOf(pair: string): { nm: string; val: string } {
  const equals = pair.indexOf('=');
  if (equals < 1) throw new WrongArgument(`"${pair}" is not name=value, such as rn=temp*.`);
  return { nm: pair.slice(0, equals), val: pair.slice(equals + 1) };
}

function numberOf(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw new WrongArgument(`${flag} must be a whole number, not "${text}".`);
  return Number(text);
}
