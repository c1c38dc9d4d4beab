/**
 * The spans of a batch: one for each of its records that is sampled, or fails, from the beginning of the decision until the
 * commit has landed. Handed over then; a batch that is decided again leaves none. For any other record nothing is kept.
 */
import { asSampled, childOf } from '../../platform/trace-context.ts';
import type { SpanAttributes, Tracing } from '../../platform/tracing/tracing.ts';

/** What a span says of its record. */
export interface RecordFacts {
  name: string;
  /** Append time of the record in the log, ms since 1970; of a request that was handed on, of its first one. */
  appendedAt: number;
  attributes: SpanAttributes;
}

interface OpenSpan {
  traceparent: string;
  parent: string | undefined;
  /** The request was not sampled, so ingress has recorded nothing: its span is given again, as far as the record tells. */
  isLate: boolean;
  code: number | undefined;
  links: readonly string[];
}

type KeptSpan = OpenSpan & RecordFacts;

/** What was in hand when a waiting request was resumed. */
export interface Interrupted {
  cause: string | undefined;
  source: string | undefined;
  open: OpenSpan | undefined;
}

const none: readonly string[] = [];

export class BatchSpans {
  readonly #tracing: Tracing;
  readonly #began: number;
  #kept: KeptSpan[] | undefined;
  #timers: string | undefined;
  #open: OpenSpan | undefined;
  /** traceparent of the record in hand as it came. */
  #source: string | undefined;
  #cause: string | undefined;

  /** `began`: monotonic ms. */
  constructor(tracing: Tracing, began: number) {
    this.#tracing = tracing;
    this.#began = began;
  }

  /** For the records that the record in hand causes. */
  get cause(): string | undefined {
    return this.#cause;
  }

  /** Of the spans that will be recorded: for whoever works for all of them at once. */
  get sampled(): readonly string[] {
    return this.#kept?.map(({ traceparent }) => traceparent) ?? none;
  }

  /** A record is taken in hand, once more if it was before. */
  beginRecord(traceparent: string | undefined): void {
    this.#source = traceparent;
    if (this.#tracing.records(traceparent)) this.#start(childOf(traceparent), false);
    else {
      this.#open = undefined;
      this.#cause = traceparent;
    }
  }

  /** Work that no record asked for is a trace of its own. */
  beginTimerWork(): void {
    if (this.#tracing.isOn) this.#timers = this.#tracing.begin();
  }

  beginDueItem(): void {
    this.#source = this.#timers;
    this.#open = undefined;
    this.#cause = this.#timers;
  }

  /** The record in hand is answered so. To be called before the answer's record is made: a failure is traced from here on. */
  answered(code: number): void {
    if (this.#open === undefined && code >= 4000 && this.#tracing.recordsFailure(code)) {
      this.#start(childOf(this.#source ?? this.#tracing.begin()), this.#source !== undefined);
    }
    if (this.#open !== undefined) this.#open.code = code;
  }

  /** The record in hand has a span: it wants `keep` once it is in the batch. */
  get isOpen(): boolean {
    return this.#open !== undefined;
  }

  keep(facts: RecordFacts): void {
    if (this.#open === undefined) return;
    this.#kept ??= [];
    this.#kept.push({ ...this.#open, ...facts });
    this.#open = undefined;
  }

  /** A request that waited goes on, in its own trace, because of the record in hand. */
  resume(traceparent: string | undefined): Interrupted {
    const interrupted = { cause: this.#cause, source: this.#source, open: this.#open };
    this.beginRecord(traceparent);
    if (this.#open !== undefined && interrupted.open !== undefined) {
      this.#open.links = [interrupted.open.traceparent];
    }
    return interrupted;
  }

  /** Back to the record in hand. */
  resumed(interrupted: Interrupted): void {
    this.#cause = interrupted.cause;
    this.#source = interrupted.source;
    this.#open = interrupted.open;
  }

  /** The batch has landed; `at`: monotonic ms. */
  end(at: number): void {
    const { wallTime } = this.#tracing;
    if (this.#timers !== undefined && this.#tracing.records(this.#timers)) {
      this.#tracing.record({
        traceparent: this.#timers,
        parent: undefined,
        name: 'timer work',
        kind: 'internal',
        began: wallTime(this.#began),
        ended: wallTime(at),
        attributes: {},
      });
    }
    for (const span of this.#kept ?? []) {
      if (span.isLate) this.#recordReception(span);
      this.#tracing.record({
        traceparent: span.traceparent,
        parent: span.parent,
        name: span.name,
        kind: 'consumer',
        began: wallTime(this.#began),
        ended: wallTime(at),
        attributes: { ...span.attributes, 'onem2m.response_status_code': span.code },
        links: span.links,
        error: span.code !== undefined && span.code >= 4000 ? String(span.code) : undefined,
      });
    }
  }

  #start(traceparent: string, isLate: boolean): void {
    this.#open = { traceparent, parent: this.#source, isLate, code: undefined, links: none };
    this.#cause = traceparent;
  }

  /** The first span of the trace, which ingress had no reason to record: of its time only the end is known. */
  #recordReception({ parent, appendedAt, attributes }: KeptSpan): void {
    if (parent === undefined) return;
    this.#tracing.record({
      traceparent: asSampled(parent),
      parent: undefined,
      name: 'receive (from the log)',
      kind: 'consumer',
      began: appendedAt,
      ended: appendedAt,
      attributes: { ...attributes, 'in_cse.reconstructed': true },
    });
  }
}
