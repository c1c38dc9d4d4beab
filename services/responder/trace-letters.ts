/** The spans of the responder: from taking a record in hand to its PUBACK, and for the batch that was encoded with it. */
import type { OutboundHead } from '../contracts/records.ts';
import { Status } from '../core/status-codes.ts';
import { asSampled, childOf } from '../platform/trace-context.ts';
import type { SpanAttributes, Tracing } from '../platform/tracing/tracing.ts';
import type { Clock } from '../ports/clock.ts';
import type { Fetched, OutboundEntry } from './outbound-entry.ts';

export interface LetterTraces {
  /** A record is taken in hand. */
  taken(entry: OutboundEntry): void;
  /** A batch is encoded; `began`: monotonic ms. Linked to the records in it that are sampled, if any is. */
  encoded(began: number, entries: readonly OutboundEntry[]): void;
  published(entry: OutboundEntry): void;
  /**
   * Not published: recorded also where the request was not sampled; always for dead letters, within the allowance for what
   * its target could not take. To be called before anybody is told: what tells him belongs to this span.
   */
  failed(record: Fetched | OutboundEntry, what: 'dead letter' | 'not delivered', reason: string): void;
}

export function createLetterTraces(tracing: Tracing, clock: Clock): LetterTraces {
  const now = () => tracing.wallTime(clock.monotonic());

  function record(entry: Fetched & Partial<Pick<OutboundEntry, 'head'>>, reason?: string, error?: string) {
    const { head, span } = entry;
    if (span === undefined) return;
    tracing.record({
      traceparent: span.traceparent,
      parent: head?.traceparent,
      name: nameOf(head),
      kind: 'producer',
      began: span.began,
      ended: now(),
      attributes: { ...attributesOf(head), 'in_cse.reason': reason },
      error,
    });
  }

  return {
    taken(entry) {
      const { traceparent } = entry.head;
      if (tracing.records(traceparent)) entry.span = { traceparent: childOf(traceparent), began: now() };
    },
    encoded(began, entries) {
      if (!tracing.isOn) return;
      if (!entries.some(({ span }) => span !== undefined)) return;
      tracing.record({
        traceparent: asSampled(tracing.begin()),
        parent: undefined,
        name: 'encode batch',
        kind: 'internal',
        began: tracing.wallTime(began),
        ended: now(),
        attributes: { 'messaging.batch.message_count': entries.length },
        links: entries.flatMap(({ span }) => (span === undefined ? [] : [span.traceparent])),
      });
    },
    published: (entry) => record(entry),
    failed(failed, what, reason) {
      const code = what === 'dead letter' ? Status.internalServerError : Status.badRequest;
      if (failed.span === undefined && tracing.recordsFailure(code)) {
        const above = 'head' in failed ? failed.head.traceparent : undefined;
        // When it was taken in hand is not known any more: what counts is how long it lay here.
        failed.span = { traceparent: childOf(above ?? tracing.begin()), began: failed.record.appendedAt };
      }
      record(failed, reason, what);
    },
  };
}

function nameOf(head: OutboundHead | undefined): string {
  if (head === undefined) return 'publish unread';
  return head.kind === 'response' ? 'publish answer' : 'publish notification';
}

/** Topics by their form: who gets it stands in no span. */
function attributesOf(head: OutboundHead | undefined): SpanAttributes {
  return {
    'messaging.system': 'mqtt',
    'messaging.operation.name': 'publish',
    'messaging.operation.type': 'send',
    'messaging.destination.template': head && templateOf(head),
    'onem2m.request_identifier': head?.requestIdentifier,
  };
}

function templateOf({ kind, topic }: OutboundHead): string {
  if (kind === 'response') return '/oneM2M/resp/{originator}/{cse}/{type}';
  return topic.includes('/oneM2M/') ? '/oneM2M/req/{cse}/{receiver}/{type}' : '{topic of a URL}';
}
