/** The identifier of a payload that is refused unread: what decoding would give, or nothing. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { decodeBatch } from '../../../services/codecs/ingress-batch.ts';
import { peekIdentifier } from '../../../services/codecs/peek-identifier.ts';
import { primitives } from '../../fixtures/codecs/primitives.ts';
import { payloadCase } from '../../fuzz/payload-case.ts';

const json = (text: string) => peekIdentifier(Buffer.from(text), 'json');
const xml = (text: string) => peekIdentifier(Buffer.from(text), 'xml');

describe('the identifier of what is not decoded', () => {
  it('is found in every fixture', () => {
    for (const fixture of primitives) {
      const [decoded] = decodeBatch([{ payload: Buffer.from(fixture.json), serialization: 'json' }]);
      const expected = decoded?.requestIdentifier;
      assert.ok(expected !== undefined);
      assert.equal(json(fixture.json), expected);
      assert.equal(xml(fixture.xml), expected);
    }
  });

  it('is that of the primitive, wherever it stands, and none of its content', () => {
    assert.equal(json('{"pc":{"m2m:cin":{"con":{"rqi":"no"},"rqi":"no"}},"rqi":"yes"}'), 'yes');
    assert.equal(json('{"pc":{"m2m:cin":{"con":"\\"rqi\\":\\"no\\""}},"rqi":"yes"}'), 'yes');
    assert.equal(json('{"a":["rqi",{"rqi":"no"}],"rqi" : "yes"}'), 'yes');
    assert.equal(json(' {"m2m:rqp" : {"op":2,"rqi":"yes"}}'), 'yes');
    assert.equal(json('{"rqi":"es\\u0063aped"}'), 'escaped');
  });

  it('is undefined where there is none that an answer could carry', () => {
    for (const text of [
      '',
      '{',
      '{"rqi"',
      '{"rqi":',
      '{"rqi":"',
      '{"rqi":5}',
      '{"rqi":""}',
      '["rqi","x"]',
      '"rqi"',
      '{"a":{"rqi":"x"}}',
    ]) {
      assert.equal(json(text), undefined, text);
    }
    assert.equal(json(`{"rqi":"${'x'.repeat(300)}"}`), undefined);
    assert.equal(json('{"rqi":"\\ud800"}'), undefined);
    for (const text of ['', '<rqi>', '<rqi></rqi>', '<rqi>a', '<rqi>a\u0000b</rqi>'])
      assert.equal(xml(text), undefined);
  });

  it('is that of decoding for whatever can be decoded, and never throws (fuzzed)', () => {
    let compared = 0;
    for (let index = 0; index < 20_000; index++) {
      const item = payloadCase(11, index);
      const peeked = peekIdentifier(item.payload, item.serialization);
      if (item.serialization === 'xml') continue;
      const [decoded] = decodeBatch([item]);
      if (decoded?.kind !== 'request' || decoded.requestIdentifier.length > 250) continue;
      assert.equal(peeked, decoded.requestIdentifier, Buffer.from(item.payload).toString());
      compared++;
    }
    assert.ok(compared > 500);
  });
});
