import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answerText } from '../../../services/cli/client/answer-text.ts';

const answer = (responseStatusCode: number, rest: object = {}) =>
  answerText({ responseStatusCode, requestIdentifier: 'r', ...rest });

describe('an answer in words', () => {
  it('says what the status means, how to go on, and what the CSE adds', () => {
    const text = answer(4103, { content: { 'm2m:dbg': 'not you' } });
    assert.match(text, /^4103 ORIGINATOR_HAS_NO_PRIVILEGE: .*another originator\.\n {2}not you$/);
    assert.match(answer(5103), /The same request may succeed later/);
    assert.equal(answer(9999), '9999');
  });

  it('shows attributes with their long names, and children below their parent', () => {
    const content = { 'm2m:cnt': { rn: 'temp', cni: 1, 'm2m:cin': [{ rn: 'a', con: { $json: '{"t":1.0}' } }] } };
    assert.deepEqual(answer(2000, { content }).split('\n').slice(1), [
      'm2m:cnt',
      '  rn   temp  resourceName',
      '  cni  1     currentNrOfInstances',
      '  m2m:cin',
      '    rn   a          resourceName',
      '    con  {"t":1.0}  content',
    ]);
  });

  it('shows addresses a line each, and where to go on', () => {
    const text = answer(2000, { content: { 'm2m:uril': ['a/b', 'a/c'] }, contentStatus: 1, contentOffset: 3 });
    assert.deepEqual(text.split('\n').slice(1), ['a/b', 'a/c', 'This is a part of the result; go on with --offset 3.']);
  });
});
