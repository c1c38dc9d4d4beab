/** Publishes the answers that ingress gives itself, and acknowledges each request when the broker has its answer. */

import { kindOfResourceType } from '../core/resource-types/known-types.ts';
import type { Log } from '../platform/logging.ts';
import { logRefused, traceFields } from '../platform/logging.ts';
import type { Metrics } from '../platform/metrics.ts';
import type { Clock } from '../ports/clock.ts';
import type { Publisher } from '../ports/device-link.ts';
import { answerSerialization, operationLabel, type RefusedRequest, refusalAnswer } from './answer-refusal.ts';
import type { Arrival } from './arrival.ts';
import type { IngressCodec } from './codec.ts';
import type { ArrivalTraces } from './trace-arrivals.ts';

export interface RefuseOptions {
  codec: IngressCodec;
  clock: Clock;
  metrics: Metrics;
  log: Log;
  spans: ArrivalTraces;
  publisherOf(broker: string): Publisher;
  /** The request is dealt with: acknowledge it. */
  settled(arrival: Arrival): void;
}

export type RefuseStep = (arrival: Arrival, refused: RefusedRequest) => void;

/**
 * Waits for PUBACK of the answer before the request is acknowledged: everything is answered that can be (promise 3). An
 * answer that cannot be published is given up with a line in the log.
 */
export function createRefuseStep(options: RefuseOptions): RefuseStep {
  const { codec, clock, metrics, log } = options;

  async function answer(arrival: Arrival, refused: RefusedRequest): Promise<void> {
    const json = refusalAnswer(refused, clock.now());
    if (json === undefined) return;
    const payload = await codec.encodeText(json, answerSerialization(refused.topic));
    await options.publisherOf(arrival.broker).publish(refused.topic.replyTopic, payload);
  }

  return (arrival, refused) => {
    const { topic, refusal, requestIdentifier, primitive } = refused;
    // What a target is, ingress does not know; `ty` is there where something is to be created.
    const type = kindOfResourceType(primitive?.resourceType);
    metrics.requests.add(1, operationLabel(primitive), type, refusal.code);
    if (refused.isLogged)
      logRefused(log, {
        requestIdentifier,
        code: refusal.code,
        reason: refusal.text,
        cse: topic.cse.id,
        originator: topic.originator,
        traceparent: refused.traceparent,
      });
    answer(arrival, refused)
      .catch((error: unknown) =>
        log.warn(
          { rqi: requestIdentifier, ...traceFields(refused.traceparent), error },
          'an answer could not be published',
        ),
      )
      .finally(() => {
        options.settled(arrival);
        options.spans.refused(arrival, refused);
      });
  };
}
