/** What Zipkin shows (its API, /api/v2/traces). */
import { setTimeout as pause } from 'node:timers/promises';

export interface ZipkinSpan {
  id: string;
  parentId?: string | undefined;
  name: string;
  /** Microseconds since 1970. */
  timestamp: number;
  localEndpoint: { serviceName: string };
  tags: Record<string, string>;
}

/** The traces with a span that names this request. */
export async function tracesIn(zipkin: string, rqi: string): Promise<ZipkinSpan[][]> {
  const query = new URLSearchParams({ annotationQuery: `onem2m.request_identifier=${rqi}`, limit: '10' });
  const response = await fetch(`${zipkin}/api/v2/traces?${query}`);
  if (!response.ok) throw new Error(`Zipkin answers ${response.status}`);
  return (await response.json()) as ZipkinSpan[][];
}

/** The one trace of a request, as soon as it has so many spans. */
export async function waitForTrace(zipkin: string, rqi: string, spans: number): Promise<ZipkinSpan[]> {
  let traces: ZipkinSpan[][] = [];
  for (let tries = 0; tries < 150; tries++) {
    traces = await tracesIn(zipkin, rqi);
    if (traces.length === 1 && (traces[0]?.length ?? 0) >= spans) return traces[0] ?? [];
    await pause(100);
  }
  throw new Error(`no single trace of ${spans} spans for ${rqi}, but ${JSON.stringify(traces.map(shapeOf))}`);
}

/** `service: name` of every span, below its parent; children by name. */
export function shapeOf(spans: readonly ZipkinSpan[]): string[] {
  const below = (parentId: string | undefined, depth: number): string[] =>
    spans
      .filter((span) => span.parentId === parentId)
      .map((span) => ({ span, line: `${'  '.repeat(depth)}${span.localEndpoint.serviceName}: ${span.name}` }))
      .sort((a, b) => (a.line < b.line ? -1 : 1))
      .flatMap(({ span, line }) => [line, ...below(span.id, depth + 1)]);
  return below(undefined, 0);
}
