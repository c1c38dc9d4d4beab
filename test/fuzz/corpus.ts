/** Every known attack on a parser of oneM2M primitives, one of each: what a fuzzer would need luck to find. */
import type { SerializationName } from '../../services/codecs/registry.ts';

export interface Attack {
  name: string;
  serialization: SerializationName;
  payload: Buffer;
}

const head = '{"op":1,"to":"cse-in/fuzz","fr":"Cfuzz","rqi":"x1","rvi":"3","ty":4';

function json(name: string, text: string | Buffer): Attack {
  return { name, serialization: 'json', payload: Buffer.from(text) };
}

function xml(name: string, text: string | Buffer): Attack {
  return { name, serialization: 'xml', payload: Buffer.from(text) };
}

function inCreate(content: string): string {
  return `${head},"pc":{"m2m:cin":${content}}}`;
}

function request(inner: string, before = ''): string {
  const opened = '<m2m:rqp xmlns:m2m="http://www.onem2m.org/xml/protocols">';
  return `<?xml version="1.0"?>${before}${opened}<op>2</op><to>cse-in</to><fr>Cfuzz</fr><rqi>x1</rqi>${inner}</m2m:rqp>`;
}

const laughs = Array.from({ length: 9 }, (_, at) => `<!ENTITY l${at + 1} "${`&l${at};`.repeat(10)}">`).join('');

export const attacks: readonly Attack[] = [
  // Depth and size.
  json('a million arrays', '['.repeat(1_000_000)),
  json('200,000 objects', '{"a":'.repeat(200_000)),
  json('33 levels of free content', inCreate(`{"con":${'['.repeat(33)}${']'.repeat(33)}}`)),
  json('a quarter of a million commas', inCreate(`{"con":[${'0,'.repeat(120_000)}0]}`)),
  json('100,000 members', inCreate(`{${Array.from({ length: 20_000 }, (_, at) => `"a${at}":1`).join()}}`)),
  json('a name of 100,000 characters', `${head},"${'n'.repeat(100_000)}":1}`),
  json('an identifier of 200,000 characters', `{"op":2,"to":"cse-in","rqi":"${'r'.repeat(200_000)}"}`),
  // Names that reach prototypes.
  json('__proto__', `${head},"__proto__":{"polluted":1}}`),
  json('__proto__, escaped', `${head},"\\u005f\\u005fproto__":{"polluted":1}}`),
  json('__proto__ in content', inCreate('{"con":"1","__proto__":{"polluted":1}}')),
  json('__proto__ in free content', inCreate('{"con":{"__proto__":{"polluted":1}}}')),
  json('constructor.prototype', inCreate('{"con":"1","constructor":{"prototype":{"polluted":1}}}')),
  json('toString as a parameter', `${head},"toString":1,"hasOwnProperty":1,"valueOf":null}`),
  // Two readers, two meanings.
  json('fr twice', '{"op":2,"to":"cse-in","fr":"Cfuzz","fr":"CAdmin","rqi":"x1"}'),
  json('fr twice, once escaped', '{"op":2,"to":"cse-in","fr":"Cfuzz","f\\u0072":"CAdmin","rqi":"x1"}'),
  json('our own mark for verbatim text', inCreate('{"con":"1","lbl":{"$json":"]}"}}')),
  // Numbers.
  ...['1e999', '-1e999', '12345678901234567890', '1e-999', '-0', '01', '+1', '.5', '0x10', 'NaN', 'Infinity'].map(
    (number) =>
      json(`the number ${number}`, `{"op":${number},"to":"cse-in","rqi":"x1","ty":${number},"rcn":${number}}`),
  ),
  json(
    'a limit beyond counting',
    '{"op":2,"to":"cse-in","rqi":"x1","fc":{"fu":1,"lim":1e308,"ofst":9007199254740993}}',
  ),
  // Bytes.
  json('NUL, escaped', inCreate('{"con":"a\\u0000b"}')),
  json('NUL as a byte', `{"op":2,"to":"a\0b","rqi":"x1"}`),
  json('a lone surrogate', inCreate('{"con":"\\ud800","rn":"\\udfff"}')),
  json('half a surrogate pair in rqi', '{"op":2,"to":"cse-in","rqi":"x\\ud8001"}'),
  json('overlong UTF-8', Buffer.concat([Buffer.from(head), Buffer.from([0xc0, 0x80, 0xed, 0xa0, 0x80])])),
  json('UTF-16', Buffer.from(`${head}}`, 'utf16le')),
  json('a byte order mark', `\ufeff${head}}`),
  json('nothing', ''),
  json('only white space', ' \n\t'.repeat(10_000)),
  json('text behind the end', `${head}} ${head}}`),
  // Patterns that a slow matcher would die of.
  json('wildcards', `{"op":2,"to":"cse-in","rqi":"x1","fc":{"fu":1,"atr":[{"nm":"rn","val":"${'*a'.repeat(120)}"}]}}`),
  json('a label of stars', `{"op":2,"to":"cse-in","rqi":"x1","fc":{"fu":1,"lbl":["${'*'.repeat(5000)}"]}}`),
  json('a path of 60,000 levels', `{"op":2,"to":"${'a/'.repeat(60_000)}","rqi":"x1"}`),
  json('a path of dots', `{"op":2,"to":"${'../'.repeat(2000)}etc/passwd","rqi":"x1"}`),
  // Entities and other ways of XML to become larger than it is.
  xml('a billion laughs', request('<x>&l9;</x>', `<!DOCTYPE x [<!ENTITY l0 "ha">${laughs}]>`)),
  xml('an external entity', request('<x>&e;</x>', '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>')),
  xml('an external subset', request('', '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">')),
  xml('a doctype twice', request('', '<!DOCTYPE a []><!DOCTYPE b [<!ENTITY e "x">]>')),
  xml('a parameter entity', request('', '<!DOCTYPE x [<!ENTITY % p "<!ENTITY e \'x\'>"> %p;]>')),
  xml('numeric references by the thousand', request(`<x>${'&#65;'.repeat(12_000)}</x>`)),
  xml('a reference to nothing', request('<x>&nothing; &#x0; &#xD800; &#x110000; &#99999999999;</x>')),
  xml('CDATA', request('<x><![CDATA[<op>4</op>]]></x>')),
  xml('CDATA without end', request('<x><![CDATA[')),
  xml('a comment without end', request('<!-- ')),
  xml('a processing instruction', request('<?php echo 1 ?>')),
  xml('an XInclude', request('<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/>')),
  xml('1,000 levels', request('<a>'.repeat(1000) + '</a>'.repeat(1000))),
  xml('10,000 siblings', request('<a/>'.repeat(10_000))),
  xml('1,000 attributes', request(`<a ${Array.from({ length: 1000 }, (_, at) => `b${at}="1"`).join(' ')}/>`)),
  xml('the same attribute twice', request('<a b="1" b="2"/>')),
  xml('__proto__ as an element', request('<__proto__><polluted>1</polluted></__proto__>')),
  xml('__proto__ as an attribute', request('<a __proto__="1" constructor="2"/>')),
  xml('fr twice', request('<fr>CAdmin</fr>')),
  xml('never closed', `${'<a>'.repeat(20_000)}`),
  xml('more than 64 KB', request(`<x>${'y'.repeat(70_000)}</x>`)),
  xml('UTF-16 by declaration', '<?xml version="1.0" encoding="UTF-16"?><m2m:rqp/>'),
  xml('NUL in the identifier of what cannot be read', '<m2m:rqp><rqi>a\0b</rqi>'),
  xml('JSON', `${head}}`),
];
