/** What was found of the requests that were asked about, as it stands in logs, journal and dead letters. */
import { decodeResponse, readCanonical } from '../../codecs/json.ts';
import { decodeRecord, type OutboundHead, outboundKinds, type RequestHead } from '../../contracts/records.ts';
import type { RequestPrimitive } from '../../core/primitives.ts';
import type { Exchange, Fence, JournalHit, ResourceStore } from '../../ports/resource-store.ts';
import { SqlError } from '../../ports/sql-database.ts';
import { TargetLog, unpackEmissions } from '../../resource-worker/partition/journal.ts';
import type { DeadLetter } from '../dead-letters/dead-letter.ts';
import { bytesInAnswers, isWantedAnswer, isWantedRequest, type Question, type Wanted } from './question.ts';

/** Where a record stands. */
export type Place =
  | { in: 'requests' | 'outbound'; partition: number; offset: number }
  | { in: 'journal'; partition: number; version: number };

export interface FoundRequest {
  head: RequestHead;
  request: RequestPrimitive;
  place: Extract<Place, { offset: number }>;
  /** ms since 1970. */
  appendedAt: number;
}

export interface FoundAnswer {
  head: OutboundHead;
  code: number;
  debug: string | undefined;
  place: Place;
  /** Append time in the outbound log, ms since 1970; unknown from the journal alone. */
  appendedAt: number | undefined;
}

export interface Evidence {
  requests: FoundRequest[];
  answers: FoundAnswer[];
  letters: DeadLetter[];
  /** Waiting requests. */
  exchanges: Exchange[];
  /** There was more than could be searched in the time that a statement may take. */
  journalIsTooLarge: boolean;
  /** By partition of the requests log. */
  fences: ReadonlyMap<number, Fence>;
  /** Offset up to which the responders have brought out each partition of the outbound log; undefined where there is none. */
  published: ReadonlyMap<number, number> | undefined;
}

/** Journal rows to look at: what is asked about is recent and rare. */
const mostRows = 1000;

/** SQLSTATE of a statement that took longer than it may. */
const timedOut = '57014';

/** A record of the requests log, if it is one of the wanted requests. */
export function readRequest(
  wanted: Wanted,
  frame: Buffer,
  place: FoundRequest['place'],
  appendedAt: number,
): FoundRequest | undefined {
  try {
    const { head, payload } = decodeRecord<RequestHead>(frame, ['request']);
    const request = readCanonical(payload);
    return isWantedRequest(wanted, head, request) ? { head, request, place, appendedAt } : undefined;
  } catch {
    // Another kind of record, or one for the dead letters.
    return undefined;
  }
}

/** A record of the outbound log or the journal, if it answers one of the wanted requests. */
export function readAnswer(
  wanted: Wanted,
  frame: Buffer,
  place: Place,
  appendedAt: number | undefined,
): FoundAnswer | undefined {
  try {
    const { head, payload } = decodeRecord<OutboundHead>(frame, outboundKinds);
    if (!isWantedAnswer(wanted, head)) return undefined;
    const { responseStatusCode: code, content } = decodeResponse(payload);
    const debug = content?.['m2m:dbg'];
    return { head, code, debug: debug === undefined ? undefined : String(debug), place, appendedAt };
  } catch {
    return undefined;
  }
}

/** Everything that the database knows. */
export async function readStore(
  store: ResourceStore,
  wanted: Wanted,
  { since }: Question,
): Promise<Pick<Evidence, 'answers' | 'exchanges' | 'fences' | 'journalIsTooLarge'>> {
  const { generation } = await store.deployment();
  const hits = await searchJournal(store, generation, bytesInAnswers(wanted), since);
  const answers = hits?.flatMap((hit) => answersIn(wanted, hit)) ?? [];
  const exchanges = (await store.exchanges(0, 1)).filter(
    ({ cse, originator, requestIdentifier }) =>
      wanted.cses.has(cse) &&
      (wanted.requestIdentifier ?? requestIdentifier) === requestIdentifier &&
      (wanted.originators === undefined || wanted.originators.get(cse) === originator),
  );
  const fences = new Map((await store.fences(generation)).map((fence) => [fence.partition, fence]));
  return { answers, exchanges, fences, journalIsTooLarge: hits === undefined };
}

/** Undefined where it takes too long. */
async function searchJournal(
  store: ResourceStore,
  generation: number,
  wanted: readonly Buffer[],
  since: number,
): Promise<JournalHit[] | undefined> {
  try {
    const found = await Promise.all(wanted.map((bytes) => store.findInJournal(generation, bytes, since, mostRows)));
    return found.flat();
  } catch (error) {
    if (error instanceof SqlError && error.code === timedOut) return undefined;
    throw error;
  }
}

function answersIn(wanted: Wanted, { partition, version, out }: JournalHit): FoundAnswer[] {
  return unpackEmissions(out)
    .filter(({ log }) => log === TargetLog.outbound)
    .map(({ frame }) => readAnswer(wanted, frame, { in: 'journal', partition, version }, undefined))
    .filter((found) => found !== undefined);
}

/** Those that may be of the wanted requests: by name, or by what they hold. */
export function lettersOf(letters: readonly DeadLetter[], wanted: Wanted, since: number): DeadLetter[] {
  return letters.filter(({ head, record, number }) => {
    if (head.at < since) return false;
    if (wanted.requestIdentifier !== undefined && head.requestIdentifier === wanted.requestIdentifier) return true;
    const place = { in: head.from.log, partition: head.from.partition, offset: number };
    return (
      readRequest(wanted, record, place, head.at) !== undefined ||
      readAnswer(wanted, record, place, head.at) !== undefined
    );
  });
}
