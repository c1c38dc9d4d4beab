import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { type DecodedPrimitive, decodeBatch, type Payload } from '../../../services/codecs/ingress-batch.ts';
import { canonicalText, decodeRequest } from '../../../services/codecs/json.ts';
import { type Encoded, encodeBatch, type WireText } from '../../../services/codecs/responder-batch.ts';
import { createCodecPool } from '../../../services/codecs/threads/pool.ts';
import { primitives } from '../../fixtures/codecs/primitives.ts';
import { createWith, utf8 } from './support.ts';

interface Batches {
  decode(batch: readonly Payload[]): Promise<DecodedPrimitive[]>;
  encode(batch: readonly WireText[]): Promise<Encoded[]>;
}

const everything: Payload[] = primitives.flatMap(({ json, xml }): Payload[] => [
  { payload: utf8(json), serialization: 'json' },
  { payload: utf8(xml), serialization: 'xml' },
]);

function suite(name: string, batches: Batches): void {
  const decodeOne = async (text: string, serialization: 'json' | 'xml' = 'json'): Promise<DecodedPrimitive> => {
    const [result] = await batches.decode([{ payload: utf8(text), serialization }]);
    assert.ok(result !== undefined);
    return result;
  };

  describe(name, () => {
    test('a request gives its canonical text and what routes it', async () => {
      const text =
        '{"op":1,"to":"cse/pump1","fr":"Spump","rqi":"q1","rqet":"1000","ty":3,"pc":{"m2m:cnt":{"rn":"flow","mni":3}},"zz":1}';
      const { digest, ...scalars } = (await decodeOne(text)) as DecodedPrimitive & { digest: string };
      assert.deepEqual(scalars, {
        kind: 'request',
        text: canonicalText(decodeRequest(utf8(text))),
        operation: 1,
        to: 'cse/pump1',
        originator: 'Spump',
        requestIdentifier: 'q1',
        resourceType: 3,
        resourceName: 'flow',
        requestExpirationTimestamp: '1000',
      });
      assert.match(digest, /^[\w-]{43}$/);
    });

    test('what is not there is undefined', async () => {
      assert.deepEqual(await decodeOne('{"op":2,"to":"cse","rqi":"q1"}'), {
        kind: 'request',
        text: '{"operation":2,"to":"cse","requestIdentifier":"q1"}',
        operation: 2,
        to: 'cse',
        originator: undefined,
        requestIdentifier: 'q1',
        resourceType: undefined,
        resourceName: undefined,
        digest: decodeBatch([{ payload: utf8('{"op":2,"to":"cse","rqi":"q1"}'), serialization: 'json' }]).map(
          (result) => ('digest' in result ? result.digest : ''),
        )[0],
        requestExpirationTimestamp: undefined,
      });
    });

    test('R16: the digest is that of op, to, ty, pc and fc, and of nothing else', async () => {
      const digest = async (members: string): Promise<string> => {
        const result = await decodeOne(`{"op":1,"to":"a",${members}}`);
        assert.equal(result.kind, 'request');
        return 'digest' in result ? result.digest : '';
      };
      const first = await digest('"rqi":"1","ty":4,"pc":{"m2m:cin":{"con":1.0}}');
      const retried = '"rqi":"1","ot":"20260110T080000","rqet":"9","rcn":0,"ty":4,"pc":{"m2m:cin":{"con":1.0}}';
      assert.equal(await digest(retried), first);
      assert.notEqual(await digest('"rqi":"1","ty":4,"pc":{"m2m:cin":{"con":1}}'), first);
      assert.notEqual(await digest('"rqi":"1","ty":3,"pc":{"m2m:cin":{"con":1.0}}'), first);
      assert.notEqual(await digest('"rqi":"1","ty":4,"pc":{"m2m:cin":{"con":1.0}},"fc":{"lvl":1}'), first);
    });

    test('JSON and XML give the same canonical primitive', async () => {
      const results = await batches.decode(everything);
      primitives.forEach(({ name }, index) => {
        const [json, xml] = [results[2 * index], results[2 * index + 1]];
        assert.ok(json !== undefined && json.kind !== 'undecodable', name);
        assert.ok(xml !== undefined && xml.kind === json.kind, name);
        assert.deepEqual(JSON.parse(xml.text), JSON.parse(json.text), name);
      });
    });

    test('a response gives its canonical text and its identifier', async () => {
      assert.deepEqual(await decodeOne('{"rsc":2000,"rqi":"n1","rvi":"3"}'), {
        kind: 'response',
        text: '{"responseStatusCode":2000,"requestIdentifier":"n1","releaseVersion":"3"}',
        requestIdentifier: 'n1',
      });
    });

    test('what cannot be read says why, and whose it is', async () => {
      const result = await decodeOne('{"op":9,"to":"cse","rqi":"q1"}');
      assert.deepEqual(result, {
        kind: 'undecodable',
        code: 4000,
        text: 'op must be one of 1..5.',
        requestIdentifier: 'q1',
      });
      const nobody = await decodeOne('\u0000', 'xml');
      assert.ok(nobody.kind === 'undecodable');
      assert.equal(nobody.requestIdentifier, undefined);
    });

    test('a mixed batch keeps its order, and its payloads', async () => {
      const before = everything.map(({ payload }) => Buffer.from(payload).toString());
      assert.deepEqual(await batches.decode(everything), decodeBatch(everything));
      assert.deepEqual(
        everything.map(({ payload }) => Buffer.from(payload).toString()),
        before,
      );
      assert.deepEqual(await batches.decode([]), []);
    });

    test('JSON is published as it stands; XML is what its reader reads', async () => {
      const batch = primitives.flatMap(({ json }): WireText[] => [
        { json: utf8(json), serialization: 'json' },
        { json: utf8(json), serialization: 'xml' },
      ]);
      const encoded = await batches.encode(batch);
      primitives.forEach(({ json, xml }, index) => {
        assert.deepEqual(textIn(encoded[2 * index]), json);
        assert.deepEqual(textIn(encoded[2 * index + 1]), xml);
      });
    });

    test('what cannot be written says why, and harms no other', async () => {
      const encoded = await batches.encode([
        { json: utf8('broken'), serialization: 'xml' },
        { json: utf8('{"rsc":2000,"rqi":"a"}'), serialization: 'xml' },
      ]);
      assert.ok(encoded[0] !== undefined && 'problem' in encoded[0]);
      assert.match(textIn(encoded[1]) ?? '', /<rqi>a<\/rqi>/);
    });

    test('large payloads arrive whole', async () => {
      const con = `"${'é'.repeat(50_000)}"`;
      const result = await decodeOne(createWith(con));
      assert.ok(result.kind === 'request');
      assert.ok(result.text.includes(con));
    });
  });
}

function textIn(encoded: Encoded | undefined): string | undefined {
  return encoded !== undefined && 'payload' in encoded
    ? Buffer.from(encoded.payload as Uint8Array).toString()
    : undefined;
}

suite('batches on the spot', {
  decode: async (batch) => decodeBatch(batch),
  encode: async (batch) => encodeBatch(batch),
});

const threaded = createCodecPool({ inlineLimit: 0 });
after(() => threaded.close());
suite('batches in a thread', threaded);

const usual = createCodecPool();
after(() => usual.close());
suite('batches of a pool as it is', usual);
