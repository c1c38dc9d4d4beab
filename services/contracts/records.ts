/**
 * The records between processes. Version 1 of each; a field may be added, none changes its meaning (rolling upgrades).
 */
import type { ForeignEvent } from '../core/decision.ts';
import { encodeFrame, splitFrame, UnreadableRecord } from './frame.ts';

export const recordVersion = 1;

/** A serialization that devices speak; the last topic level (TS-0010 6.5.4). */
export type Serialization = 'json' | 'xml';

/** Common to every record. */
interface RecordHead {
  v: typeof recordVersion;
  /** Internal number of the CSE. */
  cse: number;
  /** W3C traceparent, where the request is traced. */
  traceparent?: string;
}

/**
 * Number of a record that one owner sends to another's shard (R5). The receiver keeps the highest seen of each source and
 * drops the rest.
 */
export interface SourceNumber {
  partition: number;
  version: number;
  index: number;
}

/** Where an answer goes: nothing of it is interpreted between ingress and responder. */
export interface ReplyRoute {
  /** Name of the broker (device link) that the request came by. */
  broker: string;
  topic: string;
  serialization: Serialization;
}

/** A device's request. Payload: a canonical RequestPrimitive as JSON. */
export interface RequestHead extends RecordHead {
  kind: 'request';
  shard: number;
  /** Canonical originator (`/id-in/C1`, `/S1`, `/mn1`); empty on a registration topic without `fr`. */
  originator: string;
  /** Credential-ID, on a registration topic. */
  credential?: string;
  /** Originator level of the topic as received. */
  topicLevel: string;
  reply: ReplyRoute;
  /** Duplicate key of R16, 16 bytes in base64url (22 characters). */
  key: string;
  /** Append time of the first attempt, ms since 1970; filled in when the record is handed on. */
  firstAppended?: number;
  /** Ingress clock at the first attempt to send, ms; present if that was more than half the window ago (R17). */
  since?: number;
  /** How often the record was handed on (R6). */
  hops?: number;
  /** Present on what was handed on and has effects. */
  source?: SourceNumber;
}

/** A device's answer to a request of ours. Payload: a ResponsePrimitive as JSON. */
export interface ResponseHead extends RecordHead {
  kind: 'response';
  /** The shard that our request identifier carries. */
  shard: number;
  /** Canonical ID of who answered: the receiver level of the topic. */
  responder: string;
}

/** The responder's word on a notification that has no oneM2M answer, or that could not be sent (R26). No payload. */
export interface ReportHead extends RecordHead {
  kind: 'report';
  shard: number;
  /** requestIdentifier of what was sent. */
  requestIdentifier: string;
  delivered: boolean;
  reason?: string;
}

/** An event for a subscription of another shard (R22). Payload: a {@link ForeignEvent} as JSON. */
export interface EventHead extends RecordHead {
  kind: 'event';
  shard: number;
  source: SourceNumber;
}

export type RequestsLogHead = RequestHead | ResponseHead | ReportHead | EventHead;

/** Something to publish. Payload: the primitive in its JSON wire form; the responder turns it into the serialization. */
export interface OutboundHead extends RecordHead {
  kind: 'response' | 'request';
  /** Canonical receiver: the partition is a function of it. */
  receiver: string;
  /** Name of an own broker, or the URL of a foreign one. */
  broker: string;
  topic: string;
  serialization: Serialization;
  requestIdentifier: string;
  /** What the responder must report, and to which shard (R26): `always` for a URL, `failure` for an AE that answers itself. */
  report?: { shard: number; when: 'always' | 'failure' };
  /** ms since 1970 after which publishing is pointless. */
  expires?: number;
  /** Of an answer: append time of the request's first record, ms since 1970, as the log has it. */
  requestedAt?: number;
}

/** A record that could not be processed. Payload: the record as it was. */
export interface DeadLetterHead extends RecordHead {
  kind: 'dead-letter';
  /** Process and step that gave up. */
  step: string;
  reason: string;
  requestIdentifier?: string;
  /** Log, partition and offset it came from. */
  from: { log: 'requests' | 'outbound'; partition: number; offset: number };
  /** ms since 1970. */
  at: number;
}

export type AnyHead = RequestsLogHead | OutboundHead | DeadLetterHead;

/** A record with its payload still unread. */
export interface RawRecord<Head> {
  head: Head;
  payload: Buffer;
}

/** Reads a frame of a log. Throws UnreadableRecord for anything else. */
export function decodeRecord<Head extends AnyHead>(frame: Buffer, kinds: readonly Head['kind'][]): RawRecord<Head> {
  const { head, payload } = splitFrame(frame);
  const { v, kind } = head as Partial<AnyHead>;
  if (v !== recordVersion) throw new UnreadableRecord(`a record of version ${String(v)}`);
  if (kind === undefined || !(kinds as readonly string[]).includes(kind)) {
    throw new UnreadableRecord(`a record of kind ${String(kind)}`);
  }
  return { head: head as Head, payload };
}

export const requestsLogKinds = ['request', 'response', 'report', 'event'] as const;
export const outboundKinds = ['response', 'request'] as const;

export function encodeRecord(head: AnyHead, payload: string): Buffer {
  return encodeFrame(head, payload);
}

/** The payload of an {@link EventHead}. */
export function decodeForeignEvent(payload: Buffer): ForeignEvent {
  return JSON.parse(payload.toString('utf8')) as ForeignEvent;
}
