/** What waits to be sent, in order, and how much of it fits into one request. */
import type { Append } from '../../ports/request-log.ts';

/** One call of `append`. */
export interface PendingAppend {
  /** Records of it that are still to be acknowledged. */
  unacknowledged: number;
  settled: boolean;
  resolve(): void;
  reject(reason: Error): void;
}

/** A record with the append that it belongs to; KafkaJS takes it as its message. */
export interface Entry {
  partition: number;
  value: Buffer;
  append: PendingAppend;
  renewed: Append['renewed'];
  /** Went out at least once, whatever became of it. */
  attempted: boolean;
}

export interface FlightLimits {
  /** Bytes of one request. */
  requestBytes: number;
  /** Bytes of one partition in a request: they become one record batch, which `max.message.bytes` limits as a whole. */
  batchBytes: number;
  /** Records of one request: KafkaJS groups them by partition in quadratic time. */
  requestRecords: number;
}

/** Most that the frame of a record adds to its value in a record batch. */
export const recordOverhead = 32;
/** Header of a record batch. */
export const batchOverhead = 128;

export class EntryQueue {
  readonly #limits: FlightLimits;
  #entries: Entry[] = [];
  #head = 0;
  /** Handed in and neither acknowledged nor refused. */
  records = 0;
  bytes = 0;

  constructor(limits: FlightLimits) {
    this.#limits = limits;
  }

  add(records: Append[], append: PendingAppend): void {
    for (const { partition, value, renewed } of records) {
      this.#entries.push({ partition, value, append, renewed, attempted: false });
      this.bytes += value.length;
    }
    this.records += records.length;
  }

  /** The next flight: as many as fit, at least one, nothing overtaken. */
  take(): Entry[] {
    const { requestBytes, batchBytes, requestRecords } = this.#limits;
    const perPartition = new Map<number, number>();
    let bytes = 0;
    let end = this.#head;
    for (; end < this.#entries.length && end - this.#head < requestRecords; end++) {
      const { partition, value } = this.#entries[end] as Entry;
      const size = value.length + recordOverhead;
      const ofPartition = (perPartition.get(partition) ?? batchOverhead) + size;
      bytes += size;
      if (end > this.#head && (bytes > requestBytes || ofPartition > batchBytes)) break;
      perPartition.set(partition, ofPartition);
    }
    const flight = this.#entries.slice(this.#head, end);
    this.#head = end;
    if (this.#head === this.#entries.length || this.#head > 4096) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    return flight;
  }

  /** Before every attempt: what goes out again may have to say so in its bytes (R17). */
  attempt(flight: Entry[]): void {
    for (const entry of flight) {
      if (entry.attempted && entry.renewed !== undefined) {
        this.bytes -= entry.value.length;
        entry.value = entry.renewed();
        this.bytes += entry.value.length;
      }
      entry.attempted = true;
    }
  }

  acknowledge(flight: Entry[]): void {
    this.#release(flight);
    for (const { append } of flight) {
      if (--append.unacknowledged === 0 && !append.settled) {
        append.settled = true;
        append.resolve();
      }
    }
  }

  refuse(flight: Entry[], reason: Error): void {
    this.#release(flight);
    for (const { append } of flight) fail(append, reason);
  }

  rejectAll(reason: Error): void {
    const rest = this.#entries.slice(this.#head);
    this.#entries = [];
    this.#head = 0;
    this.refuse(rest, reason);
  }

  #release(flight: Entry[]): void {
    this.records -= flight.length;
    for (const { value } of flight) this.bytes -= value.length;
  }
}

function fail(append: PendingAppend, reason: Error): void {
  append.unacknowledged--;
  if (append.settled) return;
  append.settled = true;
  append.reject(reason);
}
