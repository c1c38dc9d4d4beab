import assert from 'node:assert/strict';
import { afterEach, describe, test } from 'node:test';
import * as json from '../../../services/codecs/json.ts';
import * as xml from '../../../services/codecs/xml.ts';
import { Limits } from '../../../services/core/limits.ts';
import { createWith, refusalOf, utf8 } from './support.ts';

const namesOfPrototype = Object.getOwnPropertyNames(Object.prototype).sort().join();

afterEach(() => {
  assert.equal(Object.getOwnPropertyNames(Object.prototype).sort().join(), namesOfPrototype);
  assert.equal(({} as { polluted?: unknown }).polluted, undefined);
});

describe('JSON of attackers', () => {
  const refused: [string, string][] = [
    ['a parameter twice', '{"op":1,"to":"a","fr":"Sa","fr":"Sb","rqi":"x1"}'],
    ['a parameter twice, once escaped', '{"op":1,"to":"a","fr":"Sa","f\\u0072":"Sb","rqi":"x1"}'],
    ['an attribute twice', createWith('"1"', ',"rn":"a","rn":"b"')],
    ['con twice', createWith('"1"', ',"con":"2"')],
    ['con twice, once as an object', createWith('{"a":1}', ',"con":"2"')],
    ['an attribute twice beside free content', createWith('[1]', ',"rn":"a","rn":"b"')],
    ['__proto__ as a parameter', '{"op":1,"to":"a","rqi":"x1","__proto__":{"polluted":1}}'],
    ['__proto__, escaped', '{"op":1,"to":"a","rqi":"x1","\\u005f_proto__":{"polluted":1}}'],
    ['__proto__ in content', createWith('"1"', ',"__proto__":{"polluted":1}')],
    ['__proto__ beside free content', createWith('{}', ',"__proto__":{"polluted":1}')],
    ['constructor', createWith('"1"', ',"constructor":{"prototype":{"polluted":1}}')],
    ['prototype in criteria', '{"op":2,"to":"a","rqi":"x1","fc":{"prototype":1}}'],
    ['what would pass for text kept verbatim', createWith('"1"', ',"lbl":{"$json":"]}"}')],
    ['NUL in an identifier', '{"op":1,"to":"a\\u0000b","rqi":"x1"}'],
    ['NUL in con', createWith('"a\\u0000b"')],
    ['NUL within free content', createWith('{"a":["\\u0000"]}')],
    ['NUL as a byte', '{"op":1,"to":"a\u0000b","rqi":"x1"}'],
    ['33 levels', createWith(`${'['.repeat(30)}${']'.repeat(30)}`)],
    ['33 levels in criteria', `{"op":2,"to":"a","rqi":"x1","fc":{"a":${'['.repeat(31)}${']'.repeat(31)}}}`],
    ['broken free content', createWith('tru')],
    ['broken free object', createWith('{"a" 1}')],
    ['free content with a trailing comma', createWith('[1,]')],
    ['free content with a leading zero', createWith('01')],
    ['free content that closes what it did not open', createWith(']')],
    ['a trailing comma', createWith('1', ',')],
    ['an array', '[{"op":1,"to":"a","rqi":"x1"}]'],
    ['null', 'null'],
    ['nothing', ''],
    ['text after the end', `${createWith('1')}x`],
    ['a string without end', '{"op":1,"to":"a","rqi":"x1","fr":"'],
  ];
  for (const [what, text] of refused) {
    test(`4000: ${what}`, () => {
      const refusal = refusalOf(() => json.decodeRequest(utf8(text)));
      assert.equal(refusal.code, 4000);
      if (text.includes('"rqi":"x1"') && !text.startsWith('[')) assert.equal(refusal.requestIdentifier, 'x1');
    });
  }

  test('32 levels are read', () => {
    const con = `${'['.repeat(29)}${']'.repeat(29)}`;
    assert.deepEqual(json.decodeRequest(utf8(createWith(con))).content, { 'm2m:cin': { con: { $json: con } } });
  });

  test('a million levels are refused before anything is parsed', () => {
    refusalOf(() => json.decodeRequest(utf8('['.repeat(1_000_000))));
    refusalOf(() => json.decodeRequest(utf8('{"a":'.repeat(200_000))));
  });

  test('what only looks like NUL or nesting is read', () => {
    const request = json.decodeRequest(utf8(createWith('"\\\\u0000 [[[ {{{ \\"con\\":{"')));
    assert.deepEqual(request.content, { 'm2m:cin': { con: '\\u0000 [[[ {{{ "con":{' } });
  });

  test('names are free within free content', () => {
    const con = '{"__proto__":{"polluted":1},"a":1,"a":2,"$json":"x","constructor":null}';
    assert.deepEqual(json.decodeRequest(utf8(createWith(con))).content, { 'm2m:cin': { con: { $json: con } } });
  });

  test('bytes that are no UTF-8 are refused', () => {
    for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]]) {
      const payload = Buffer.concat([Buffer.from('{"op":1,"to":"'), Buffer.from(bytes), Buffer.from('","rqi":"x1"}')]);
      assert.equal(refusalOf(() => json.decodeRequest(payload)).code, 4000);
      assert.equal(refusalOf(() => xml.decodeRequest(payload)).code, 4000);
    }
  });
});

