/**
 * From a device's message to a record that all replicas have, and only then to its acknowledgement. The steps in order:
 * read the topic · decode · admit · route · build the record · append · acknowledge. What cannot go this way is answered by
 * ingress itself, or counted, and acknowledged too.
 */

import type { DecodedPrimitive, DecodedRequest } from '../codecs/ingress-batch.ts';
import { peekIdentifier } from '../codecs/peek-identifier.ts';
import { Status } from '../core/status-codes.ts';
import { traceFields } from '../platform/logging.ts';
import type { DropReason } from '../platform/metrics/label-values.ts';
import type { InboundMessage } from '../ports/device-link.ts';
import { type AdmittedRequest, admitRequest, isRefusal, type Refusal } from './admit-request.ts';
import { overloadRefusal } from './answer-refusal.ts';
import type { Arrival } from './arrival.ts';
import { createRecordBuilder } from './build-records.ts';
import { createDecodeStep } from './decode-in-order.ts';
import { createHomeShards } from './home-shards.ts';
import { createHostedCses } from './hosted-cses.ts';
import { Admission, type AdmissionRefusal, admissionSettingsOf, refusalOf } from './limits/admission.ts';
import { shareRates } from './limits/share-rates.ts';
import { SlowRefusals } from './limits/slow-refusals.ts';
import { createLinks } from './links.ts';
import { OpenArrivals } from './open-arrivals.ts';
import type { OutgoingRecord } from './outgoing-record.ts';
import type { IngressParts } from './parts.ts';
import { createRefuseStep } from './refuse-requests.ts';
import { routeRequests } from './route-request.ts';
import { createSendStep, type SendStep } from './send-records.ts';
import { createTopicReader, type RequestTopic, type ResponseTopic } from './topic-reader.ts';
import { createArrivalTraces } from './trace-arrivals.ts';

export interface Ingress {
  /** Connects, subscribes and begins to take messages. Rejects with a clear message if it cannot. */
  start(): Promise<void>;
  /** Takes notice of CSEs that were added since (R32); also done by itself every `cseRefresh`. */
  refreshCses(): Promise<void>;
  /** Conditions of readiness by name. */
  readonly checks: Record<string, () => boolean>;
  /** Unsubscribes, finishes what came, flushes its acknowledgements, and closes what it opened. */
  drain(): Promise<void>;
}

const tickPeriod = 1000;

/** How much of a payload is looked through for its identifier, where it is not decoded. */
const peekedBytes = 64 * 1024;

