import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { decodeBatch } from '../../../services/codecs/ingress-batch.ts';
import { canonicalText, decodeRequest, encodeRequest, readCanonical } from '../../../services/codecs/json.ts';
import { encodeBatch } from '../../../services/codecs/responder-batch.ts';
import * as xml from '../../../services/codecs/xml.ts';
import { createWith, utf8 } from './support.ts';

/** From the originator's bytes through the record and back to the wire. */
function throughTheLog(text: string): string {
  return encodeRequest(readCanonical(canonicalText(decodeRequest(utf8(text)))));
}

/** The text of `con` in a wire text that was written by us. */
function conIn(text: string): string {
  const start = text.indexOf('"con":') + '"con":'.length;
  return text.slice(start, text.indexOf('}},"rqi"', start));
}

const numberText = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.bigInt().map(String),
  fc.tuple(fc.nat(), fc.nat()).map(([whole, fraction]) => `${whole}.${fraction}0`),
  fc.tuple(fc.integer(), fc.integer({ min: -400, max: 400 })).map(([whole, power]) => `${whole}E${power}`),
);

/** JSON text without white space, with any numbers, escapes, key orders and repeated keys; no NUL. */
const jsonText: fc.Arbitrary<string> = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    numberText,
    fc.constantFrom('true', 'false', 'null', '"\\u00e9\\/\\ud800"', '"\\\\u0000"'),
    stringText(),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => `[${items.join()}]`),
    fc
      .array(fc.tuple(keyText(), tie('value')), { maxLength: 4 })
      .map((members) => `{${members.map(([key, value]) => `${key}:${value}`).join()}}`),
  ),
})).value;

function stringText(): fc.Arbitrary<string> {
  return fc
    .string({ unit: 'grapheme' })
    .filter((text) => !text.includes('\u0000'))
    .map((text) => JSON.stringify(text));
}

function keyText(): fc.Arbitrary<string> {
  return fc.oneof(stringText(), fc.constantFrom('"2"', '"1"', '"__proto__"', '"$json"', '"con"', '"a"'));
}

describe('free content comes back as the same JSON value (decisions "Content fidelity")', () => {
  const examples = [
    '1.0',
    '12345678901234567890',
    '{"2":1,"1":2}',
    '-0',
    '1E400',
    'true',
    '[]',
    '{"$json":"1"}',
    '" 1.0 "',
  ];
  for (const con of examples) {
    test(`con ${con}`, () => assert.equal(conIn(throughTheLog(createWith(con))), con));
  }

  test('any JSON text, digit for digit and key for key', () => {
    fc.assert(
      fc.property(jsonText, (con) => {
        const back = conIn(throughTheLog(createWith(con)));
        // A string is kept as its value: escapes may be written in another way.
        if (con.startsWith('"')) assert.equal(JSON.parse(back), JSON.parse(con));
        else assert.equal(back, con);
      }),
      { numRuns: 500 },
    );
  });

  test('white space between its tokens goes, that in its strings stays', () => {
    assert.equal(conIn(throughTheLog(createWith('{ "a b" : [ 1.0 ,\n "c  d" ] }'))), '{"a b":[1.0,"c  d"]}');
  });

  test('whatever order the envelope has, and with an escaped name', () => {
    const text = '{"pc":{"m2m:cin":{"2":"x","c\\u006fn":{"b":1.0},"1":"y"}},"ty":4,"rqi":"x1","to":"a","op":1}';
    assert.deepEqual(decodeRequest(utf8(text)).content, {
      'm2m:cin': { '1': 'y', '2': 'x', con: { $json: '{"b":1.0}' } },
    });
  });

  test('in representations of notifications and in nested children', () => {
    const text =
      '{"op":5,"to":"a","rqi":"x1","pc":{"m2m:sgn":{"nev":{"rep":{"m2m:cnt":{"m2m:cin":[{"con":1.0},{"con":"s"},{"con":[2.0]}]}}}}}}';
    assert.deepEqual(JSON.parse(throughTheLog(text)), JSON.parse(text));
    assert.match(throughTheLog(text), /\[\{"con":1\.0\},\{"con":"s"\},\{"con":\[2\.0\]\}\]/);
  });

  test('con of other types is no free content', () => {
    const text = createWith('"1"').replace('m2m:cin', 'm2m:cnt').replace('"con":"1"', '"con":{"b":1}');
    assert.deepEqual(decodeRequest(utf8(text)).content, { 'm2m:cnt': { con: { b: 1 } } });
  });

  test('digits of an object survive the way to a reader of XML', () => {
    const json = utf8(createWith('{"a":1.0,"b":12345678901234567890,"c":"<&>"}'));
    const [encoded] = encodeBatch([{ json, serialization: 'xml' }]);
    assert.ok(encoded !== undefined && 'payload' in encoded);
    assert.match(String(encoded.payload), /<con>\{"a":1\.0,"b":12345678901234567890,"c":"&lt;&amp;&gt;"\}<\/con>/);
  });

  test('any text that XML can carry comes back from XML', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.boolean(), (text, declared) => {
        const con = text.replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '');
        const request = decodeRequest(utf8(createWith(JSON.stringify(con))));
        const written = xml.encodeRequest(request);
        const wire = declared ? written : written.slice(written.indexOf('<m2m:rqp'));
        assert.deepEqual(xml.decodeRequest(utf8(wire)), request);
      }),
      { numRuns: 300 },
    );
  });

  test('what XML cannot carry still gives a document that can be read', () => {
    const request = decodeRequest(utf8(createWith('"a\\u0001b\\ud800"')));
    const read = xml.decodeRequest(utf8(xml.encodeRequest(request)));
    assert.deepEqual(read.content, { 'm2m:cin': { con: 'a\ufffdb\ufffd' } });
  });
});

describe('bytes of strangers', () => {
  test('never throw anything but a refusal', () => {
    const near = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc
        .array(fc.constantFrom('{', '}', '[', ']', '"', ':', ',', '\\', 'con', 'm2m:cin', '1', ' ', 'pc', 'rqi'))
        .map((parts) => parts.join('')),
      fc
        .array(
          fc.constantFrom('<', '>', '/', 'a', '"', '=', '&', ';', '#', '![CDATA[', ']]>', '!--', '-->', 'm2m:rqp', ' '),
        )
        .map((parts) => parts.join('')),
    );
    fc.assert(
      fc.property(near, fc.constantFrom('json' as const, 'xml' as const), (text, serialization) => {
        const [result] = decodeBatch([{ payload: utf8(text), serialization }]);
        assert.ok(result !== undefined);
        if (result.kind === 'undecodable') assert.equal(result.code, 4000);
      }),
      { numRuns: 1000 },
    );
  });
});
