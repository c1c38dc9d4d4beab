/**
 * A partitioned, durable, ordered log (Kafka, or memory). Requests, outbound records and dead letters are three of them.
 */

export interface LogRecord {
  offset: number;
  /** Append time as the log has it, ms since 1970. */
  appendedAt: number;
  value: Buffer;
}

/** What one fetch brought for one partition. */
export interface FetchedBatch {
  partition: number;
  /** First offset that the fetch covered: not that of the first record, since offsets have gaps (R4). */
  fetchedOffset: number;
  /** Offset where the next fetch begins. */
  nextOffset: number;
  records: LogRecord[];
}

export interface Append {
  partition: number;
  value: Buffer;
  /**
   * Gives the bytes to send when an attempt is repeated: a late one must say since when (R17). The same unless given. Called
   * as a function, without the record as its `this`.
   */
  renewed?: () => Buffer;
}

/** The log refused a record for good (too large, no such partition). Everything else is retried inside until it succeeds. */
export class AppendRefused extends Error {
  override name = 'AppendRefused';
}

export interface LogProducer {
  /**
   * Appends in order. Resolves when all replicas that must have these records have them (acks=all). One request is out at a
   * time, its retries included; what is appended meanwhile goes with the next one, so records of one partition are never
   * reordered, and a record may stand in the log twice but is never missing. Retries for ever; rejects only with
   * AppendRefused, or when closed.
   */
  append(records: Append[]): Promise<void>;
  /** Bytes and records handed in and not yet acknowledged. */
  pending(): { records: number; bytes: number };
  /** Resolves when everything handed in is acknowledged and the connection is closed. */
  close(): Promise<void>;
}

/** Called by a consumer. None may throw; onBatch must not wait (R7). */
export interface LogConsumerHandlers {
  /**
   * These partitions are ours now; none if the group has enough members without us. Nothing is fetched from them before
   * `begin` says where.
   */
  assigned(partitions: number[]): void;
  /** These are no longer ours; batches of them that still come are to be ignored. */
  revoked(partitions: number[]): void;
  batch(batch: FetchedBatch): void;
  /** The consumer cannot go on (lost its group for good); the process must end. */
  failed(reason: Error): void;
}

export interface LogConsumer {
  start(handlers: LogConsumerHandlers): Promise<void>;
  /** Begins, or begins anew, to fetch a partition at this offset. Batches fetched before may still come and must be checked (R4). */
  begin(partition: number, offset: number): void;
  pause(partition: number): void;
  resume(partition: number): void;
  /** First offset that the log still has, and the offset behind its last record. */
  bounds(partition: number): Promise<{ start: number; end: number }>;
  /** Tells lag monitors, and the in-process log's appenders, that everything before `offset` is done. Never waited for. */
  done(partition: number, offset: number): void;
  /** Leaves the group; no handler is called afterwards. */
  stop(): Promise<void>;
}

/** One log. `name` is the topic. */
export interface RequestLog {
  readonly name: string;
  readonly partitions: number;
  producer(): Promise<LogProducer>;
  /** A member of a consumer group. With `fromCommitted` the log itself says where to begin (responder); else `begin` must. */
  consumer(options: { group: string; fromCommitted?: boolean }): Promise<LogConsumer>;
  close(): Promise<void>;
}
