/** Evidence put together: what became of each request, newest first. */
import type { RequestHead } from '../../contracts/records.ts';
import { Operation } from '../../core/primitives.ts';
import type { DeadLetter } from '../dead-letters/dead-letter.ts';
import type { DecidedNow } from './decide-now.ts';
import type { Evidence, FoundAnswer, FoundRequest, Place } from './evidence.ts';
import type { Wanted } from './question.ts';

/** m2m:responseTypeInfo 5 (TS-0004 6.3.4.2.6). */
const noResponse = 5;

export type State =
  | { kind: 'answered' }
  /** In the log behind so many others of its partition. */
  | { kind: 'inLog'; before: number }
  /** Others must answer first (R19), until then at the latest (ms since 1970). */
  | { kind: 'waitsForOthers'; until: number }
  | { kind: 'wantsNoAnswer' }
  | { kind: 'putAside' }
  /** Processed, and no answer is found. */
  | { kind: 'unknown' };

export interface Answer {
  code: number;
  debug: string | undefined;
  /** ms since 1970; unknown from the journal alone. */
  at: number | undefined;
  places: Place[];
  /** Whether the broker has it; undefined where that cannot be told. */
  published: boolean | undefined;
}

export interface Story {
  cse: string;
  originator: string;
  requestIdentifier: string;
  /** When it came, ms since 1970. */
  at: number;
  /** In the order in which it was handed on; empty where only its answer is left. */
  requests: FoundRequest[];
  /** When the request came that this one repeats, ms since 1970. */
  repeats: number | undefined;
  state: State;
  answers: Answer[];
  letters: DeadLetter[];
  now?: DecidedNow;
}

interface Group {
  cse: number;
  originator: string;
  requestIdentifier: string;
  at: number;
  requests: FoundRequest[];
  answers: FoundAnswer[];
}

/** At most `limit`. */
export function storiesOf(evidence: Evidence, wanted: Wanted, limit: number): Story[] {
  const groups = groupsOf(evidence).sort((a, b) => b.at - a.at);
  return groups.slice(0, limit).map((group) => {
    const letters = evidence.letters.filter((letter) => isAbout(letter, group));
    return {
      cse: wanted.cses.get(group.cse)?.id ?? '',
      originator: group.originator,
      requestIdentifier: group.requestIdentifier,
      at: group.at,
      requests: group.requests,
      repeats: repeatedBy(group, groups, wanted.cses.get(group.cse)?.duplicateWindow ?? 0),
      state: stateOf(group, evidence, letters),
      answers: mergedAnswers(group.answers, evidence.published),
      letters,
    };
  });
}

/** Dead letters of which no request or answer was found. */
export function lettersWithout(stories: readonly Story[], { letters }: Evidence): DeadLetter[] {
  return letters.filter((letter) => !stories.some((story) => story.letters.includes(letter)));
}

/** An answer says when its request came, as the log had it. */
function groupsOf({ requests, answers }: Evidence): Group[] {
  const groups = new Map<string, Group>();
  const groupOf = (cse: number, originator: string, requestIdentifier: string, at: number) => {
    const key = JSON.stringify([cse, originator, requestIdentifier, at]);
    const group = groups.get(key) ?? { cse, originator, requestIdentifier, at, requests: [], answers: [] };
    groups.set(key, group);
    return group;
  };
  for (const found of requests) {
    const { head, request, appendedAt } = found;
    const at = head.firstAppended ?? appendedAt;
    groupOf(head.cse, receiverOf(head), request.requestIdentifier, at).requests.push(found);
  }
  for (const found of answers) {
    const { cse, receiver, requestIdentifier, requestedAt } = found.head;
    groupOf(cse, receiver, requestIdentifier, requestedAt ?? found.appendedAt ?? 0).answers.push(found);
  }
  for (const { requests } of groups.values()) requests.sort((a, b) => (a.head.hops ?? 0) - (b.head.hops ?? 0));
  return [...groups.values()];
}

/** As answers are addressed. */
function receiverOf({ originator, topicLevel }: RequestHead): string {
  return originator === '' ? topicLevel : originator;
}

function repeatedBy({ requests, at }: Group, all: readonly Group[], window: number): number | undefined {
  const [request] = requests;
  if (request === undefined || request.request.operation === Operation.retrieve) return undefined;
  const earlier = all.filter(
    (other) => other.at < at && at - other.at <= window && other.requests[0]?.head.key === request.head.key,
  );
  return earlier.length === 0 ? undefined : Math.min(...earlier.map((other) => other.at));
}

function stateOf(group: Group, { fences, exchanges }: Evidence, letters: readonly DeadLetter[]): State {
  if (group.answers.length > 0) return { kind: 'answered' };
  const last = group.requests.at(-1);
  if (last === undefined) return { kind: letters.length > 0 ? 'putAside' : 'unknown' };
  const { partition, offset } = last.place;
  const next = fences.get(partition)?.next ?? 0;
  if (next <= offset) return { kind: 'inLog', before: offset - next };
  const exchange = exchanges.find(({ cse, key }) => cse === group.cse && key === last.head.key);
  if (exchange !== undefined) return { kind: 'waitsForOthers', until: exchange.deadline };
  if (letters.length > 0) return { kind: 'putAside' };
  return { kind: last.request.responseType?.value === noResponse ? 'wantsNoAnswer' : 'unknown' };
}

/** The journal and the log hold the same record. */
function mergedAnswers(found: readonly FoundAnswer[], published: Evidence['published']): Answer[] {
  const answers = new Map<string, Answer>();
  for (const { head, code, debug, place, appendedAt } of found) {
    const key = JSON.stringify([code, debug, head.topic]);
    const answer = answers.get(key) ?? { code, debug, at: undefined, places: [], published: undefined };
    answers.set(key, answer);
    answer.places.push(place);
    if (appendedAt !== undefined) answer.at = Math.min(answer.at ?? appendedAt, appendedAt);
    if (place.in !== 'outbound' || published === undefined) continue;
    const isOut = (published.get(place.partition) ?? 0) > place.offset;
    answer.published = answer.published === true || isOut;
  }
  return [...answers.values()];
}

function isAbout({ head }: DeadLetter, { cse, requests, answers, requestIdentifier }: Group): boolean {
  const { log, partition, offset } = head.from;
  const places = [...requests, ...answers].map(({ place }) => place);
  if (places.some((place) => place.in === log && place.partition === partition && place.offset === offset)) return true;
  // Of an embedded CSE only the name is left.
  return requests.length === 0 && head.cse === cse && head.requestIdentifier === requestIdentifier;
}
