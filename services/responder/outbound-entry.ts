/** One record of the outbound log on its way to its receiver. */
import { decodeRecord, type OutboundHead, outboundKinds } from '../contracts/records.ts';
import type { LogRecord } from '../ports/request-log.ts';
import type { Lane } from './lane.ts';

/** A record as fetched; done when its receiver's broker has it, or when somebody else was told that it will not get it. */
export interface Fetched {
  readonly lane: Lane;
  readonly record: LogRecord;
  /** Offset behind it and behind what follows it in the same fetch without being a record. */
  readonly end: number;
  done: boolean;
  /** Of its publication, where it is recorded; `began`: ms since 1970. */
  span?: { traceparent: string; began: number };
}

/** The same once its head is read. */
export interface OutboundEntry extends Fetched {
  readonly head: OutboundHead;
  /** The primitive in its JSON wire form. */
  readonly json: Buffer;
}

/** An entry that can be published. */
export interface Letter {
  readonly entry: OutboundEntry;
  readonly payload: Uint8Array | string;
}

/** Reads the head. Throws UnreadableRecord. */
export function readEntry(fetched: Fetched): OutboundEntry {
  const { head, payload } = decodeRecord<OutboundHead>(fetched.record.value, outboundKinds);
  return Object.assign(fetched, { head, json: payload });
}
