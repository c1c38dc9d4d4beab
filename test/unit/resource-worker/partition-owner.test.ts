import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { MemoryResourceStore } from '../../../services/adapters/memory/resource-store.ts';
import { encodeRecord, type RequestHead } from '../../../services/contracts/records.ts';
import { shardOfName } from '../../../services/core/sharding.ts';
import { createSilentLog } from '../../../services/platform/logging.ts';
import { createMetrics } from '../../../services/platform/metrics.ts';
import { createUntraced } from '../../../services/platform/tracing/tracing.ts';
import type { Append, LogConsumer, LogConsumerHandlers, LogProducer } from '../../../services/ports/request-log.ts';
import { NeedsRefused, type PartitionCommit, type ResourceStore } from '../../../services/ports/resource-store.ts';
import { defaultWorkerSettings } from '../../../services/resource-worker/parts.ts';
import { createResourceWorker } from '../../../services/resource-worker/resource-worker.ts';
import { cse, StandingClock } from './fixtures.ts';

const settle = async () => {
  for (let turn = 0; turn < 40; turn++) await new Promise((resolve) => setImmediate(resolve));
};

const deployment = {
  generation: 1,
  requestsTopic: 'requests',
  outboundTopic: 'outbound',
  deadLettersTopic: 'dead',
  requestPartitions: 1,
  outboundPartitions: 1,
};

/** A worker that owns the only partition, with a log, a clock and commits in the hands of the test. */
async function aWorker() {
  const truth = new MemoryResourceStore({ deployment, clock: { now: () => 1_000_000 } });
  const { number: _, baseId: __, ...description } = cse;
  await truth.putCse({ ...description, admin: '/id-in/CAdmin' });
  const commits: PartitionCommit[] = [];
  const calls: string[] = [];
  let hold: Promise<void> | undefined;
  const store: ResourceStore = Object.assign(Object.create(truth) as ResourceStore, {
    readFence: (generation: number, partition: number) => {
      calls.push('fence');
      return truth.readFence(generation, partition);
    },
    commit: async (generation: number, parts: PartitionCommit[]) => {
      calls.push('commit');
      await hold;
      calls.push('landed');
      commits.push(...parts);
      return truth.commit(generation, parts);
    },
  });
  for (const name of [
    'cses',
    'readWindow',
    'readUnemitted',
    'readOut',
    'findKey',
    'readSeen',
    'load',
    'versions',
    'due',
    'nextDue',
    'sweep',
    'deliveries',
    'exchanges',
    'usage',
    'usageOfPartition',
    'maintain',
  ] as const) {
    Object.assign(store, { [name]: (truth[name] as (...of: unknown[]) => unknown).bind(truth) });
  }
  const appends: { records: Append[]; acknowledge(): Promise<void> }[] = [];
  const producer: LogProducer = {
    append: (records) =>
      new Promise((resolve) => {
        const acknowledge = () => {
          resolve();
          return settle();
        };
        appends.push({ records, acknowledge });
      }),
    pending: () => ({ records: 0, bytes: 0 }),
    close: async () => {},
  };
  const ticks: (() => void)[] = [];
  const clock = new StandingClock();
  clock.after = (ms, callback) => {
    if (ms === defaultWorkerSettings.tick) ticks.push(callback);
    return () => {};
  };
  let handlers: LogConsumerHandlers | undefined;
  let offset = 0;
  const requests = {
    start: async (each: LogConsumerHandlers) => {
      handlers = each;
    },
    begin() {},
    pause() {},
    resume() {},
    done() {},
    bounds: async () => ({ start: 0, end: offset }),
    stop: async () => {},
  } satisfies LogConsumer;
  const worker = createResourceWorker({
    deployment,
    store,
    requests,
    producers: { requests: producer, outbound: producer, deadLetters: producer },
    cache: undefined,
    cses: () => truth.cses(),
    clock,
    chance: { token: () => 'token000', fraction: () => 0.5 },
    metrics: createMetrics(),
    tracing: createUntraced(),
    log: createSilentLog(),
    failpoint: () => {},
    failed: (reason) => {
      throw reason;
    },
    settings: defaultWorkerSettings,
  });
  await worker.start();
  handlers?.assigned([0]);
  await settle();
  /** In one fetch. */
  async function askTogether(asked: object[], name: string) {
    const records = asked.map((request, index) => ({
      offset: offset + index,
      appendedAt: 1_000_000,
      value: frame(request, name),
    }));
    const fetchedOffset = offset;
    offset += records.length;
    handlers?.batch({ partition: 0, fetchedOffset, nextOffset: offset, records });
    await settle();
  }
  return {
    commits,
    calls,
    appends,
    handlers: handlers as unknown as LogConsumerHandlers,
    holdCommits(promise: Promise<void>) {
      hold = promise;
    },
    async tick() {
      ticks.pop()?.();
      await settle();
    },
    /** From now on the store refuses to look for this path. */
    refuseNeeds(path: string) {
      store.load = async (needs) => {
        if (needs.some((need) => need.kind === 'path' && need.path === path)) throw new NeedsRefused('22003');
        return truth.load(needs);
      };
    },
    ask: (request: object, name: string) => askTogether([request], name),
    askTogether,
  };
}

