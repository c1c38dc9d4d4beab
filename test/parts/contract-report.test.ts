import assert from 'node:assert/strict';
import { it } from 'node:test';
import { type ContractRow, contractMatrix } from './contract-report.ts';

it('the matrix counts per adapter and contract', () => {
  const row = (contract: string, adapter: string, passed: boolean): ContractRow => ({
    contract,
    adapter,
    test: 'x',
    passed,
  });
  const rows = [
    row('request-log', 'memory', true),
    row('request-log', 'kafka × 3', true),
    row('request-log', 'kafka × 3', false),
    row('device-link', 'aedes', true),
  ];
  assert.equal(
    contractMatrix(rows),
    ['adapter    request-log  device-link', 'memory     1/1', 'kafka × 3  1/2', 'aedes                   1/1'].join(
      '\n',
    ),
  );
});
