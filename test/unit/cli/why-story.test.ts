/** What `in-cse why` makes of what it finds (issue 4 §4); that it finds it is in test/system/why.test.ts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Evidence, lettersOf, readAnswer, readRequest } from '../../../services/cli/why/evidence.ts';
import { type Question, type Wanted, wantedBy } from '../../../services/cli/why/question.ts';
import { type Story, storiesOf } from '../../../services/cli/why/story.ts';
import { storyJson } from '../../../services/cli/why/story-json.ts';
import { printable, storyText } from '../../../services/cli/why/story-text.ts';
import { canonicalText, encodeResponse } from '../../../services/codecs/json.ts';
import { encodeRecord, type OutboundHead, type RequestHead } from '../../../services/contracts/records.ts';
import type { RequestPrimitive } from '../../../services/core/primitives.ts';
import { cseDescription } from '../core-operations/world.ts';

const at = Date.UTC(2025, 2, 1, 10, 15);
const cse = cseDescription();
const key = 'AAAAAAAAAAAAAAAAAAAAAA';
const question: Question = { requestIdentifier: 'q"1', since: 0, limit: 10 };
const wanted = wantedBy(question, [cse]);

function requestFrame(changes: Partial<RequestHead> = {}, parameters: Partial<RequestPrimitive> = {}): Buffer {
  const reply = { broker: 'default', topic: '/oneM2M/resp/CBob/id-in/json', serialization: 'json' as const };
  const head: RequestHead = {
    v: 1,
    cse: 1,
    kind: 'request',
    shard: 5,
    originator: '/id-in/CBob',
    topicLevel: 'CBob',
    reply,
    key,
    ...changes,
  };
  const request: RequestPrimitive = {
    operation: 1,
    to: 'cse-in/ae1',
    requestIdentifier: 'q"1',
    resourceType: 4,
    content: { 'm2m:cin': { con: 'secret' } },
    ...parameters,
  };
  return encodeRecord(head, canonicalText(request));
}

function answerFrame(changes: Partial<OutboundHead> = {}, code = 4103): Buffer {
  const head: OutboundHead = {
    v: 1,
    cse: 1,
    kind: 'response',
    receiver: '/id-in/CBob',
    broker: 'default',
    topic: '/oneM2M/resp/CBob/id-in/json',
    serialization: 'json',
    requestIdentifier: 'q"1',
    requestedAt: at,
    ...changes,
  };
  const content = { 'm2m:dbg': 'No.' };
  return encodeRecord(head, encodeResponse({ responseStatusCode: code, requestIdentifier: 'q"1', content }));
}

function found(frame: Buffer, offset: number, appendedAt: number, by: Wanted = wanted) {
  const request = readRequest(by, frame, { in: 'requests', partition: 2, offset }, appendedAt);
  assert.ok(request);
  return request;
}

function answered(frame: Buffer, place: Parameters<typeof readAnswer>[2], appendedAt?: number) {
  const answer = readAnswer(wanted, frame, place, appendedAt);
  assert.ok(answer);
  return answer;
}

function tell(evidence: Partial<Evidence>): Story[] {
  const none = { requests: [], answers: [], letters: [], exchanges: [], fences: new Map(), published: undefined };
  return storiesOf({ ...none, journalIsTooLarge: false, ...evidence }, wanted, 10);
}

function text(story: Story | undefined): string {
  assert.ok(story);
  return storyText(story, { showContent: false });
}

function fence(next: number): Evidence['fences'] {
  const rest = { version: 1, batch: '', emitted: 0, logTime: 0, lastTimestamp: 0 };
  return new Map([[2, { next, ...rest }]]);
}

test('only what was asked about is found, whatever else the bytes are in', () => {
  const place = { in: 'requests', partition: 0, offset: 0 } as const;
  assert.equal(readRequest(wanted, requestFrame({}, { requestIdentifier: 'other', to: 'q"1' }), place, at), undefined);
  assert.equal(readRequest(wanted, requestFrame({ cse: 2 }), place, at), undefined);
  assert.equal(readRequest(wanted, Buffer.from('no frame'), place, at), undefined);
  assert.equal(readAnswer(wanted, answerFrame({ kind: 'request' }), place, at), undefined);
  const byName = wantedBy({ ...question, originator: 'CAnn' }, [cse]);
  assert.equal(readRequest(byName, requestFrame(), place, at), undefined);
  for (const originator of ['CBob', '/id-in/CBob', '//sp.example/id-in/CBob', 'id-in:CBob']) {
    found(requestFrame(), 0, at, wantedBy({ originator, since: 0, limit: 1 }, [cse]));
  }
  assert.throws(() => wantedBy({ ...question, cseId: '/no' }, [cse]), /There is no CSE \/no .* has \/id-in/);
});

test('a request, its hand-ons, and its answer in journal and log are one story (R6, R25)', () => {
  const [story, ...others] = tell({
    requests: [found(requestFrame({ hops: 1, firstAppended: at }), 9, at + 3), found(requestFrame(), 7, at)],
    answers: [
      answered(answerFrame(), { in: 'journal', partition: 2, version: 4 }),
      answered(answerFrame(), { in: 'outbound', partition: 1, offset: 3 }, at + 12),
    ],
    published: new Map([[1, 3]]),
  });
  assert.equal(others.length, 0);
  const said = text(story);
  assert.match(said, /^2025-03-01T10:15:00.000Z {2}create contentInstance \(4\) below cse-in\/ae1\n/);
  assert.match(said, /came +from broker default.*offset 7\n +handed on requests log, partition 2, offset 9/);
  assert.match(said, /answered +4103 ORIGINATOR_HAS_NO_PRIVILEGE, 12 ms later: .*\n +"No\."\n/);
  assert.match(said, /journal, partition 2, version 4; outbound log, partition 1, offset 3; not yet brought to/);
  assert.ok(!said.includes('secret'));
  assert.ok(story);
  assert.ok(storyText(story, { showContent: true }).includes('secret'));
  assert.ok(!storyJson(story, { showContent: false }).includes('secret'));
  assert.equal(JSON.parse(storyJson(story, { showContent: true })).request.content['m2m:cin'].con, 'secret');
});

test('without an answer it says why there is none', () => {
  const requests = [found(requestFrame(), 7, at)];
  const exchange = {
    cse: 1,
    shard: 5,
    id: 'x',
    purpose: 'verification' as const,
    key,
    originator: '/id-in/CBob',
    requestIdentifier: 'q"1',
    record: Buffer.alloc(0),
    receivedAt: at,
    deadline: at + 5000,
    questions: [],
  };
  const line = (evidence: Partial<Evidence>) => /answer {4}(.*)/.exec(text(tell({ requests, ...evidence })[0]))?.[1];
  assert.equal(line({ fences: fence(7) }), 'none yet: it waits in the log, next');
  assert.equal(line({ fences: fence(3) }), 'none yet: it waits in the log, 4 records before it');
  assert.equal(line({ fences: new Map() }), 'none yet: it waits in the log, 7 records before it');
  assert.match(line({ fences: fence(8), exchanges: [exchange] }) ?? '', /others must answer first, until .*:05\.000Z/);
  assert.match(line({ fences: fence(8) }) ?? '', /^processed, but its answer is in neither/);
  const silent = [found(requestFrame({}, { responseType: { value: 5 } }), 7, at)];
  assert.match(line({ requests: silent, fences: fence(8) }) ?? '', /wants none \(rt 5\)/);
});

test('a repeat within the window says what it repeats; a read is executed anew (R16)', () => {
  const repeats = (parameters: Partial<RequestPrimitive>, after: number) =>
    tell({
      requests: [found(requestFrame({}, parameters), 7, at), found(requestFrame({}, parameters), 8, at + after)],
    }).map((story) => story.repeats);
  assert.deepEqual(repeats({}, 1000), [at, undefined]);
  assert.deepEqual(repeats({}, cse.duplicateWindow + 1), [undefined, undefined]);
  assert.deepEqual(repeats({ operation: 2 }, 1000), [undefined, undefined]);
});

test('a dead letter stands with its request, by where it came from (R12, R26)', () => {
  const letter = (offset: number, requestIdentifier?: string) => ({
    number: 3,
    head: {
      v: 1 as const,
      cse: 1,
      kind: 'dead-letter' as const,
      step: 'resource-worker/decide',
      reason: 'broken\u001b[31m',
      from: { log: 'requests' as const, partition: 2, offset },
      at,
      ...(requestIdentifier === undefined ? {} : { requestIdentifier }),
    },
    record: requestFrame(),
  });
  assert.equal(lettersOf([letter(7), letter(8, 'q"1')], wanted, 0).length, 2);
  assert.equal(lettersOf([letter(7)], wanted, at + 1).length, 0);
  const requests = [found(requestFrame(), 7, at)];
  const said = text(tell({ requests, letters: [letter(7), letter(8)], fences: fence(9) })[0]);
  assert.match(said, /answer +none found; it is among the dead letters/);
  assert.match(
    said,
    /put aside dead letter 3, .* by resource-worker\/decide from the requests log, partition 2, offset 7/,
  );
  assert.ok(said.includes('broken\\u{1b}[31m') && !said.includes('\u001b'));
  assert.ok(!said.includes('offset 8'));
});

test('what devices wrote cannot command the terminal', () => {
  assert.equal(printable('a\n\u0000\u009b\u202eb\u2028ü'), 'a\\u{a}\\u{0}\\u{9b}\\u{202e}b\\u{2028}ü');
});
