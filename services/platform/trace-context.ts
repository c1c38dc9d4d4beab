/** W3C trace context: only the header that records carry; tracing itself is another matter. */
import { randomBytes } from 'node:crypto';

export interface TraceContext {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** 16 hexadecimal digits. */
  spanId: string;
  sampled: boolean;
}

const pattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;

/** Reads a traceparent of version 00; anything else, also one of zeroes, is undefined. */
export function parseTraceparent(header: string): TraceContext | undefined {
  const match = pattern.exec(header);
  if (match === null) return undefined;
  const [, traceId = '', spanId = '', flags = ''] = match;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return undefined;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function formatTraceparent(context: TraceContext): string {
  return `00-${context.traceId}-${context.spanId}-${context.sampled ? '01' : '00'}`;
}

/** Makes new traces; `sampledShare` (0 … 1) of them carry the sampled flag. */
export interface TraceSource {
  /** A traceparent that begins a trace. */
  begin(): string;
}

/**
 * The high half of a trace ID is drawn once per process and the low half counts from a random start: unique as the
 * standard asks, without a call of the random generator for every request.
 */
export function createTraceSource(sampledShare: number): TraceSource {
  const prefix = `00-${randomBytes(8).toString('hex')}`;
  const start = randomBytes(8);
  let high = start.readUInt32BE(0);
  let low = start.readUInt32BE(4) | 1;
  return {
    begin(): string {
      low = (low + 2) >>> 0;
      if (low === 1) high = (high + 1) >>> 0;
      const digits = high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0');
      const sampled = sampledShare > 0 && Math.random() < sampledShare;
      return `${prefix}${digits}-${digits}-${sampled ? '01' : '00'}`;
    },
  };
}
