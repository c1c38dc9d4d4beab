/** Topics through the topic reader: each is read, refused or ignored, and nobody can be mistaken for another. */
import assert from 'node:assert/strict';
import { canonicalId } from '../../services/core/identifiers.ts';
import { createHostedCses } from '../../services/ingress/hosted-cses.ts';
import { createTopicReader } from '../../services/ingress/topic-reader.ts';
import { Random } from '../simulation/random.ts';
import { cse } from '../unit/core/fixtures.ts';
import type { FuzzRun, Outcomes } from './fuzz-payloads.ts';
import { topicOf } from './topic-grammar.ts';

export function fuzzTopics({ seed, cases }: FuzzRun): Outcomes {
  const reader = createTopicReader(createHostedCses([cse]), '');
  const outcomes: Outcomes = {};
  for (let index = 0; index < cases; index++) {
    const topic = topicOf(new Random(seed * 1_000_003 + index), `Cf${index}`, 'id-in');
    const reading = reader.read(topic);
    const outcome = reading.kind === 'ignored' ? reading.reason : reading.kind;
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
    if (reading.kind !== 'request') continue;
    const where = `seed ${seed}, case ${index}: ${JSON.stringify(topic)}`;
    assert.ok(!/[+#\0]/.test(reading.replyTopic), where);
    assert.equal(reading.replyTopic, topic.replace(/\/(reg_)?req\//, '/$1resp/'), where);
    if (reading.registration || reading.refusal !== undefined) continue;
    // The identity is in its canonical form, or two spellings of it could be two originators (promise 4).
    assert.equal(canonicalId(reading.originator, cse), reading.originator, where);
  }
  return outcomes;
}
