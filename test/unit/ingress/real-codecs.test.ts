import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { createCodecPool } from '../../../services/codecs/threads/pool.ts';
import { anIngress, FakeMessage } from './fakes.ts';

const pool = createCodecPool({ threads: 0 });
after(() => pool.close());

const json = '/oneM2M/req/C1/id-in/json';
const xml = '/oneM2M/req/C1/id-in/xml';
const xmlRequest = (inner: string) =>
  `<?xml version="1.0"?><m2m:rqp xmlns:m2m="http://www.onem2m.org/xml/protocols">${inner}</m2m:rqp>`;

/** The link of the tests expects JSON answers; XML ones are looked at as text. */
async function anIngressWithCodecs() {
  const encoded: string[] = [];
  const codec = {
    decode: pool.decode,
    async encodeText(text: string, serialization: 'json' | 'xml') {
      encoded.push(Buffer.from(await pool.encodeText(text, serialization)).toString('utf8'));
      return text;
    },
  };
  return { encoded, ...(await anIngress({ parts: { codec } })) };
}

test('one request in both serializations is one canonical request with one duplicate key (R16)', async () => {
  const { receive, log } = await anIngressWithCodecs();
  const wire = { op: 1, to: 'cse-in/ae1', fr: 'C1', rqi: 'q', rvi: '3', ty: 3, pc: { 'm2m:cnt': { rn: 'c', mni: 5 } } };
  const inner =
    '<op>1</op><to>cse-in/ae1</to><fr>C1</fr><rqi>q</rqi><ty>3</ty><pc><m2m:cnt rn="c"><mni>5</mni></m2m:cnt></pc><rvi>3</rvi>';
  await receive(new FakeMessage(json, wire), new FakeMessage(xml, xmlRequest(inner)));
  const [first, second] = log.records();
  assert.equal(first?.payload.originator, 'C1');
  assert.deepEqual(second?.payload, first?.payload);
  assert.equal(second?.head.key, first?.head.key);
  assert.equal(second?.head.shard, first?.head.shard);
});

test('a payload that cannot be read is answered 4000 in the serialization of its topic, with the rqi where there is one', async () => {
  const { receive, link, encoded, log } = await anIngressWithCodecs();
  await receive(
    new FakeMessage(json, '{"op":1,"rqi":"q1",'),
    new FakeMessage(json, '{"op":9,"to":"x","fr":"C1","rqi":"q2"}'),
    new FakeMessage(xml, xmlRequest('<op>2</op><rqi>q3</rqi>')),
    new FakeMessage(json, 'no JSON'),
  );
  assert.deepEqual(link.published.map(({ payload }) => `${payload.rsc} ${payload.rqi}`).sort(), [
    '4000 ',
    '4000 q1',
    '4000 q2',
    '4000 q3',
  ]);
  assert.match(encoded.find((text) => text.startsWith('<')) ?? '', /^<\?xml.*<m2m:rsp .*<rsc>4000<\/rsc>/s);
  assert.equal(log.flights.length, 0);
});
