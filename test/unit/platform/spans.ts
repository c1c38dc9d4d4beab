/** Tracing whose finished spans a test can read, by the SDK's own exporter in memory. */
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace';
import { createSilentLog } from '../../../services/platform/logging.ts';
import { createSpanRecorder } from '../../../services/platform/tracing/span-recorder.ts';
import { createTracing } from '../../../services/platform/tracing/start-tracing.ts';
import type { Tracing } from '../../../services/platform/tracing/tracing.ts';

export interface ReadableTracing {
  tracing: Tracing;
  spans(): ReadableSpan[];
  /** The only span of this name. */
  span(name: string): ReadableSpan;
}

export function aTracing(share: number, clock: { now(): number; monotonic(): number }): ReadableTracing {
  const exporter = new InMemorySpanExporter();
  const recorder = createSpanRecorder(resourceFromAttributes({}), [new SimpleSpanProcessor({ exporter })]);
  const tracing = createTracing({ share, recorder, logSystem: 'kafka', clock, log: createSilentLog() });
  const spans = () => exporter.getFinishedSpans();
  return {
    tracing,
    spans,
    span(name) {
      const found = spans().filter((span) => span.name === name);
      if (found.length !== 1 || found[0] === undefined) {
        throw new Error(`${found.length} spans "${name}" among ${spans().map((each) => each.name)}`);
      }
      return found[0];
    },
  };
}

/** `trace/span < parent` of a span. */
export function placeOf(span: ReadableSpan): { trace: string; id: string; parent: string | undefined } {
  const { traceId, spanId } = span.spanContext();
  return { trace: traceId, id: spanId, parent: span.parentSpanContext?.spanId };
}
