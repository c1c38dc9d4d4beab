import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Operation } from '../../../services/core/primitives.ts';
import { checkResultContent, representationOf } from '../../../services/core/representation.ts';
import { aResource, codeOf, cse } from './fixtures.ts';

test('TS-0004 7.5.2: a container shows its counters behind its attributes, in the order of storing', () => {
  const attributes = { rn: 'cnt1', ty: 3, ri: 'r1', pi: 'C1', ct: 'x', lt: 'x', et: 'y', mni: 4 };
  const counters = { stateTag: 7, instances: 3, bytes: 40, nextSequence: 4, lowestSequence: 1 };
  const shown = representationOf(aResource({ attributes }), counters, cse);
  assert.deepEqual(shown, { ...attributes, st: 7, cni: 3, cbs: 40 });
  assert.deepEqual(Object.keys(shown).slice(0, 6), ['rn', 'ty', 'ri', 'pi', 'ct', 'lt']);
  assert.equal('st' in attributes, false, 'what is stored is not touched');
});

test('an instance is shown as it is stored, without a copy', () => {
  const instance = aResource({ type: 4, attributes: { rn: 'i', con: { $json: '1.10' } } });
  assert.equal(representationOf(instance, undefined, cse), instance.attributes);
});

test('TS-0004 7.4.3: a CSEBase shows what its CSE can do now, whatever was stored', () => {
  const base = aResource({ type: 5, attributes: { rn: 'cse-in', ty: 5, ri: 'rbase', pi: '', srt: [99] } });
  const shown = representationOf(base, undefined, cse);
  assert.deepEqual(shown, {
    rn: 'cse-in',
    ty: 5,
    ri: 'rbase',
    pi: '',
    cst: 1,
    csi: '/id-in',
    srt: [1, 2, 3, 4, 5, 23],
    poa: ['mqtt://127.0.0.1:1883'],
    csz: ['json', 'xml'],
    srv: ['1', '2', '2a', '3', '4'],
  });
});

/** rcn 0 … 12 by operation: a code, or 0 for allowed (TS-0004 7.5.2). */
const matrix: [operation: Operation, discovery: boolean, fallback: number, codes: number[]][] = [
  [Operation.create, false, 1, [0, 0, 0, 0, 4000, 4000, 4000, 4000, 4000, 0, 4000, 4000, 5001]],
  [Operation.retrieve, false, 1, [4000, 0, 4000, 4000, 0, 0, 0, 4000, 0, 4000, 5001, 4000, 5001]],
  [Operation.update, false, 1, [0, 0, 4000, 4000, 4000, 4000, 4000, 4000, 4000, 0, 4000, 4000, 5001]],
  [Operation.delete, false, 0, [0, 0, 4000, 4000, 0, 0, 0, 4000, 0, 4000, 4000, 4000, 5001]],
  [Operation.notify, false, 0, [4000, 4000, 4000, 4000, 4000, 4000, 4000, 4000, 4000, 4000, 4000, 4000, 5001]],
  [Operation.retrieve, true, 11, [4000, 4000, 4000, 4000, 4000, 4000, 0, 4000, 4000, 4000, 5001, 0, 5001]],
];

test('TS-0001 table 8.1.2-1: which rcn an operation takes, and its default', () => {
  for (const [operation, discovery, fallback, codes] of matrix) {
    assert.equal(checkResultContent(operation, undefined, discovery), fallback);
    codes.forEach((code, rcn) => {
      const what = `rcn ${rcn} of operation ${operation}${discovery ? ', discovery' : ''}`;
      assert.equal(
        codeOf(() => checkResultContent(operation, rcn, discovery)),
        code,
        what,
      );
      if (code === 0) assert.equal(checkResultContent(operation, rcn, discovery), rcn, what);
    });
  }
});
