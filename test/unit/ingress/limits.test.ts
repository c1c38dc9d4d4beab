/** Issue 4 §2: whoever sends too much is refused before it costs anything, and slows only itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryRateLimiter } from '../../../services/adapters/memory/rate-limiter.ts';
import { mostSlow, refusalPeriod, refusalsPerPeriod } from '../../../services/ingress/limits/slow-refusals.ts';
import type { RateLimiter } from '../../../services/ports/rate-limiter.ts';
import { aCodec, aCreate, aCse, anIngress, FakeMessage } from './fakes.ts';

const settings = { originatorRate: 10, originatorBurst: 3 };

function create(stem: string, rqi: string, changes: Partial<FakeMessage> = {}): FakeMessage {
  return aCreate({ fr: stem, rqi }, { topic: `/oneM2M/req/${stem}/id-in/json`, ...changes });
}

function several(count: number, stem = 'C1'): FakeMessage[] {
  return Array.from({ length: count }, (_, n) => create(stem, `${stem}${n}`));
}

test('beyond its burst an originator is answered 5000 with the same rqi, acknowledged, and nothing of it is stored', async () => {
  const { receive, link, log, acknowledgeAppends } = await anIngress({ settings });
  const messages = several(5);
  await receive(...messages);
  await acknowledgeAppends();
  assert.deepEqual(
    link.published.map(({ topic, payload }) => [topic, payload.rqi, payload.rsc]),
    [
      ['/oneM2M/resp/C1/id-in/json', 'C13', 5000],
      ['/oneM2M/resp/C1/id-in/json', 'C14', 5000],
    ],
  );
  assert.match(JSON.stringify(link.published[0]?.payload.pc), /repeat it later with the same rqi/);
  assert.ok(messages.every(({ acknowledged }) => acknowledged === 1));
  assert.equal(log.records().length, 3);
});

test('its neighbours are taken meanwhile, and so is the refused request when it comes again later', async () => {
  const { receive, log, clock } = await anIngress({ settings });
  await receive(...several(5), create('C2', 'n1'));
  assert.equal(log.records().at(-1)?.payload.requestIdentifier, 'n1');
  await clock.advance(1000);
  await receive(create('C1', 'C14'));
  assert.equal(log.records().at(-1)?.payload.requestIdentifier, 'C14');
});

test('a refused payload is not decoded', async () => {
  let decoded = 0;
  const { receive, link } = await anIngress({
    settings,
    parts: {
      codec: aCodec({
        decode: async (batch) => {
          decoded += batch.length;
          return batch.map(() => ({ kind: 'undecodable', code: 4000, text: 'x', requestIdentifier: undefined }));
        },
      }),
    },
  });
  await receive(...several(10));
  assert.equal(decoded, 3);
  assert.equal(link.published.filter(({ payload }) => payload.rsc === 5000).length, 7);
});

test('R29: what is marked DUP is never refused, but counts', async () => {
  const { receive, link, log } = await anIngress({ settings });
  await receive(...several(3), create('C1', 'again', { duplicate: true }), create('C1', 'new'));
  assert.deepEqual(
    link.published.map(({ payload }) => payload.rqi),
    ['new'],
  );
  assert.equal(log.records().at(-1)?.payload.requestIdentifier, 'again');
});

test('requests under way are bounded too, until the log has them', async () => {
  const { receive, link, acknowledgeAppends } = await anIngress({ settings: { originatorInFlight: 2 } });
  await receive(...several(3));
  assert.deepEqual(
    link.published.map(({ payload }) => payload.rqi),
    ['C12'],
  );
  await acknowledgeAppends();
  await receive(create('C1', 'later'));
  assert.equal(link.published.length, 1);
});

test('a CSE has a rate (its quota) and requests under way of its own: another CSE is not concerned (R32)', async () => {
  const cses = [
    aCse({ quotas: { requestsPerSecond: 2 } }),
    aCse({ number: 2, id: '/id-two', name: 'cse-two', baseId: 'id-two' }),
  ];
  const { receive, link, log } = await anIngress({ cses });
  const other = aCreate({ fr: 'C1', rqi: 'o' }, { topic: '/oneM2M/req/C1/id-two/json' });
  await receive(create('C1', 'a'), create('C2', 'b'), create('C3', 'c'), other);
  assert.deepEqual(
    link.published.map(({ payload }) => [payload.rqi, payload.rsc]),
    [['c', 5000]],
  );
  assert.equal(log.records().length, 3);
});

test('a CSE that is full costs the originator none of its own rate', async () => {
  const cse = aCse({ quotas: { requestsPerSecond: 1 } });
  const { receive, link } = await anIngress({ cses: [cse], settings: { originatorRate: 1, originatorBurst: 2 } });
  await receive(create('C2', 'a'), create('C1', 'b'), create('C1', 'c'), create('C1', 'd'));
  const texts = link.published.map(({ payload }) => JSON.stringify(payload.pc));
  assert.equal(texts.filter((text) => text.includes('originators of this CSE')).length, 3);
});

test('answers of devices have a budget of their own; what is too many is dropped and counted', async () => {
  const { receive, dropped, log } = await anIngress({
    settings: { originatorRate: 1, originatorBurst: 1, answerRate: 4 },
  });
  const answers = Array.from(
    { length: 6 },
    () => new FakeMessage('/oneM2M/resp/id-in/C1/json', { rsc: 2000, rqi: 'nothing of ours' }),
  );
  await receive(...answers, create('C1', 'a'));
  assert.equal((await dropped())['too many answers'], 2);
  assert.equal(log.records().length, 1);
});

test('several processes share a rate: who is over it, all together, is refused by each until the second is over', async () => {
  const limiter = createMemoryRateLimiter();
  const terms = { settings: { originatorRate: 20, originatorBurst: 20 }, parts: { rates: limiter } };
  const [one, two] = [await anIngress(terms), await anIngress(terms)];
  await one.receive(...several(12));
  await two.receive(...several(12));
  for (const each of [one, two, one, two]) await each.clock.advance(250);
  await two.receive(create('C1', 'too many'));
  assert.deepEqual(
    two.link.published.map(({ payload }) => payload.rqi),
    ['too many'],
  );
  await two.clock.advance(1100);
  await two.receive(create('C1', 'later'));
  assert.equal(two.link.published.length, 1);
});

test('without an answer of the limiter each process keeps to the rate alone, and nobody is refused for it', async () => {
  const away: RateLimiter = { spend: async () => undefined, close: async () => {} };
  const { receive, clock, link } = await anIngress({ settings, parts: { rates: away } });
  await receive(...several(3));
  await clock.advance(1000);
  await receive(...several(3));
  assert.equal(link.published.length, 0);
});

test('decisions "Size": a payload that is too large is answered 4000 unread, an answer dropped and counted', async () => {
  const { receive, link, log, dropped } = await anIngress({ settings: { payloadBytes: 500 } });
  const large = create('C1', 'large');
  large.payload = Buffer.from(JSON.stringify({ op: 1, rqi: 'large', x: 'y'.repeat(1000) }));
  const answer = new FakeMessage('/oneM2M/resp/id-in/C1/json', { rsc: 2000, rqi: 'r', x: 'y'.repeat(1000) });
  await receive(large, answer);
  assert.deepEqual(
    link.published.map(({ payload }) => [payload.rqi, payload.rsc]),
    [['large', 4000]],
  );
  assert.equal((await dropped())['answer too large'], 1);
  assert.deepEqual([large.acknowledged, answer.acknowledged, log.flights.length], [1, 1, 0]);
});

/** As of a broker within the process: who sends it waits for its acknowledgement, and nobody else. */
function apart(message: FakeMessage): FakeMessage & { aside: number } {
  const result = Object.assign(message, { aside: 0, standAside: () => void result.aside++ });
  return result;
}

