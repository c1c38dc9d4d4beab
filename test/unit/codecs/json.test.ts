import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decodeRequest, decodeResponse, encodeRequest } from '../../../services/codecs/json.ts';
import { createWith, refusalOf, utf8 } from './support.ts';

const read = (text: string) => decodeRequest(utf8(text));
const envelope = (members: string): string => `{"op":2,"to":"cse","fr":"Spump","rqi":"e1"${members}}`;

describe('JSON envelopes (TS-0004 6.4.1, 8.2.2, 8.4.2)', () => {
  test('every parameter gets its long name', () => {
    const text =
      '{"op":2,"to":"cse","fr":"Spump","rqi":"e1","rids":["a@b"],"ot":"20260110T080000","rqet":"1000","rset":"2000","oet":"0",' +
      '"rt":{"rtv":3},"rp":"3000","rcn":4,"ec":100,"da":true,"gid":"g","fc":{"ty":[3]},"drt":1,"tkns":["t"],"tids":["i@b"],' +
      '"ltids":["l"],"tqi":false,"grtm":["/m"],"asi":true,"aus":["s"],"auri":false,"sqi":false,"rvi":"2a","vsi":"v"}';
    const request = read(text);
    assert.deepEqual(request, {
      operation: 2,
      to: 'cse',
      originator: 'Spump',
      requestIdentifier: 'e1',
      roleIds: ['a@b'],
      originatingTimestamp: '20260110T080000',
      requestExpirationTimestamp: '1000',
      resultExpirationTimestamp: '2000',
      operationExecutionTime: '0',
      responseType: { value: 3 },
      resultPersistence: '3000',
      resultContent: 4,
      eventCategory: 100,
      deliveryAggregation: true,
      groupRequestIdentifier: 'g',
      filterCriteria: { ty: [3] },
      desiredIdentifierResultType: 1,
      tokens: ['t'],
      tokenIds: ['i@b'],
      localTokenIds: ['l'],
      tokenRequestIndicator: false,
      groupRequestTargetMembers: ['/m'],
      authorizationSignatureIndicator: true,
      authorizationSignatures: ['s'],
      authorizationRelationshipIndicator: false,
      semanticQueryIndicator: false,
      releaseVersion: '2a',
      vendorInformation: 'v',
    });
    assert.deepEqual(JSON.parse(encodeRequest(request)), JSON.parse(text));
  });

  test('a wrapper is read, whatever stands in it is the primitive, and none is written', () => {
    const request = read(`{"m2m:rqp":${envelope('')}}`);
    assert.equal(request.requestIdentifier, 'e1');
    assert.equal(encodeRequest(request), '{"op":2,"to":"cse","rqi":"e1","fr":"Spump"}');
    assert.equal(decodeResponse(utf8('{"m2m:rsp":{"rsc":2000,"rqi":"e1"}}')).responseStatusCode, 2000);
  });

  test('a wrapper beside other members is refused', () => {
    refusalOf(() => read(`{"m2m:rqp":${envelope('')},"op":1}`));
    refusalOf(() => read('{"m2m:rqp":[]}'));
  });

  test('unknown parameters are named, for 5001 (TS-0004 7.3.2.1)', () => {
    assert.deepEqual(read(envelope(',"ma":"PT1S","zz":{"a":1}')).unknownParameters, ['ma', 'zz']);
  });

  test('relative times may be numbers', () => {
    assert.equal(read(envelope(',"rqet":5000')).requestExpirationTimestamp, '5000');
  });

  test('single values of list-valued parameters and criteria become lists', () => {
    const request = read(envelope(',"rids":"a@b","fc":{"ty":3,"lbl":"x","atr":{"nm":"cr","val":"C*"}}'));
    assert.deepEqual(request.roleIds, ['a@b']);
    assert.deepEqual(request.filterCriteria, { ty: [3], lbl: ['x'], atr: [{ nm: 'cr', val: 'C*' }] });
  });

  const wrong: [string, string][] = [
    ['op is missing', '{"to":"cse","rqi":"e1"}'],
    ['op is text', '{"op":"1","to":"cse","rqi":"e1"}'],
    ['op is out of range', '{"op":6,"to":"cse","rqi":"e1"}'],
    ['op is a fraction', '{"op":1.5,"to":"cse","rqi":"e1"}'],
    ['to is missing', '{"op":2,"rqi":"e1"}'],
    ['to is empty', '{"op":2,"to":"","rqi":"e1"}'],
    ['fr is a number', '{"op":2,"to":"cse","fr":7,"rqi":"e1"}'],
    ['ty is text', envelope(',"ty":"3"')],
    ['rcn is out of range', envelope(',"rcn":13')],
    ['drt is out of range', envelope(',"drt":3')],
    ['ec is reserved', envelope(',"ec":5')],
    ['rvi is a number', envelope(',"rvi":3')],
    ['da is text', envelope(',"da":"true"')],
    ['rt.rtv is out of range', envelope(',"rt":{"rtv":6}')],
    ['rt has an unknown member', envelope(',"rt":{"rtv":2,"x":1}')],
    ['rids holds a number', envelope(',"rids":["a",1]')],
    ['fc is no object', envelope(',"fc":[]')],
    ['fc.ty holds text', envelope(',"fc":{"ty":["3"]}')],
    ['fc.lvl is zero', envelope(',"fc":{"lvl":0}')],
    ['fc.fo is out of range', envelope(',"fc":{"fo":4}')],
    ['fc.atr has no name', envelope(',"fc":{"atr":[{"val":"x"}]}')],
    ['fc is null', envelope(',"fc":null')],
    ['pc is empty', envelope(',"pc":{}')],
    ['pc has two members', envelope(',"pc":{"m2m:cnt":{},"m2m:ae":{}}')],
    ['pc is text', envelope(',"pc":"x"')],
    ['a number loses digits', envelope(',"pc":{"m2m:cnt":{"mni":12345678901234567890}}')],
    ['a number is beyond all numbers', envelope(',"pc":{"m2m:cnt":{"x":[1e999]}}')],
  ];
  for (const [what, text] of wrong) {
    test(`4000 with the identifier: ${what}`, () => {
      const { code, requestIdentifier, debug } = refusalOf(() => read(text));
      assert.equal(code, 4000);
      assert.equal(requestIdentifier, 'e1');
      assert.ok(debug.length > 0);
    });
  }

  test('rqi is mandatory and a string', () => {
    for (const rqi of ['', ',"rqi":""', ',"rqi":5']) {
      const refusal = refusalOf(() => read(`{"op":2,"to":"cse"${rqi}}`));
      assert.equal(refusal.code, 4000);
      assert.equal(refusal.requestIdentifier, undefined);
    }
  });

  test('responses need rsc and rqi, and drop what is of no use', () => {
    refusalOf(() => decodeResponse(utf8('{"rsc":2000}')));
    refusalOf(() => decodeResponse(utf8('{"rsc":"2000","rqi":"a"}')));
    assert.deepEqual(decodeResponse(utf8('{"rsc":2000,"rqi":"a","tqf":{"dasi":[]}}')), {
      responseStatusCode: 2000,
      requestIdentifier: 'a',
    });
  });

  test('a response is no request, and something else is neither', () => {
    assert.equal(refusalOf(() => read('{"rsc":2000,"rqi":"a"}')).requestIdentifier, 'a');
    assert.equal(refusalOf(() => read('{"hello":1,"rqi":"a"}')).requestIdentifier, 'a');
  });

  test('the identifier is read even from broken JSON', () => {
    assert.equal(refusalOf(() => read('{"op":1,"rqi" : "half-1","to":')).requestIdentifier, 'half-1');
    assert.equal(refusalOf(() => read('nothing of use')).requestIdentifier, undefined);
  });

  test('a NULL value of an attribute stays null (TS-0004 8.4.2)', () => {
    assert.deepEqual(read(createWith('null', ',"cr":null')).content, { 'm2m:cin': { con: null, cr: null } });
  });
});
