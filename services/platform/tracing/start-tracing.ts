/** Tracing of a process, as the standard settings of OpenTelemetry say (`settings-tracing.ts`). */
import type { Log } from '../logging.ts';
import type { TracingSettings } from '../settings-tracing.ts';
import { createTraceSource, isSampled } from '../trace-context.ts';
import { createFailureAllowance } from './failure-allowance.ts';
import type { SpanRecorder } from './span-recorder.ts';
import { createUntraced, type LogSystem, type Tracing } from './tracing.ts';

export interface TracingOptions {
  /** `ingress`, `resource-worker`, `responder`, `embedded`: in traces `in-cse-ingress` …, unless OTEL_SERVICE_NAME says otherwise. */
  service: string;
  /** Tells the processes of a service apart. */
  instance: string;
  /** Of the product. */
  version: string;
  settings: TracingSettings;
  logSystem: LogSystem;
  /** The clock of the flows. */
  clock: { now(): number; monotonic(): number };
  log: Log;
}

/** The wall clock may be set while we run; beyond this difference, ms, the monotonic one is laid on it anew. */
const drift = 20;

/** What the last export may take of the time to drain, ms: what does not answer then is left. */
export function exportLimit(drainDeadline: number): number {
  return Math.min(5000, drainDeadline / 5);
}

/** The SDK is loaded only where something is to be exported: else tracing costs nothing, not even its start. */
export async function startTracing(options: TracingOptions): Promise<Tracing> {
  const { settings, log } = options;
  for (const problem of settings.problems) log.warn({}, `tracing: ${problem}`);
  if (settings.exporters.length === 0) return createUntraced();
  const [{ createSpanProcessors }, { createSpanRecorder }, { resourceOf }] = await Promise.all([
    import('./exporters.ts'),
    import('./span-recorder.ts'),
    import('./resource.ts'),
  ]);
  const recorder = createSpanRecorder(resourceOf(options), createSpanProcessors(settings, log));
  log.info({ exporters: settings.exporters, share: settings.share }, 'tracing');
  return createTracing({ ...options, share: settings.share, recorder });
}

export interface TracingParts {
  share: number;
  recorder: SpanRecorder;
  logSystem: LogSystem;
  clock: TracingOptions['clock'];
  log: Log;
}

/** Tracing with a recorder of its own, as tests have it. */
export function createTracing({ share, recorder, logSystem, clock, log }: TracingParts): Tracing {
  const source = createTraceSource(share);
  const recordsFailure = createFailureAllowance(() => clock.monotonic());
  let offset = clock.now() - clock.monotonic();
  return {
    isOn: true,
    logSystem,
    begin: () => source.begin(),
    records: isSampled,
    recordsFailure,
    record: (span) => recorder.record(span),
    wallTime(monotonic) {
      const current = clock.now() - clock.monotonic();
      if (Math.abs(current - offset) > drift) offset = current;
      return monotonic + offset;
    },
    async stop(limit) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(() => {
          log.warn({ limit }, 'the last spans were not exported in time; they are lost');
          resolve();
        }, limit);
      });
      const shutdown = recorder.shutdown().catch((error: unknown) => {
        log.warn({ error }, 'the last spans could not be exported');
      });
      await Promise.race([shutdown, late]);
      clearTimeout(timer);
    },
  };
}