function frame(request: object, name: string): Buffer {
  const head: RequestHead = {
    v: 1,
    kind: 'request',
    cse: 1,
    shard: shardOfName(1, name),
    originator: '/id-in/CAdmin',
    topicLevel: 'CAdmin',
    reply: { broker: 'default', topic: '/oneM2M/resp/CAdmin/id-in/json', serialization: 'json' },
    key: createHash('sha256').update(JSON.stringify(request)).digest().subarray(0, 16).toString('base64url'),
  };
  return encodeRecord(
    head,
    JSON.stringify({ originator: 'CAdmin', requestIdentifier: 'q1', releaseVersion: '3', ...request }),
  );
}

const createContainer = { operation: 1, to: 'cse-in', resourceType: 3, content: { 'm2m:cnt': { rn: 'cnt' } } };
const retrieve = { operation: 2, to: 'cse-in/cnt' };

test('R25: what was emitted is written once, at the next tick, and an idle partition then writes nothing', async () => {
  const { ask, tick, commits, appends } = await aWorker();
  await ask(createContainer, 'cnt');
  assert.equal(commits.length, 1);
  await tick();
  assert.equal(commits.length, 1, 'the log has acknowledged nothing yet');
  await appends[0]?.acknowledge();
  await tick();
  assert.deepEqual(
    commits.map(({ emitted }) => emitted),
    [0, 1],
  );
  for (let second = 0; second < 5; second++) await tick();
  assert.equal(commits.length, 2);
});

test('R14: reads take no transaction; their progress is written at the next tick', async () => {
  const { ask, tick, commits, appends } = await aWorker();
  await ask(createContainer, 'cnt');
  await ask(retrieve, 'cnt');
  assert.equal(commits.length, 1);
  assert.equal(appends.length, 2);
  await tick();
  assert.equal(commits.at(-1)?.next, 2);
});

test('R14: a reply to a read that stands in a journal row holds back what counts as emitted', async () => {
  const { ask, tick, commits, appends } = await aWorker();
  await ask(createContainer, 'cnt');
  await appends[0]?.acknowledge();
  await ask(retrieve, 'cnt');
  await ask({ ...createContainer, content: { 'm2m:cnt': { rn: 'other' } } }, 'other');
  assert.ok(commits.at(-1)?.journal?.out.includes('"rsc":2000'), 'the reply to the read is in the row');
  await appends[2]?.acknowledge();
  await tick();
  assert.ok((commits.at(-1)?.emitted ?? 9) < 2, 'the row with the read is not emitted');
  await appends[1]?.acknowledge();
  await tick();
  assert.equal(commits.at(-1)?.emitted, 2);
});

test('R11: who gets a partition back takes it over when its own predecessor has landed', async () => {
  const { ask, calls, holdCommits, handlers } = await aWorker();
  let land = () => {};
  holdCommits(new Promise((resolve) => (land = resolve)));
  await ask(createContainer, 'cnt');
  handlers.revoked([0]);
  handlers.assigned([0]);
  await settle();
  assert.deepEqual(calls, ['fence', 'commit']);
  land();
  await settle();
  assert.deepEqual(calls, ['fence', 'commit', 'landed', 'fence']);
});

test('R16: a request that comes again changes nothing and gets the first answer', async () => {
  const { ask, commits, appends } = await aWorker();
  await ask(createContainer, 'cnt');
  await ask(createContainer, 'cnt');
  assert.equal(commits.length, 1);
  const payloads = appends.flatMap(({ records }) => records.map(({ value }) => value.toString().split('\n')[1]));
  assert.equal(payloads.length, 2);
  assert.equal(payloads[0], payloads[1]);
  assert.match(payloads[0] ?? '', /"rsc":2001/);
});

test('R12: what the store refuses to look for is answered 5000 alone; its neighbours go on', async () => {
  const { ask, askTogether, refuseNeeds, commits, appends } = await aWorker();
  await ask(createContainer, 'cnt');
  refuseNeeds('cnt/bad');
  await askTogether(
    [
      { ...retrieve, requestIdentifier: 'before' },
      { ...retrieve, requestIdentifier: 'refused', to: 'cse-in/cnt/bad' },
      { ...retrieve, requestIdentifier: 'behind' },
    ],
    'cnt',
  );
  const texts = appends.flatMap(({ records }) => records.map(({ value }) => value.toString()));
  const codeOf = (rqi: string) => /"rsc":(\d+)/.exec(texts.find((text) => text.includes(`"rqi":"${rqi}"`)) ?? '')?.[1];
  assert.deepEqual(['before', 'refused', 'behind'].map(codeOf), ['2000', '5000', '2000']);
  assert.ok(texts.some((text) => text.includes('dead-letter')));
  assert.equal(commits.at(-1)?.next, 3);
});
