/**
 * Hands finished spans to the processors of the SDK under the IDs that their records carry. The SDK's tracer, which is made for
 * spans that are still open, would parse, clean and copy each several times; what the processors take is made here at once.
 */
import { SpanKind as ApiKind, type Attributes, type HrTime, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { FinishedSpan, SpanAttributes, SpanKind } from './tracing.ts';

/** Links of a batch span: as many as a flight may hold requests of its partitions, within reason. */
const linkLimit = 1024;
/** Of an attribute; a request identifier is what its sender likes. */
const lengthLimit = 256;

const kinds: Record<SpanKind, ApiKind> = {
  consumer: ApiKind.CONSUMER,
  producer: ApiKind.PRODUCER,
  internal: ApiKind.INTERNAL,
};

const unset = { code: SpanStatusCode.UNSET };
const scope = { name: 'in-cse' };

export interface SpanRecorder {
  record(span: FinishedSpan): void;
  /** Exports everything. Rejects if that fails. */
  shutdown(): Promise<void>;
}

/** Everything that comes here has been decided upon already, by the header's flag or by its failure: all of it is sampled. */
export function createSpanRecorder(resource: Resource, processors: readonly SpanProcessor[]): SpanRecorder {
  return {
    record(finished) {
      const span = readableSpan(finished, resource);
      for (const processor of processors) processor.onEnd(span);
    },
    async shutdown() {
      await Promise.all(processors.map((processor) => processor.shutdown()));
    },
  };
}

function readableSpan(finished: FinishedSpan, resource: Resource): ReadableSpan {
  const { name, kind, traceparent, parent, began, ended, attributes, links = [], error } = finished;
  const context = contextOf(traceparent);
  return {
    name,
    kind: kinds[kind],
    spanContext: () => context,
    ...(parent === undefined ? {} : { parentSpanContext: contextOf(parent) }),
    startTime: hrTimeOf(began),
    endTime: hrTimeOf(Math.max(began, ended)),
    duration: hrTimeOf(Math.max(0, ended - began)),
    status: error === undefined ? unset : { code: SpanStatusCode.ERROR, message: error },
    attributes: attributesOf(attributes, error),
    links: links.slice(0, linkLimit).map((linked) => ({ context: contextOf(linked) })),
    events: [],
    ended: true,
    resource,
    instrumentationScope: scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: Math.max(0, links.length - linkLimit),
  };
}

/** Headers are ours, so their parts stand where they stand. */
function contextOf(header: string) {
  return {
    traceId: header.slice(3, 35),
    spanId: header.slice(36, 52),
    traceFlags: TraceFlags.SAMPLED,
    isRemote: true,
  };
}

/** In whole microseconds: Zipkin refuses a time with a fraction, and with it all spans that it came with. */
function hrTimeOf(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.floor((ms - seconds * 1000) * 1000) * 1000];
}

/** Without what is not known: an exporter would write it out as `undefined`. */
function attributesOf(given: SpanAttributes, error: string | undefined): Attributes {
  const attributes: Attributes = {};
  for (const name in given) {
    const value = given[name];
    if (value === undefined) continue;
    attributes[name] = typeof value === 'string' && value.length > lengthLimit ? value.slice(0, lengthLimit) : value;
  }
  if (error !== undefined) attributes['error.type'] = error;
  return attributes;
}
