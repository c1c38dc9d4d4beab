/**
 * What the flows know of tracing. A span is named by its traceparent and handed over when it is finished: nothing is kept for
 * a request that is not sampled, and the SDK sees only what is to be exported.
 */
import { createTraceSource, type TraceSource } from '../trace-context.ts';

/** `consumer`: works on something that was received; `producer`: sends something; `internal`: neither. */
export type SpanKind = 'consumer' | 'producer' | 'internal';

export type LogSystem = 'kafka' | 'memory';

export type SpanAttributes = Record<string, string | number | boolean | undefined>;

export interface FinishedSpan {
  /** The span itself: trace and span ID. */
  traceparent: string;
  /** The span above, of the same trace; undefined for the first of a trace. */
  parent: string | undefined;
  /** Of a small set. */
  name: string;
  kind: SpanKind;
  /** ms since 1970, with fractions: see `wallTime`. */
  began: number;
  ended: number;
  attributes: SpanAttributes;
  /** Spans of other traces that it was for. */
  links?: readonly string[] | undefined;
  /** Present if what it stands for failed: `error.type`, of a small set such as a response status code. */
  error?: string | undefined;
}

export interface Tracing extends TraceSource {
  /** False: nothing is recorded in this process; traceparents are made and passed on all the same. */
  readonly isOn: boolean;
  /** `messaging.system` of the logs between the flows. */
  readonly logSystem: LogSystem;
  /** Whether the spans of the trace of this header are recorded here. Cheap: asked for every request. */
  records(traceparent: string | undefined): traceparent is string;
  /**
   * Whether a failure is recorded although its request was not sampled. Always for the CSE's own (5xxx); those that devices
   * bring about (4xxx) within an allowance, so that a broken device cannot fill the trace store.
   */
  recordsFailure(code: number): boolean;
  record(span: FinishedSpan): void;
  /** A monotonic time of this process's clock as ms since 1970. */
  wallTime(monotonic: number): number;
  /** Exports what is finished, and ends. Resolves after `limit` ms at the latest. */
  stop(limit: number): Promise<void>;
}

/** Nothing is recorded. `source` makes the traceparents of new requests; unsampled ones unless given. */
export function createUntraced(source: TraceSource = createTraceSource(0)): Tracing {
  return {
    isOn: false,
    logSystem: 'memory',
    begin: () => source.begin(),
    records: (_traceparent): _traceparent is string => false,
    recordsFailure: () => false,
    record: () => {},
    wallTime: (monotonic) => monotonic,
    stop: async () => {},
  };
}