describe('XML of attackers', () => {
  const root = '<m2m:rqp xmlns:m2m="http://www.onem2m.org/xml/protocols">';
  const end = '</m2m:rqp>';
  const parameters = '<op>1</op><to>a</to><rqi>x1</rqi><ty>4</ty>';
  const create = (con: string, more = '') =>
    `${root}${parameters}<pc><m2m:cin>${more}<con>${con}</con></m2m:cin></pc>${end}`;
  const bomb = '<!DOCTYPE a [<!ENTITY b "bbbbbbbbbb"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>';

  const refused: [string, string][] = [
    ['a document type', `<!DOCTYPE a>${create('1')}`],
    ['a document type in small letters', `<!doctype a>${create('1')}`],
    ['a document type behind a declaration', `<?xml version="1.0"?><!DOCTYPE a []>${create('1')}`],
    ['two document types', `${bomb}<!DOCTYPE b []>${create('&c;')}`],
    ['expanding entities', `${bomb}${create('&c;')}`],
    ['an external entity', `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>${create('&b;')}`],
    ['a document type within a CDATA section', create('<![CDATA[<!DOCTYPE a>]]>')],
    ['a document type that an attribute seems to hide', `${root}<op a="<![CDATA[">1</op><!DOCTYPE b>${end}`],
    ['a processing instruction', `<?xml-stylesheet href="a"?>${create('1')}`],
    ['a processing instruction inside', create('<?php x ?>')],
    ['a second declaration', `<?xml version="1.0"?><?xml version="1.0"?>${create('1')}`],
    ['an unknown entity', create('&nbsp;')],
    ['a stray ampersand', create('a & b')],
    ['a reference to NUL', create('&#0;')],
    ['a hexadecimal reference to NUL', create('&#x0;')],
    ['a reference to a control character', create('&#8;')],
    ['a reference to a surrogate', create('&#xD800;')],
    ['a reference beyond Unicode', create('&#x110000;')],
    ['NUL as a byte', create('a\u0000b')],
    ['an element called __proto__', create('1', '<__proto__><polluted>1</polluted></__proto__>')],
    ['an element called constructor', create('1', '<constructor><prototype/></constructor>')],
    ['an attribute called __proto__', create('1').replace('<m2m:cin>', '<m2m:cin __proto__="1">')],
    ['a parameter twice', `${root}${parameters}<fr>Sa</fr><fr>Sb</fr>${end}`],
    ['an attribute twice', create('1', '<cnf>a</cnf><cnf>b</cnf>')],
    ['rn as attribute and as element', create('1', '<rn>b</rn>').replace('<m2m:cin>', '<m2m:cin rn="a">')],
    ['elements within con', create('<b>1</b>')],
    ['text beside elements', `${root}${parameters}text${end}`],
    ['33 levels', `${root}${parameters}<zz>${'<a>'.repeat(31)}${'</a>'.repeat(31)}</zz>${end}`],
    ['a number that is none', `${root}<op>1</op><to>a</to><rqi>x1</rqi><ty>0x4</ty>${end}`],
    ['an empty number', `${root}<op/><to>a</to><rqi>x1</rqi>${end}`],
    ['a number that loses digits', create('1', '<cs>12345678901234567890</cs>')],
    ['a truth that is none', `${root}${parameters}<da>yes</da>${end}`],
    ['another root', '<rqp><op>1</op><to>a</to><rqi>x1</rqi></rqp>'],
    ['two roots', `${create('1')}${create('2')}`],
    ['a tag that is not closed', `${root}${parameters}<pc>${end}`],
    ['tags that cross', `${root}${parameters}<pc><m2m:cin></pc></m2m:cin>${end}`],
    ['nothing', ''],
    ['JSON', '{"op":1,"to":"a","rqi":"x1"}'],
  ];
  for (const [what, text] of refused) {
    test(`4000: ${what}`, () => {
      const refusal = refusalOf(() => xml.decodeRequest(utf8(text)));
      assert.equal(refusal.code, 4000);
      if (text.includes('<rqi>x1</rqi>')) assert.equal(refusal.requestIdentifier, 'x1');
    });
  }

  test('a hundred thousand levels are refused', () => {
    refusalOf(() => xml.decodeRequest(utf8('<a>'.repeat(20_000))));
  });

  test('more than 64 KB are refused (decisions "Size")', () => {
    assert.match(refusalOf(() => xml.decodeRequest(utf8(create('x'.repeat(65_536))))).debug, /65536/);
    assert.equal(xml.decodeRequest(utf8(create('x'.repeat(60_000)))).requestIdentifier, 'x1');
  });

  test('character references and CDATA are text', () => {
    const request = xml.decodeRequest(utf8(create('&lt;a&gt; &amp;amp; &#65;&#x1F600;<![CDATA[<b>&lt;]]>')));
    assert.deepEqual(request.content, { 'm2m:cin': { con: '<a> &amp; A\u{1F600}<b>&lt;' } });
  });

  test('comments and schema hints are passed over', () => {
    const text = create('1<!-- & --> 2').replace('<m2m:rqp', '<m2m:rqp xsi:schemaLocation="a b"');
    assert.deepEqual(xml.decodeRequest(utf8(text)).content, { 'm2m:cin': { con: '1 2' } });
  });
});

test('issue 4 §2: an identifier and the conditions of a filter are bounded; the answer still tells which request it was', () => {
  const rqi = 'q'.repeat(Limits.requestIdentifierLength);
  const request = (more: object) => utf8(JSON.stringify({ op: 2, to: 'a', rqi, ...more }));
  const labels = (count: number) => ({ fc: { lbl: Array.from({ length: count }, () => 'a') } });
  assert.equal(json.decodeRequest(request({})).requestIdentifier, rqi);
  const longer = refusalOf(() => json.decodeRequest(request({ rqi: `${rqi}q` })));
  assert.deepEqual([longer.code, longer.requestIdentifier], [4000, `${rqi}q`]);
  assert.doesNotThrow(() => json.decodeRequest(request(labels(Limits.conditionValues))));
  assert.equal(refusalOf(() => json.decodeRequest(request(labels(Limits.conditionValues + 1)))).code, 4000);
});