export function createIngress(parts: IngressParts): Ingress {
  const { clock, metrics, log, failpoint, settings } = parts;
  const open = new OpenArrivals();
  const records = createRecordBuilder({ clock, partitions: parts.requests.partitions, traces: parts.tracing });
  const spans = createArrivalTraces(parts.tracing, clock);
  const homes = createHomeShards({
    cache: parts.cache,
    clock,
    limit: settings.homesKept,
    lifetime: settings.homeLifetime,
    counted: (result, amount) => metrics.cacheRequests.add(amount, 'ae-home', result),
  });
  const links = createLinks({ links: parts.links, settings, received });
  const refuse = createRefuseStep({ ...parts, spans, publisherOf: links.publisherOf, settled });
  const decode = createDecodeStep({
    codec: parts.codec,
    clock,
    batchLimit: settings.decodeBatch,
    batchesOut: Math.max(1, settings.codecThreads),
    decoded: forward,
    failed: (error) => parts.failed(error instanceof Error ? error : new Error(String(error))),
  });
  const admission = new Admission({ ...admissionSettingsOf(settings), isShared: parts.rates !== undefined });
  const slowly = new SlowRefusals(clock);
  let stopSharing = () => {};
  let hosted = createHostedCses([]);
  let topics = createTopicReader(hosted, settings.topicPrefix);
  let send: SendStep | undefined;
  let stopTicking = () => {};
  let stopRefreshing = () => {};
  let draining: Promise<void> | undefined;

  function received(broker: string, message: InboundMessage): void {
    failpoint('recv');
    const topic = topics.read(message.topic);
    if (topic.kind === 'ignored') {
      drop(message, topic.reason);
    } else if (message.retained) {
      // TS-0010 5.1: retained messages are not part of the binding, and old by nature.
      drop(message, 'retained');
    } else {
      const arrival: Arrival = { message, broker, topic, at: clock.monotonic(), spending: undefined };
      open.add(arrival);
      const refusal = admission.admit(arrival, arrival.at);
      if (refusal !== undefined) refuseByLimit(arrival, refusal);
      else if (message.payload.length > settings.payloadBytes) refuseUnread(arrival, tooLarge, 'answer too large');
      else decode.push(arrival);
    }
  }

  /** Told by a line now and then, by a metric each time. */
  function refuseByLimit(arrival: Arrival, { limit, isNews }: AdmissionRefusal): void {
    metrics.ingressLimited.add(1, limit);
    const { topic } = arrival;
    if (isNews) {
      const who = topic.kind === 'response' ? topic.responder : topic.originator;
      log.warn({ cse: topic.cse.id, originator: who, limit }, 'refuses who sends too much');
    }
    const refuseNow = () => refuseUnread(arrival, refusalOf(limit), 'too many answers', false);
    if (arrival.message.standAside !== undefined && slowly.takes(refuseNow)) arrival.message.standAside();
    else refuseNow();
  }

  /** Nothing of it but its identifier was read: so much costs the least. An answer of a device is dropped, by `reason`. */
  function refuseUnread(arrival: Arrival, refusal: Refusal, reason: DropReason, isLogged = true): void {
    const { message, topic } = arrival;
    if (topic.kind === 'response') return dropArrival(arrival, reason);
    const head = message.payload.subarray(0, peekedBytes);
    const requestIdentifier = peekIdentifier(head, topic.serialization ?? 'json');
    refuse(arrival, { topic, refusal, requestIdentifier, primitive: undefined, traceparent: undefined, isLogged });
  }

  /** Sorts a decoded batch: into the log, back to the originator, or to nobody. */
  async function forward(arrivals: Arrival[], primitives: DecodedPrimitive[], began: number): Promise<void> {
    metrics.batchSize.observe(arrivals.length, 'decode');
    const admitted: AdmittedRequest[] = [];
    const outgoing: OutgoingRecord[] = [];
    arrivals.forEach((arrival, index) => {
      failpoint('parsed');
      const primitive = primitives[index]!;
      const { topic } = arrival;
      if (topic.kind === 'response') {
        const record = takeResponse(arrival, topic, primitive);
        if (record !== undefined) outgoing.push(record);
      } else {
        const request = takeRequest(arrival, topic, primitive);
        if (request !== undefined) admitted.push(request);
      }
    });
    for (const routed of await routeRequests(admitted, homes, unroutable)) outgoing.push(records.request(routed));
    spans.decoded(began, outgoing);
    send?.push(outgoing.filter(fitsTheLog));
  }

  function takeRequest(
    arrival: Arrival,
    topic: RequestTopic,
    primitive: DecodedPrimitive,
  ): AdmittedRequest | undefined {
    const outcome = judge(arrival, topic, primitive);
    if (!isRefusal(outcome)) return outcome;
    const readable = primitive.kind === 'request' ? primitive : undefined;
    answer(arrival, topic, outcome, readable, primitive.requestIdentifier);
    return undefined;
  }

  function takeResponse(
    arrival: Arrival,
    topic: ResponseTopic,
    primitive: DecodedPrimitive,
  ): OutgoingRecord | undefined {
    if (primitive.kind !== 'response') {
      dropArrival(arrival, 'no response on a response topic');
      return undefined;
    }
    const record = records.response(arrival, topic, primitive);
    if (record === undefined) dropArrival(arrival, 'answer to nothing');
    return record;
  }

  /** A defect of ours, met by this request alone: its neighbours go on. */
  function unroutable({ arrival, topic, primitive }: AdmittedRequest, error: unknown): void {
    log.error({ rqi: primitive.requestIdentifier, error }, 'a request could not be routed');
    answer(arrival, topic, defect, primitive, primitive.requestIdentifier);
  }

  /** What Kafka would refuse for its size never gets there: a refused record would take its neighbours along. */
  function fitsTheLog(record: OutgoingRecord): boolean {
    if (record.value.length <= settings.recordBytes) return true;
    refuseRecord(record, tooLarge);
    return false;
  }

  function refuseRecord(record: OutgoingRecord, refusal: Refusal): void {
    const { arrival, primitive } = record;
    if (primitive.kind === 'response' || arrival.topic.kind === 'response') dropArrival(arrival, 'answer too large');
    else answer(arrival, arrival.topic, refusal, primitive, primitive.requestIdentifier, record.traceparent);
  }

  function answer(
    arrival: Arrival,
    topic: RequestTopic,
    refusal: Refusal,
    primitive: DecodedRequest | undefined,
    requestIdentifier: string | undefined,
    traceparent?: string,
  ): void {
    refuse(arrival, { topic, refusal, requestIdentifier, primitive, traceparent, isLogged: true });
  }

  function settled(arrival: Arrival): void {
    arrival.message.acknowledge();
    close(arrival);
  }

  function close(arrival: Arrival): void {
    admission.settle(arrival);
    open.close(arrival);
  }

  function drop(message: InboundMessage, reason: DropReason): void {
    metrics.ingressDropped.add(1, reason);
    message.acknowledge();
  }

  function dropArrival(arrival: Arrival, reason: DropReason): void {
    metrics.ingressDropped.add(1, reason);
    settled(arrival);
  }

  async function openSendStep(): Promise<SendStep> {
    const producer = await parts.requests.producer();
    return createSendStep({
      producer,
      clock,
      inFlightLimit: settings.inFlightLimit,
      overloadAge: settings.overloadAge,
      sending(batch) {
        metrics.batchSize.observe(batch.length, 'append');
        for (const _ of batch) failpoint('produced-sent');
      },
      appended(record) {
        failpoint('produced-acked');
        settled(record.arrival);
        failpoint('puback-written');
        spans.acknowledged(record);
        metrics.stageSeconds.observe((clock.monotonic() - record.arrival.at) / 1000, 'ingress');
      },
      refused(record, reason) {
        const fields = { rqi: record.primitive.requestIdentifier, ...traceFields(record.traceparent) };
        log.warn({ ...fields, reason: reason.message }, 'the log refused a record');
        refuseRecord(record, tooLarge);
      },
      // Not acknowledged: the broker sends it again (R18).
      abandoned(record) {
        metrics.ingressDropped.add(1, 'abandoned connection');
        close(record.arrival);
      },
      shed(record) {
        metrics.ingressShed.add(1);
        refuseRecord(record, overloadRefusal);
      },
      failed: (error) => log.error({ error }, 'the requests log was closed; its records stay unacknowledged'),
    });
  }

  async function refreshCses(): Promise<void> {
    const now = await parts.cses();
    const added = now.filter((cse) => !hosted.all.some((known) => known.number === cse.number));
    hosted = createHostedCses(now);
    topics = createTopicReader(hosted, settings.topicPrefix);
    await links.listenFor(added);
    for (const cse of added) log.info({ cse: cse.id }, 'listening for a CSE');
  }

  function refreshAgain(): void {
    stopRefreshing = clock.after(settings.cseRefresh, () => {
      refreshCses()
        .catch((error: unknown) => log.warn({ error }, 'the list of CSEs cannot be read; going on with the known ones'))
        .finally(() => {
          if (draining === undefined) refreshAgain();
        });
    });
  }

  function tick(): void {
    send?.tick();
    metrics.ingressUnacknowledged.set(open.size);
    metrics.ingressInFlight.set(send?.inFlight() ?? 0);
    const oldest = open.oldestAt();
    metrics.ingressOldestUnacknowledgedSeconds.set(oldest === undefined ? 0 : (clock.monotonic() - oldest) / 1000);
    stopTicking = clock.after(tickPeriod, tick);
  }

  async function drain(): Promise<void> {
    stopRefreshing();
    await links.stopTaking();
    stopSharing();
    slowly.hurry();
    await open.whenEmpty();
    stopTicking();
    await links.close();
    await send?.close();
  }

  return {
    async start() {
      send = await openSendStep();
      await links.open();
      await refreshCses();
      refreshAgain();
      if (parts.rates !== undefined) stopSharing = shareRates(admission, parts.rates, clock).start();
      tick();
    },
    refreshCses,
    checks: {
      mqtt: () => links.ready(),
      cses: () => hosted.all.length > 0,
      taking: () => draining === undefined,
    },
    drain() {
      draining ??= drain();
      return draining;
    },
  };
}

const defect: Refusal = { code: Status.internalServerError, text: 'The CSE failed to handle this request.' };
const tooLarge: Refusal = { code: Status.badRequest, text: 'The request is larger than this CSE takes.' };

/** The outcome of reading and admitting a request. */
function judge(arrival: Arrival, topic: RequestTopic, primitive: DecodedPrimitive): AdmittedRequest | Refusal {
  if (topic.refusal !== undefined) return topic.refusal;
  switch (primitive.kind) {
    case 'undecodable':
      return { code: primitive.code, text: primitive.text };
    case 'response':
      return { code: Status.badRequest, text: 'This is a response; a request topic takes only requests.' };
    case 'request':
      return admitRequest(arrival, topic, primitive);
  }
}
