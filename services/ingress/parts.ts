/** What ingress is made of: given by `main.ts`, by the embedded composition, and by tests. */
import type { CseDescription } from '../core/cse.ts';
import type { Failpoint } from '../platform/failpoints.ts';
import type { Log } from '../platform/logging.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Tracing } from '../platform/tracing/tracing.ts';
import type { Clock } from '../ports/clock.ts';
import type { DeviceLink } from '../ports/device-link.ts';
import type { RateLimiter } from '../ports/rate-limiter.ts';
import type { RequestLog } from '../ports/request-log.ts';
import type { ResourceCache } from '../ports/resource-cache.ts';
import type { IngressCodec } from './codec.ts';

export interface IngressParts {
  links: readonly DeviceLink[];
  requests: RequestLog;
  /** Homes of AE-IDs; without it they are guessed. */
  cache: ResourceCache | undefined;
  /** Shares what was let in with other ingress processes; alone without it. */
  rates?: RateLimiter | undefined;
  codec: IngressCodec;
  /** The CSEs hosted now; asked again every `cseRefresh`. */
  cses(): Promise<readonly CseDescription[]>;
  clock: Clock;
  tracing: Tracing;
  metrics: Metrics;
  log: Log;
  failpoint: Failpoint;
  /** A defect: messages are stuck, and come again when the process has ended. */
  failed(reason: Error): void;
  settings: IngressFlowSettings;
}

/** Times in ms. */
export interface IngressFlowSettings {
  /** Share group of the subscriptions. */
  shareGroup: string;
  /** Levels in front of the standard topics, e.g. `abc/def`; empty for none. */
  topicPrefix: string;
  /** Most messages unacknowledged, over all connections of a link. */
  maximumUnacknowledged: number;
  /** Most records handed to the log and not acknowledged. */
  inFlightLimit: number;
  /** Age of the oldest record not acknowledged by the log above which new requests are answered 5000 (R29). */
  overloadAge: number;
  /** Largest payload, bytes; what is larger is answered 4000 unread (decisions "Size"). */
  payloadBytes: number;
  /** Largest record, bytes; what is larger is answered 4000. */
  recordBytes: number;
  decodeBatch: number;
  codecThreads: number;
  cseRefresh: number;
  /** AE-IDs whose home is remembered, and for how long. */
  homesKept: number;
  homeLifetime: number;
  /** Most requests a second of an originator, at once from what it did not use, and under way; 0: no bound. */
  originatorRate: number;
  originatorBurst: number;
  originatorInFlight: number;
  /** Most answers a second of a device; 0: no bound. */
  answerRate: number;
  /** Most requests under way of a CSE; 0: no bound. */
  cseInFlight: number;
  /** Originators whose budgets are remembered. */
  originatorsKept: number;
}
