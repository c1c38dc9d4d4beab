/** Requests and responses in JSON by their grammar, with wrong values, names and shapes strewn in. Text, so that names may come twice. */
import type { Random } from '../simulation/random.ts';

const numbers = [
  '0',
  '1',
  '2',
  '3',
  '4',
  '5',
  '23',
  '-1',
  '1.5',
  '1e999',
  '9007199254740993',
  '-0',
  '1e-400',
  '12345678901234567890',
];
const texts = [
  '',
  'C',
  'S',
  'Cfuzz',
  'CAdmin',
  '/id-in',
  '//sp.example/id-in',
  'cse-in',
  'cse-in/fuzz',
  'cse-in/fuzz/la',
  '-',
  '~/x',
  '/',
  '//',
  '///',
  '2a',
  '3',
  '20261125T120000',
  '99999999T999999',
  '*',
  '**',
  '../..',
  'fopt',
  'la',
  'ol',
  'm2m:cnt',
  '\\u0000',
  '\\ud83d',
  '\\u202e',
  'null',
];
const parameters = [
  'op',
  'to',
  'fr',
  'rqi',
  'rvi',
  'ty',
  'pc',
  'fc',
  'rt',
  'rp',
  'rcn',
  'ot',
  'rqet',
  'rset',
  'oet',
  'ec',
  'da',
  'gid',
  'drt',
  'tkns',
  'rsc',
];
const attributes = [
  'rn',
  'ty',
  'ri',
  'pi',
  'ct',
  'lt',
  'et',
  'lbl',
  'acpi',
  'con',
  'cnf',
  'mni',
  'mbs',
  'mia',
  'api',
  'aei',
  'rr',
  'poa',
  'srv',
  'nu',
  'enc',
  'nct',
  'exc',
  'pv',
  'pvs',
  'acr',
  'acor',
  'acop',
  'actw',
  'acip',
  'net',
  'su',
  'cr',
  'st',
  'cni',
  'cbs',
  'pn',
  'bn',
];
const hostile = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  '$json',
  'hasOwnProperty',
  '\\u005f_proto__',
  '',
  ' ',
  'm2m:',
  ':',
];
const roots = ['m2m:cnt', 'm2m:cin', 'm2m:ae', 'm2m:acp', 'm2m:sub', 'm2m:cb', 'm2m:sgn', 'm2m:grp', 'm2m:dbg', 'x:y'];
const filters = [
  'fu',
  'ty',
  'lbl',
  'atr',
  'crb',
  'cra',
  'lim',
  'ofst',
  'lvl',
  'ms',
  'us',
  'sts',
  'stb',
  'exb',
  'exa',
  'sza',
  'szb',
  'fo',
  'cty',
];

/** `identifier` makes the answer recognizable; a mutation may still damage it. */
export function jsonPrimitive(random: Random, identifier: string): string {
  const members = random.chance(0.9) ? plausible(random, identifier) : [];
  for (let more = random.chance(0.5) ? 0 : random.whole(1, 4); more > 0; more--)
    members.push(member(random, parameters, 3));
  const text = `{${random.chance(0.5) ? members.join() : random.shuffled(members).join()}}`;
  return random.chance(0.1) ? `{"m2m:rqp":${text}}` : text;
}

/** What a decent client would send, mostly. */
function plausible(random: Random, identifier: string): string[] {
  const operation = random.whole(1, 5);
  const members = [`"op":${operation}`, `"to":"${random.pick(texts)}"`, `"rqi":"${identifier}"`, '"rvi":"3"'];
  if (random.chance(0.8)) members.push('"fr":"Cfuzz"');
  if (operation === 1) members.push(`"ty":${random.pick(['2', '3', '4', '1', '23', '9', '28'])}`);
  if (operation === 1 || operation === 3) members.push(`"pc":${resource(random)}`);
  if (operation === 2 && random.chance(0.5)) members.push(`"fc":${object(random, filters, 2)}`);
  if (random.chance(0.2)) members.push(`"rcn":${random.whole(0, 13)}`);
  return members;
}

function resource(random: Random): string {
  const members = Array.from({ length: random.whole(0, 6) }, () => member(random, attributes, 4));
  return `{"${random.pick(roots)}":{${members.join()}}}`;
}

function member(random: Random, names: readonly string[], depth: number): string {
  const name = random.chance(0.04) ? random.pick(hostile) : random.pick(names);
  return `"${name}":${value(random, depth)}`;
}

function value(random: Random, depth: number): string {
  const choice = random.whole(0, depth > 0 ? 7 : 4);
  switch (choice) {
    case 0:
      return random.pick(numbers);
    case 1:
      return random.pick(['true', 'false', 'null']);
    case 2:
    case 3:
    case 4:
      return `"${random.pick(texts)}"`;
    case 5:
      return `[${Array.from({ length: random.whole(0, 4) }, () => value(random, depth - 1)).join()}]`;
    default:
      return object(random, random.chance(0.5) ? attributes : parameters, depth);
  }
}

function object(random: Random, names: readonly string[], depth: number): string {
  return `{${Array.from({ length: random.whole(0, 4) }, () => member(random, names, depth - 1)).join()}}`;
}
