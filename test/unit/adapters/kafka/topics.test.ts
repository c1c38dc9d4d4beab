import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { checkTopic, onceKnown } from '../../../../services/adapters/kafka/topics.ts';

const topic = { name: 't', partitions: 24, retention: -1, requiredRetention: 1000, maximumBytes: 5000 };
const safe = {
  'cleanup.policy': 'delete',
  'max.message.bytes': '5000',
  'message.timestamp.type': 'LogAppendTime',
  'min.insync.replicas': '2',
  'retention.bytes': '-1',
  'retention.ms': '1000',
  'unclean.leader.election.enable': 'false',
};
const check = (change: Record<string, string>, partitions = 24, replicas = 3) =>
  checkTopic(topic, partitions, replicas, new Map(Object.entries({ ...safe, ...change })));

describe('what a topic must be like', () => {
  it('finds nothing to say of a safe one', () => {
    assert.deepEqual(check({}), []);
    assert.deepEqual(check({ 'retention.ms': '-1' }), []);
  });

  it('finds each setting that may lose what was acknowledged (R4)', () => {
    const unsafe: [ReturnType<typeof check>, RegExp][] = [
      [check({}, 24, 2), /replication factor is 2/],
      [check({ 'min.insync.replicas': '1' }), /min.insync.replicas is 1/],
      [check({ 'retention.ms': '999' }), /retention.ms is 999, an outage may last 1000/],
      [check({ 'retention.bytes': '1000000' }), /retention.bytes/],
      [check({ 'unclean.leader.election.enable': 'true' }), /unclean/],
    ];
    for (const [problems, text] of unsafe) {
      assert.equal(problems.length, 1);
      assert.equal(problems[0]?.kind, 'unsafe');
      assert.match(problems[0]?.text ?? '', text);
    }
  });

  it('finds what no deployment can live with, development or not (R1, R17)', () => {
    const wrong = [
      check({}, 23),
      check({ 'max.message.bytes': '4999' }),
      check({ 'message.timestamp.type': 'CreateTime' }),
      check({ 'cleanup.policy': 'compact' }),
    ];
    for (const problems of wrong) assert.deepEqual([problems.length, problems[0]?.kind], [1, 'wrong']);
  });

  it('takes a setting that is missing for unsafe', () => {
    assert.equal(checkTopic(topic, 24, 3, new Map()).length, 7);
  });
});

describe('a question about topics that were just created', () => {
  const unknown = Object.assign(new Error('not here'), { type: 'UNKNOWN_TOPIC_OR_PARTITION' });
  const askAfter = (failures: Error[]) => {
    let asked = 0;
    const question = async () => {
      const failure = failures[asked++];
      if (failure !== undefined) throw failure;
      return asked;
    };
    return { question, asked: () => asked };
  };

  it('is repeated while the node does not know them', async () => {
    assert.equal(await onceKnown(askAfter([unknown, new Error('retries', { cause: unknown })]).question), 3);
  });

  it('fails with whatever else a node says', async () => {
    const { question, asked } = askAfter([new Error('no rights')]);
    await assert.rejects(onceKnown(question), /no rights/);
    assert.equal(asked(), 1);
  });

  it('fails in the end where they stay unknown', async () => {
    const { question } = askAfter(Array.from({ length: 100 }, () => unknown));
    await assert.rejects(onceKnown(question, 60), /not here/);
  });
});
