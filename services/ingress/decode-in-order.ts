/**
 * Collects payloads while earlier batches are out, and gives the results on in the order of arrival, whichever batch is
 * finished first (R28). Nothing waits for a timer: the first batch leaves when the turn of the event loop is over.
 */

import type { DecodedPrimitive, Payload } from '../codecs/ingress-batch.ts';
import type { Clock } from '../ports/clock.ts';
import type { Arrival } from './arrival.ts';
import type { IngressCodec } from './codec.ts';

export interface DecodeOptions {
  codec: IngressCodec;
  clock: Clock;
  /** Most payloads of one batch. */
  batchLimit: number;
  /** Most batches out at a time: the number of codec threads. */
  batchesOut: number;
  /** The next step. Called for one batch at a time, in the order of arrival. `began`: when it was handed to the codec, monotonic ms. */
  decoded(arrivals: Arrival[], primitives: DecodedPrimitive[], began: number): void | Promise<void>;
  /** The codec or the next step threw: a defect. The messages stay unacknowledged, and come again when the process ends. */
  failed(reason: unknown): void;
}

export interface DecodeStep {
  push(arrival: Arrival): void;
  /** Payloads that wait for a batch. */
  waiting(): number;
}

export function createDecodeStep(options: DecodeOptions): DecodeStep {
  const { codec, clock, batchLimit, batchesOut } = options;
  let waiting: Arrival[] = [];
  let out = 0;
  let scheduled = false;
  let previous: Promise<void> = Promise.resolve();

  function sendOff(): void {
    scheduled = false;
    while (waiting.length > 0 && out < batchesOut) {
      const arrivals = waiting.length <= batchLimit ? waiting : waiting.slice(0, batchLimit);
      waiting = arrivals === waiting ? [] : waiting.slice(batchLimit);
      out += 1;
      const decoding = decodeBatch(arrivals);
      previous = inTurn(previous, arrivals, decoding, clock.monotonic());
    }
  }

  async function decodeBatch(arrivals: Arrival[]): Promise<DecodedPrimitive[]> {
    try {
      return await codec.decode(arrivals.map(payloadOf));
    } finally {
      out -= 1;
      schedule();
    }
  }

  async function inTurn(
    before: Promise<void>,
    arrivals: Arrival[],
    decoding: Promise<DecodedPrimitive[]>,
    began: number,
  ): Promise<void> {
    try {
      const [primitives] = await Promise.all([decoding, before]);
      await options.decoded(arrivals, primitives, began);
    } catch (reason) {
      options.failed(reason);
    }
  }

  function schedule(): void {
    if (scheduled || waiting.length === 0 || out >= batchesOut) return;
    scheduled = true;
    clock.soon(sendOff);
  }

  return {
    push(arrival) {
      waiting.push(arrival);
      schedule();
    },
    waiting: () => waiting.length,
  };
}

const lessThan = 0x3c;

/** Where the topic does not say, the first character tells XML from JSON (only to answer with the right rqi). */
function payloadOf(arrival: Arrival): Payload {
  const { payload } = arrival.message;
  const serialization = arrival.topic.serialization ?? (payload[0] === lessThan ? 'xml' : 'json');
  return { payload, serialization };
}
