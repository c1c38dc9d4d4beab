/**
 * What the standard variables of OpenTelemetry (`OTEL_*`) say about tracing. A wrong one never keeps a process from starting:
 * it is a problem to be logged, and what it was about stays at its default, or off.
 *
 * Read by the exporters and the SDK themselves: OTEL_EXPORTER_OTLP_[TRACES_]ENDPOINT, _HEADERS, _TIMEOUT, _COMPRESSION and
 * _CERTIFICATE, _CLIENT_CERTIFICATE, _CLIENT_KEY, OTEL_EXPORTER_ZIPKIN_ENDPOINT, OTEL_RESOURCE_ATTRIBUTES, OTEL_SERVICE_NAME.
 * Read here: all others.
 */

export const exporterNames = ['otlp', 'zipkin', 'console'] as const;
export type ExporterName = (typeof exporterNames)[number];

export const otlpProtocols = ['http/protobuf', 'http/json'] as const;
export type OtlpProtocol = (typeof otlpProtocols)[number];

export interface TracingSettings {
  /** Where finished spans go; none: tracing is off. */
  exporters: readonly ExporterName[];
  protocol: OtlpProtocol;
  /** Share of the traces that are sampled from their beginning, 0 … 1. */
  share: number;
  batches: SpanBatches;
  problems: readonly string[];
}

/** OTEL_BSP_*; ms and spans. */
export interface SpanBatches {
  scheduleDelay: number;
  exportTimeout: number;
  queueSize: number;
  exportSize: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const defaultProtocol: OtlpProtocol = 'http/protobuf';

/** `environment`: that of the process unless given. */
export function readTracingSettings(environment: Environment = process.env): TracingSettings {
  const problems: string[] = [];
  const said = (name: string): string | undefined => {
    const value = environment[name]?.trim();
    return value === '' ? undefined : value;
  };
  const number = (name: string, fallback: number): number => {
    const value = said(name);
    if (value === undefined) return fallback;
    if (/^\d+$/.test(value)) return Number(value);
    problems.push(`${name} is "${value}": expected a whole number; taking ${fallback}`);
    return fallback;
  };
  const exporters = said('OTEL_SDK_DISABLED')?.toLowerCase() === 'true' ? [] : exportersOf(said, problems);
  const protocol = exporters.includes('otlp') ? protocolOf(said, problems) : defaultProtocol;
  const queueSize = number('OTEL_BSP_MAX_QUEUE_SIZE', 2048);
  return {
    // Rather no spans than spans on a way that nobody meant.
    exporters: protocol === undefined ? exporters.filter((name) => name !== 'otlp') : exporters,
    protocol: protocol ?? defaultProtocol,
    share: shareOf(said, problems),
    batches: {
      scheduleDelay: number('OTEL_BSP_SCHEDULE_DELAY', 5000),
      exportTimeout: number('OTEL_BSP_EXPORT_TIMEOUT', 30_000),
      queueSize,
      exportSize: Math.min(queueSize, number('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512)),
    },
    problems,
  };
}

type Said = (name: string) => string | undefined;

/** The standard's default is `otlp` to this machine; ours is off until somebody names an exporter or an endpoint. */
function exportersOf(said: Said, problems: string[]): ExporterName[] {
  const named = said('OTEL_TRACES_EXPORTER');
  if (named === undefined) {
    if (said('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') ?? said('OTEL_EXPORTER_OTLP_ENDPOINT')) return ['otlp'];
    return said('OTEL_EXPORTER_ZIPKIN_ENDPOINT') === undefined ? [] : ['zipkin'];
  }
  const names = [...new Set(named.split(',').map((name) => name.trim()))].filter((name) => name !== 'none');
  return names.filter((name): name is ExporterName => {
    if ((exporterNames as readonly string[]).includes(name)) return true;
    problems.push(`OTEL_TRACES_EXPORTER names "${name}": there are ${exporterNames.join(', ')} and none`);
    return false;
  });
}

function protocolOf(said: Said, problems: string[]): OtlpProtocol | undefined {
  const [name, value] = ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'OTEL_EXPORTER_OTLP_PROTOCOL']
    .map((variable) => [variable, said(variable)] as const)
    .find(([, each]) => each !== undefined) ?? ['', defaultProtocol];
  if ((otlpProtocols as readonly string[]).includes(value ?? '')) return value as OtlpProtocol;
  problems.push(`${name} is "${value}": traces go out by ${otlpProtocols.join(' or ')} only (port 4318, not 4317)`);
  return undefined;
}

/** The decision falls once, at ingress, and nothing comes with a parent: the parent-based samplers are the plain ones. */
function shareOf(said: Said, problems: string[]): number {
  const sampler = said('OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on';
  switch (sampler.replace('parentbased_', '')) {
    case 'always_on':
      return 1;
    case 'always_off':
      return 0;
    case 'traceidratio': {
      const argument = said('OTEL_TRACES_SAMPLER_ARG') ?? '1';
      const share = Number(argument);
      if (share >= 0 && share <= 1) return share;
      problems.push(`OTEL_TRACES_SAMPLER_ARG is "${argument}": expected a share from 0 to 1; sampling everything`);
      return 1;
    }
    default:
      problems.push(
        `OTEL_TRACES_SAMPLER is "${sampler}": there are always_on, always_off, traceidratio and the same with ` +
          'parentbased_; sampling everything',
      );
      return 1;
  }
}
