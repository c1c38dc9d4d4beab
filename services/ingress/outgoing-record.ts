/** A record on its way into the requests log. */

import type { DecodedRequest, DecodedResponse } from '../codecs/ingress-batch.ts';
import { encodeRecord, type RequestHead, type ResponseHead } from '../contracts/records.ts';
import type { Clock } from '../ports/clock.ts';
import type { Append } from '../ports/request-log.ts';
import type { Arrival } from './arrival.ts';

/** What the records of one ingress have in common. */
export interface RecordContext {
  clock: Clock;
}

export class OutgoingRecord implements Append {
  readonly arrival: Arrival;
  readonly partition: number;
  readonly value: Buffer;
  readonly primitive: DecodedRequest | DecodedResponse;
  readonly #context: RecordContext;
  readonly #head: RequestHead | ResponseHead;
  #firstSent: number | undefined;

  constructor(
    context: RecordContext,
    arrival: Arrival,
    partition: number,
    head: RequestHead | ResponseHead,
    primitive: DecodedRequest | DecodedResponse,
  ) {
    this.#context = context;
    this.arrival = arrival;
    this.partition = partition;
    this.#head = head;
    this.primitive = primitive;
    this.value = encodeRecord(head, primitive.text);
  }

  get traceparent(): string | undefined {
    return this.#head.traceparent;
  }

  /** The record is handed to a send now, for the first time. */
  handedIn(): void {
    this.#firstSent ??= this.#context.clock.now();
  }

  /**
   * The bytes of a repeated attempt. An attempt that is older than half the duplicate window says since when, so that the
   * worker looks for an earlier copy that long ago (R17).
   */
  readonly renewed = (): Buffer => {
    const window = this.arrival.topic.cse.duplicateWindow;
    const since = this.#firstSent;
    if (since === undefined || window === 0 || this.#head.kind !== 'request') return this.value;
    if (this.#context.clock.now() - since <= window / 2) return this.value;
    return encodeRecord({ ...this.#head, since }, this.primitive.text);
  };
}
