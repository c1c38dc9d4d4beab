import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { canonicalText, readCanonical } from '../../../services/codecs/json.ts';
import { codecOf } from '../../../services/codecs/registry.ts';
import type { RequestPrimitive, ResponsePrimitive } from '../../../services/core/primitives.ts';
import { primitives } from '../../fixtures/codecs/primitives.ts';
import { utf8 } from './support.ts';

const json = codecOf('json');
const xml = codecOf('xml');

describe('the same primitive in JSON and XML (TS-0004 8.3, 8.4)', () => {
  for (const fixture of primitives) {
    const asRequest = fixture.kind === 'request';
    const fromJson = () =>
      asRequest ? json.decodeRequest(utf8(fixture.json)) : json.decodeResponse(utf8(fixture.json));
    const fromXml = () => (asRequest ? xml.decodeRequest(utf8(fixture.xml)) : xml.decodeResponse(utf8(fixture.xml)));

    test(`${fixture.name}: both are read alike`, () => {
      assert.deepEqual(fromXml(), fromJson());
    });

    test(`${fixture.name}: JSON is written as it was read`, () => {
      const primitive = fromJson();
      const text = asRequest
        ? json.encodeRequest(primitive as RequestPrimitive)
        : json.encodeResponse(primitive as ResponsePrimitive);
      assert.deepEqual(JSON.parse(text), JSON.parse(fixture.json));
    });

    test(`${fixture.name}: XML is written in XSD order`, () => {
      const primitive = fromJson();
      const text = asRequest
        ? xml.encodeRequest(primitive as RequestPrimitive)
        : xml.encodeResponse(primitive as ResponsePrimitive);
      assert.equal(text, fixture.xml);
    });

    if (asRequest) {
      test(`${fixture.name}: the canonical text gives the primitive back`, () => {
        const primitive = fromJson() as RequestPrimitive;
        assert.deepEqual(readCanonical(canonicalText(primitive)), primitive);
        assert.deepEqual(readCanonical(Buffer.from(canonicalText(primitive))), primitive);
      });
    }
  }
});