test('where that holds back only its sender, a refusal takes its time, and neighbours are taken meanwhile (R28)', async () => {
  const { receive, link, log, clock } = await anIngress({ settings });
  const messages = several(4).map(apart);
  await receive(...messages, create('C2', 'n1'));
  assert.equal(log.records().at(-1)?.payload.requestIdentifier, 'n1');
  assert.deepEqual([link.published.length, messages[3]?.acknowledged], [0, 0]);
  assert.deepEqual(
    messages.map(({ aside }) => aside),
    [0, 0, 0, 1],
    'it does not take the room of others',
  );
  await clock.advance(refusalPeriod);
  assert.deepEqual([link.published[0]?.payload.rqi, messages[3]?.acknowledged], ['C13', 1]);
});

test('refusals that take their time are spread over it, within bounds; the end of the process waits for none', async () => {
  const { receive, link, clock, ingress, acknowledgeAppends } = await anIngress({ settings });
  await receive(...several(3 + mostSlow + 2).map(apart));
  const counts = [link.published.length];
  for (let period = 0; period < 2; period++) {
    await clock.advance(refusalPeriod);
    counts.push(link.published.length);
  }
  assert.deepEqual(counts, [2, 2 + refusalsPerPeriod, 2 + 2 * refusalsPerPeriod]);
  const drained = ingress.drain();
  await acknowledgeAppends();
  await drained;
  assert.equal(link.published.length, mostSlow + 2);
});

test('sharing a rate leaves what may come at once: a burst is not refused for being above the rate', async () => {
  const terms = { settings: { originatorRate: 10, originatorBurst: 50 }, parts: { rates: createMemoryRateLimiter() } };
  const { receive, clock, link } = await anIngress(terms);
  await receive(...several(30));
  await clock.advance(250);
  await receive(create('C1', 'within the burst'));
  assert.equal(link.published.length, 0);
});
