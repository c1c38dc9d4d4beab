/** A collector of the test's own: takes spans by OTLP over HTTP (OTLP 1.x: POST /v1/traces) and lets a test read them. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

export interface OtlpSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string | undefined;
  name: string;
  service: string;
  /** Microseconds since 1970. */
  start: number;
  attributes: Record<string, unknown>;
  links: { traceId: string; spanId: string }[];
}

export interface Delivery {
  method: string;
  path: string;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

interface WireValue {
  stringValue?: string;
  intValue?: number | string;
  boolValue?: boolean;
}
type WireAttributes = { key: string; value: WireValue }[];
interface WireSpan extends Omit<OtlpSpan, 'attributes' | 'service' | 'start'> {
  attributes?: WireAttributes;
  startTimeUnixNano: string;
}
interface WireTraces {
  resourceSpans: { resource: { attributes: WireAttributes }; scopeSpans: { spans: WireSpan[] }[] }[];
}

export async function startCollector() {
  const deliveries: Delivery[] = [];
  /** What it answers; 0: never. */
  const answer = { status: 200 };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url: path = '', headers } = request;
      deliveries.push({ method, path, headers, body: Buffer.concat(chunks) });
      if (answer.status > 0) response.writeHead(answer.status, { 'Content-Type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const spans = (): OtlpSpan[] => deliveries.flatMap(({ body }) => readSpans(body));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    deliveries,
    answer,
    spans,
    /** The spans that came, as soon as they are as wanted. */
    async until(wanted: (spans: OtlpSpan[]) => boolean): Promise<OtlpSpan[]> {
      for (let tries = 0; tries < 150; tries++) {
        const all = spans();
        if (wanted(all)) return all;
        await pause(100);
      }
      throw new Error(`not the spans that were wanted: ${spans().map(({ name }) => name)}`);
    },
    async stop(): Promise<void> {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** Of a body as http/json has it. */
function readSpans(body: Buffer): OtlpSpan[] {
  const { resourceSpans } = JSON.parse(body.toString('utf8')) as WireTraces;
  return resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(readAttributes(resource.attributes)['service.name']);
    return scopeSpans.flatMap(({ spans }) =>
      spans.map(({ attributes = [], startTimeUnixNano, links = [], ...span }) => ({
        ...span,
        service,
        start: Number(BigInt(startTimeUnixNano) / 1000n),
        attributes: readAttributes(attributes),
        links,
      })),
    );
  });
}

function readAttributes(attributes: WireAttributes): Record<string, unknown> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue ?? value.boolValue]),
  );
}
