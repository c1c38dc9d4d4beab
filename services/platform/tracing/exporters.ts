/** Where finished spans go: what the settings name, with its failures in our log. */
import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import { OTLPTraceExporter as OtlpJsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as OtlpProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { ZipkinExporter } from '@opentelemetry/exporter-zipkin';
import {
  BatchSpanProcessor,
  ConsoleSpanExporter,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace';
import type { Log } from '../logging.ts';
import type { ExporterName, TracingSettings } from '../settings-tracing.ts';

/** Failures are logged this often at most, ms. */
const quiet = 60_000;

export function createSpanProcessors(settings: TracingSettings, log: Log): SpanProcessor[] {
  const { scheduleDelay, exportTimeout, queueSize, exportSize } = settings.batches;
  return settings.exporters.map(
    (name) =>
      new BatchSpanProcessor({
        exporter: reportFailures(createExporter(name, settings), name, log),
        scheduledDelayMillis: scheduleDelay,
        exportTimeoutMillis: exportTimeout,
        maxQueueSize: queueSize,
        maxExportBatchSize: exportSize,
      }),
  );
}

/** Endpoints, headers, time limits and certificates the exporters find in the environment themselves. */
function createExporter(name: ExporterName, { protocol }: TracingSettings): SpanExporter {
  switch (name) {
    case 'otlp':
      return protocol === 'http/json' ? new OtlpJsonExporter() : new OtlpProtobufExporter();
    case 'zipkin':
      return new ZipkinExporter();
    case 'console':
      return new ConsoleSpanExporter();
  }
}

/** Spans that could not be exported are lost, and nothing else is: a line says so now and then. */
function reportFailures(exporter: SpanExporter, name: ExporterName, log: Log): SpanExporter {
  let lost = 0;
  let reportedAt = Number.NEGATIVE_INFINITY;
  const failed = (spans: ReadableSpan[], error: Error | undefined) => {
    lost += spans.length;
    if (performance.now() - reportedAt < quiet) return;
    reportedAt = performance.now();
    log.warn({ exporter: name, lost, error }, 'spans could not be exported');
    lost = 0;
  };
  return {
    export(spans, done) {
      exporter.export(spans, (result: ExportResult) => {
        if (result.code !== ExportResultCode.SUCCESS) failed(spans, result.error);
        // The loss has been reported: to the processor, which would tell a global handler, it is done.
        done({ code: ExportResultCode.SUCCESS });
      });
    },
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
    shutdown: () => exporter.shutdown(),
  };
}
