/** What the responder is made of: given by `main.ts`, by the embedded composition, and by tests. */
import type { Encoded, WireText } from '../codecs/responder-batch.ts';
import type { Failpoint } from '../platform/failpoints.ts';
import type { Log } from '../platform/logging.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Tracing } from '../platform/tracing/tracing.ts';
import type { Clock } from '../ports/clock.ts';
import type { Publisher } from '../ports/device-link.ts';
import type { RequestLog } from '../ports/request-log.ts';

/** What the responder needs of the codecs; the pool of `codecs/threads` has it. */
export interface ResponderCodec {
  /** One result per primitive, in their order. Never rejects. Not called for JSON, which is published as it is. */
  encode(batch: readonly WireText[]): Promise<Encoded[]>;
}

export interface ResponderParts {
  outbound: RequestLog;
  /** Takes the reports (R26). */
  requests: RequestLog;
  deadLetters: RequestLog;
  codec: ResponderCodec;
  /**
   * Opens a publisher to an own broker (a link's name) or to a foreign one (a URL). Rejects with PublishFailed for a host
   * that is not allowed (R27) or a name that does not exist. The responder closes what it opened.
   */
  publisherFor(broker: string): Promise<Publisher>;
  /** Own brokers to connect to at start. */
  brokers: readonly string[];
  clock: Clock;
  metrics: Metrics;
  tracing: Tracing;
  log: Log;
  failpoint: Failpoint;
  /** The consumer cannot go on: the process must end. */
  failed(reason: Error): void;
  settings: ResponderFlowSettings;
}

/** Times in ms. */
export interface ResponderFlowSettings {
  /** Consumer group. */
  group: string;
  /** Most publishes out, over all brokers. */
  publishesInFlight: number;
  /** Most records of a partition that wait; above it fetching pauses. */
  queuedPerPartition: number;
  encodeBatch: number;
  /** Limit of a publish to a foreign broker, connection included. */
  foreignTimeLimit: number;
  /** A connection to a foreign broker is closed after this long without use. */
  foreignIdle: number;
}
