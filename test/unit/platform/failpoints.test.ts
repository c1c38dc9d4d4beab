import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { createFailpoints, failpointNames } from '../../../services/platform/failpoints.ts';

test('a failpoint fires at its n-th pass, once, and others do not', () => {
  let kills = 0;
  const pass = createFailpoints('parsed:3,recv', () => {
    kills += 1;
  });
  pass('parsed');
  pass('parsed');
  pass('produced-sent');
  assert.equal(kills, 0);
  pass('parsed');
  assert.equal(kills, 1);
  pass('parsed');
  assert.equal(kills, 1);
  pass('recv');
  assert.equal(kills, 2);
});

test('unset failpoints are inert', () => {
  for (const spec of [undefined, '', ' ']) {
    const pass = createFailpoints(spec, () => assert.fail('fired'));
    for (const name of Object.values(failpointNames).flat()) pass(name);
  }
});

test('a wrong name or count is refused at start', () => {
  assert.throws(() => createFailpoints('elsewhere:1'), /no failpoint "elsewhere"/);
  assert.throws(() => createFailpoints('recv:0'), /count from 1/);
  assert.throws(() => createFailpoints('recv:x'), /count from 1/);
});

test('the process really ends by SIGKILL', () => {
  const module = new URL('../../../services/platform/failpoints.ts', import.meta.url).href;
  const code = `const { createFailpoints } = await import('${module}'); createFailpoints('begin:1')('begin'); setTimeout(() => {}, 9999);`;
  const result = spawnSync(process.execPath, ['--input-type=module', '-e', code]);
  assert.equal(result.signal, 'SIGKILL');
});
