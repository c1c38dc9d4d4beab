/** Tests of the tests: what the promises rest on is taken away, piece by piece, and the simulation must notice. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runHistory } from './history.ts';
import type { Sabotage } from './sabotage.ts';
import { cacheWithoutVersions, earlyAcknowledgement, fenceOff, noDuplicates, noReplay } from './sabotages.ts';

/** Histories in which at least one promise must break. */
const patience = 1500;

const cases: { name: string; sabotage: Sabotage; breaks: readonly string[] }[] = [
  { name: "the fence's version check off (R2)", sabotage: fenceOff, breaks: ['fence', 'twice', 'order', 'recount'] },
  { name: 'PUBACK before Kafka (R28)', sabotage: earlyAcknowledgement, breaks: ['lost'] },
  { name: 'duplicates off (R16, R17)', sabotage: noDuplicates, breaks: ['twice'] },
  { name: 'journal replay off (R25)', sabotage: noReplay, breaks: ['lost', 'answer', 'notified'] },
  { name: 'cache without versions (R24)', sabotage: cacheWithoutVersions, breaks: ['order'] },
];

for (const { name, sabotage, breaks } of cases) {
  test(`${name}: the promises break`, async (t) => {
    for (let seed = 1; seed <= patience; seed++) {
      const { problems } = await runHistory({ seed, sabotage });
      const problem = problems.find((each) => breaks.includes(each.slice(0, each.indexOf(':'))));
      if (problem === undefined) continue;
      t.diagnostic(`seed ${seed}: ${problem.slice(0, 200)}`);
      assert.deepEqual(
        (await runHistory({ seed })).problems,
        [],
        'without the sabotage the same history keeps all promises',
      );
      return;
    }
    assert.fail(`${patience} histories noticed nothing`);
  });
}
