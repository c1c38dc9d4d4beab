/** W3C trace context: the header that records carry. A header names a span: its trace, itself, and whether it is sampled. */
import { randomBytes } from 'node:crypto';

export interface TraceContext {
  /** 32 hexadecimal digits. */
  traceId: string;
  /** 16 hexadecimal digits. */
  spanId: string;
  sampled: boolean;
}

const pattern = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const headerLength = 55;
const flagsAt = 53;

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

/** The trace ID of a header, for a line of a log; undefined where there is none. */
export function traceIdOf(header: string | undefined): string | undefined {
  return header?.length === headerLength ? header.slice(3, 35) : undefined;
}

/** Whether the spans of this trace are recorded. Asked for every request: it looks at one character. */
export function isSampled(header: string | undefined): header is string {
  // Headers are ours: the flags are 00 or 01.
  return header !== undefined && header.length === headerLength && header.charCodeAt(headerLength - 1) === 0x31;
}

/** The same span, to be recorded. */
export function asSampled(header: string): string {
  return `${header.slice(0, flagsAt)}01`;
}

/** A new span below that of the header, to be recorded. */
export function childOf(header: string): string {
  // The first half is never zero, so the whole is not; unique within its trace is all that it must be.
  return `${header.slice(0, 36)}${drawnDigits(1)}${drawnDigits(0)}-01`;
}

/** Eight hexadecimal digits, of a number from `least` on. */
function drawnDigits(least: number): string {
  return (least + Math.floor(Math.random() * (2 ** 32 - least))).toString(16).padStart(8, '0');
}

/** Makes new traces; some of them carry the sampled flag. */
export interface TraceSource {
  /** A traceparent that begins a trace: it names the first span. */
  begin(): string;
}

/**
 * `sampledShare` (0 … 1) of the traces are sampled, and which ones is a function of the trace ID: the one of OpenTelemetry's
 * TraceIdRatioBased. The high half of a trace ID is drawn once per process, the low half is a counter put through two
 * bijections: unique, and as evenly spread as samplers behind us expect, without a call of the random generator each time.
 */
export function createTraceSource(sampledShare: number): TraceSource {
  const drawn = randomBytes(20);
  const prefix = `00-${drawn.toString('hex', 0, 8)}`;
  const prefixBits = drawn.readUInt32BE(0) ^ drawn.readUInt32BE(4);
  const [first, second] = [drawn.readUInt32BE(8), drawn.readUInt32BE(12)];
  const below = sampledShare >= 1 ? 2 ** 32 : Math.floor(Math.max(0, sampledShare) * (2 ** 32 - 1));
  let count = drawn.readUInt32BE(16);
  return {
    begin(): string {
      count = (count + 1) >>> 0;
      const high = scatter(count ^ first);
      // Were both seeds the same, one count in 2³² would give a span ID of zeroes.
      const low = scatter(count ^ second ^ 1) | (first === second ? 1 : 0);
      const digits = (high >>> 0).toString(16).padStart(8, '0') + (low >>> 0).toString(16).padStart(8, '0');
      const sampled = (prefixBits ^ high ^ low) >>> 0 < below;
      return `${prefix}${digits}-${digits}-${sampled ? '01' : '00'}`;
    },
  };
}

/** A bijection of 32 bits whose results look drawn (the finalizer of MurmurHash3); 0 stays 0. */
function scatter(value: number): number {
  let bits = value;
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35);
  return bits ^ (bits >>> 16);
}
