/**
 * Hands records to the log, bounded, in order, and reports each when all replicas have it (R28). What is not handed in yet
 * can still be taken back: dropped, if its connection is gone and the broker will send it again (R18), or shed (R29).
 */
import type { Clock } from '../ports/clock.ts';
import { AppendRefused, type LogProducer } from '../ports/request-log.ts';
import type { OutgoingRecord } from './outgoing-record.ts';

export interface SendOptions {
  producer: LogProducer;
  clock: Clock;
  /** Most records handed in and not acknowledged by the log. */
  inFlightLimit: number;
  /** Age of the oldest unacknowledged record, ms, above which what was not handed in is shed. */
  overloadAge: number;
  /** Records are being handed in. */
  sending(records: readonly OutgoingRecord[]): void;
  /** All replicas have the record. */
  appended(record: OutgoingRecord): void;
  /** The log does not take this record, ever. */
  refused(record: OutgoingRecord, reason: AppendRefused): void;
  /** Not handed in, and the broker will deliver it again. */
  abandoned(record: OutgoingRecord): void;
  /** Not handed in because of overload: to be answered and acknowledged. */
  shed(record: OutgoingRecord): void;
  /** The log was closed under a record, which is then neither acknowledged nor answered. */
  failed(reason: unknown): void;
}

export interface SendStep {
  push(records: readonly OutgoingRecord[]): void;
  /** To be called now and then: sheds what waits while nothing moves. */
  tick(): void;
  inFlight(): number;
  waiting(): number;
  /** When everything handed in is acknowledged. */
  close(): Promise<void>;
}

/** Records handed in together, for the age of the oldest. */
interface Flight {
  readonly since: number;
}

export function createSendStep(options: SendOptions): SendStep {
  const { producer, clock, inFlightLimit } = options;
  const flights = new Set<Flight>();
  let waiting: OutgoingRecord[] = [];
  let inFlight = 0;

  function overloaded(): boolean {
    const [oldest] = flights;
    return oldest !== undefined && clock.monotonic() - oldest.since > options.overloadAge;
  }

  function flush(): void {
    if (waiting.length > 0 && overloaded()) shedWaiting();
    while (waiting.length > 0 && inFlight < inFlightLimit) {
      const room = inFlightLimit - inFlight;
      const next = waiting.length <= room ? waiting : waiting.slice(0, room);
      waiting = next === waiting ? [] : waiting.slice(room);
      const records = next.some(isAbandoned) ? withoutAbandoned(next) : next;
      if (records.length > 0) handIn(records);
    }
  }

  function withoutAbandoned(records: OutgoingRecord[]): OutgoingRecord[] {
    return records.filter((record) => {
      if (!isAbandoned(record)) return true;
      options.abandoned(record);
      return false;
    });
  }

  /** What is marked DUP may have been handed to a send by somebody before; an answer of a device cannot be answered. */
  function shedWaiting(): void {
    const kept: OutgoingRecord[] = [];
    const shed: OutgoingRecord[] = [];
    for (const record of withoutAbandoned(waiting)) (isSheddable(record) ? shed : kept).push(record);
    waiting = kept;
    for (const record of shed) options.shed(record);
  }

  function handIn(records: OutgoingRecord[]): void {
    const flight = { since: clock.monotonic() };
    flights.add(flight);
    inFlight += records.length;
    for (const record of records) record.handedIn();
    options.sending(records);
    producer.append(records).then(
      () => {
        for (const record of records) options.appended(record);
        land(flight, records.length);
        flush();
      },
      (reason: unknown) => {
        land(flight, records.length);
        onRejected(records, reason);
        flush();
      },
    );
  }

  /** A record that the log refuses takes its neighbours along: each is then handed in alone. */
  function onRejected(records: OutgoingRecord[], reason: unknown): void {
    if (!(reason instanceof AppendRefused)) options.failed(reason);
    else if (records.length === 1) options.refused(records[0]!, reason);
    else for (const record of records) handIn([record]);
  }

  function land(flight: Flight, records: number): void {
    flights.delete(flight);
    inFlight -= records;
  }

  return {
    push(records) {
      waiting = waiting.length === 0 ? [...records] : waiting.concat(records);
      flush();
    },
    tick: flush,
    inFlight: () => inFlight,
    waiting: () => waiting.length,
    close: () => producer.close(),
  };
}

function isAbandoned(record: OutgoingRecord): boolean {
  return record.arrival.message.abandoned();
}

function isSheddable(record: OutgoingRecord): boolean {
  return record.primitive.kind === 'request' && !record.arrival.message.duplicate;
}
