/** Requests in XML by their grammar, with wrong elements, entities and nesting strewn in. */
import { primitives } from '../fixtures/codecs/primitives.ts';
import type { Random } from '../simulation/random.ts';

const names = [
  'op',
  'to',
  'fr',
  'rqi',
  'rvi',
  'ty',
  'pc',
  'fc',
  'rcn',
  'rt',
  'm2m:cnt',
  'm2m:cin',
  'm2m:ae',
  'm2m:sub',
  'm2m:acp',
  'con',
  'lbl',
  'enc',
  'net',
  'nu',
  'mni',
  'pv',
  'acr',
  'acor',
  'acop',
  'a',
  '__proto__',
  'constructor',
  'xi:include',
  'm2m:rqp',
  'm2m:sgn',
  'nev',
  'rep',
];
const texts = [
  '',
  '1',
  '3',
  'Cfuzz',
  'cse-in',
  '&lt;',
  '&amp;',
  '&#65;',
  '&#x41;',
  '&no;',
  '&#0;',
  ']]>',
  '1 2 3',
  '{"a":1}',
  'true',
  '\u{1f600}',
];
const openings = [
  '',
  '<?xml version="1.0"?>',
  '<!DOCTYPE a>',
  '<!DOCTYPE a [<!ENTITY b "c">]>',
  '<?x y?>',
  '<!-- c -->',
  '\ufeff',
  ' \n',
];

export function xmlPrimitive(random: Random, identifier: string): string {
  if (random.chance(0.4)) return random.pick(primitives).xml.replace(/<rqi>[^<]*<\/rqi>/, `<rqi>${identifier}</rqi>`);
  const body = Array.from({ length: random.whole(0, 6) }, () => element(random, 4)).join('');
  const root = random.pick(['m2m:rqp', 'm2m:rqp', 'm2m:rqp', 'm2m:rsp', 'rqp', 'x:rqp']);
  const space = random.chance(0.9) ? ' xmlns:m2m="http://www.onem2m.org/xml/protocols"' : '';
  const opening = random.chance(0.7) ? '<?xml version="1.0" encoding="UTF-8"?>' : random.pick(openings);
  const decent = `<op>${random.whole(0, 6)}</op><to>cse-in</to><fr>Cfuzz</fr><rqi>${identifier}</rqi><rvi>3</rvi>`;
  return `${opening}<${root}${space}>${decent}${body}</${root}>`;
}

function element(random: Random, depth: number): string {
  const name = random.pick(names);
  const attribute = random.chance(0.2)
    ? ` ${random.pick(['rn', 'a', 'nm', '__proto__', 'xmlns'])}="${random.pick(texts)}"`
    : '';
  if (random.chance(0.1)) return `<${name}${attribute}/>`;
  const inner =
    depth > 0 && random.chance(0.5)
      ? Array.from({ length: random.whole(0, 3) }, () => element(random, depth - 1)).join('')
      : random.pick(texts);
  if (random.chance(0.05)) return `<${name}>${inner}`;
  return `<${name}${attribute}>${random.chance(0.1) ? `<![CDATA[${inner}]]>` : inner}</${name}>`;
}
