/**
 * From a record of the outbound log to the PUBACK of its receiver's broker, and only then to its offset. The steps in order:
 * fetch · read · check · encode · publish · report · commit the contiguous prefix. Nothing is dropped (R25): what cannot be
 * published is reported to who waits for it, or stands in the dead letters.
 */
import { UnreadableRecord } from '../contracts/frame.ts';
import { logDeadLetter, traceFields } from '../platform/logging.ts';
import {
  type Append,
  AppendRefused,
  type FetchedBatch,
  type LogConsumer,
  type LogProducer,
} from '../ports/request-log.ts';
import { isForeign, targetProblem } from './check-target.ts';
import { createCouriers } from './couriers.ts';
import { allJson, encodeLetters, isLetter, type LetterOrProblem, plain } from './encode-letters.ts';
import { Lane } from './lane.ts';
import { type Fetched, type Letter, type OutboundEntry, readEntry } from './outbound-entry.ts';
import type { ResponderParts } from './parts.ts';
import { PublishSlots } from './publish-slots.ts';
import { type DeadLetterStep, deadLetterRecord, reportRecord, wantsReport } from './report-outcome.ts';
import { createLetterTraces } from './trace-letters.ts';

export interface Responder {
  /** Joins the group and begins to publish. */
  start(): Promise<void>;
  /** Conditions of readiness by name. */
  readonly checks: Record<string, () => boolean>;
  /** Stops fetching, finishes what is out, commits, and closes what it opened. */
  drain(): Promise<void>;
}

const tickPeriod = 250;

export function createResponder(parts: ResponderParts): Responder {
  const { clock, metrics, log, failpoint, settings } = parts;
  const lanes = new Map<number, Lane>();
  const spans = createLetterTraces(parts.tracing, clock);
  const slots = new PublishSlots(settings.publishesInFlight);
  const couriers = createCouriers(parts, { published, failed: notPublished, unknown: leave });
  let consumer: LogConsumer | undefined;
  let reports: LogProducer | undefined;
  let deadLetters: LogProducer | undefined;
  let stopTicking = () => {};
  let hasJoined = false;
  let committing = false;
  /** Reports and dead letters that the log has not acknowledged. */
  let appending = 0;
  let draining: Promise<void> | undefined;
  let drained = () => {};

  // ---- fetch -----------------------------------------------------------------------------------------------------------

  function assigned(partitions: number[]): void {
    hasJoined = true;
    for (const partition of partitions) lanes.set(partition, new Lane(partition));
  }

  function revoked(partitions: number[]): void {
    for (const partition of partitions) {
      const lane = lanes.get(partition);
      if (lane !== undefined) lane.live = false;
      lanes.delete(partition);
    }
    // A rebalance says right away what comes instead; who has lost the group has nothing.
    if (lanes.size === 0) hasJoined = false;
  }

  function fetched(batch: FetchedBatch): void {
    const lane = lanes.get(batch.partition);
    if (lane === undefined || draining !== undefined) return;
    for (const _ of lane.add(batch)) failpoint('outbound-fetched');
    if (lane.queued > settings.queuedPerPartition && !lane.paused) {
      lane.paused = true;
      consumer?.pause(lane.partition);
    }
    if (lane.queued === 0) commitSoon();
    else if (!lane.busy) work(lane);
  }

  /** Works off what waits in a lane, batch after batch, so that its order is kept. */
  function work(lane: Lane): void {
    lane.busy = true;
    workOff(lane)
      .catch((error: unknown) => parts.failed(error instanceof Error ? error : new Error(String(error))))
      .finally(() => {
        lane.busy = false;
        settleDrain();
      });
  }

  async function workOff(lane: Lane): Promise<void> {
    while (lane.queued > 0 && lane.live && draining === undefined) {
      const entries = sortOut(lane.take(settings.encodeBatch));
      resumeIfRoom(lane);
      metrics.batchSize.observe(entries.length, 'encode');
      await publishAll(allJson(entries) ? entries.map(plain) : lettersOf(await encode(entries)));
    }
  }

  function resumeIfRoom(lane: Lane): void {
    if (!lane.paused || lane.queued > settings.queuedPerPartition / 2) return;
    lane.paused = false;
    consumer?.resume(lane.partition);
  }

  // ---- read, check, encode ---------------------------------------------------------------------------------------------

  /** What can be published; the rest is settled here. */
  function sortOut(records: Fetched[]): OutboundEntry[] {
    const now = clock.now();
    const entries: OutboundEntry[] = [];
    for (const record of records) {
      const entry = readOrBury(record);
      if (entry === undefined) continue;
      spans.taken(entry);
      const problem = targetProblem(entry.head);
      if (problem !== undefined) giveUp(entry, 'publish', problem);
      else if (isExpired(entry, now)) giveUp(entry, 'publish', 'expired before it could be published', 'expired');
      else entries.push(entry);
    }
    return entries;
  }

  function readOrBury(record: Fetched): OutboundEntry | undefined {
    try {
      return readEntry(record);
    } catch (error) {
      if (!(error instanceof UnreadableRecord)) throw error;
      bury(record, 'read', error.message, () => finish(record));
      return undefined;
    }
  }

  async function encode(entries: OutboundEntry[]): Promise<LetterOrProblem[]> {
    const began = clock.monotonic();
    const outcomes = await encodeLetters(entries, parts.codec);
    spans.encoded(began, entries);
    return outcomes;
  }

  function lettersOf(outcomes: LetterOrProblem[]): Letter[] {
    return outcomes.filter((outcome): outcome is Letter => {
      if (isLetter(outcome)) return true;
      giveUp(outcome.entry, 'encode', `not encoded: ${outcome.problem}`);
      return false;
    });
  }

  // ---- publish ---------------------------------------------------------------------------------------------------------

  async function publishAll(letters: Letter[]): Promise<void> {
    for (const letter of letters) {
      if (!slots.tryTake()) await slots.take();
      // Not done, so it will be fetched again by whoever has the partition then.
      if (!letter.entry.lane.live || draining !== undefined) return slots.release();
      couriers.to(letter.entry.head.broker).send(letter);
      failpoint('published');
    }
  }

  function published({ entry }: Letter): void {
    failpoint('pubacked');
    metrics.outboundRecords.add(1, 'published');
    spans.published(entry);
    const now = clock.now();
    metrics.stageSeconds.observe(Math.max(0, now - entry.record.appendedAt) / 1000, 'outbound');
    const { requestedAt } = entry.head;
    if (requestedAt !== undefined) metrics.answerSeconds.observe(Math.max(0, now - requestedAt) / 1000);
    if (wantsReport(entry.head, true)) report(entry, { delivered: true });
    else finish(entry);
    releaseSlot();
  }

  /**
   * A foreign broker fails as it likes. What an own one refuses for good, or what takes the connection to it down again and
   * again (R26), is for a person to see, whoever else waits for the outcome.
   */
  function notPublished({ entry }: Letter, reason: string): void {
    if (isForeign(entry.head.broker)) {
      giveUp(entry, 'publish', reason);
    } else {
      bury(entry, 'publish', reason, () => {
        if (wantsReport(entry.head, false)) report(entry, { delivered: false, reason });
        else finish(entry);
      });
    }
    releaseSlot();
  }

  /** Neither done nor failed: the prefix ends here, and whoever has the partition next publishes it again. */
  function leave({ entry }: Letter, error: unknown): void {
    log.warn({ ...fieldsOf(entry), error }, 'a publisher was closed before the broker acknowledged');
    releaseSlot();
  }

  function releaseSlot(): void {
    slots.release();
    settleDrain();
  }

  // ---- report, bury ----------------------------------------------------------------------------------------------------

  /** Somebody waits for the outcome and decides what follows; else the record itself is kept for a person to see. */
  function giveUp(
    entry: OutboundEntry,
    step: DeadLetterStep,
    reason: string,
    result: 'failed' | 'expired' = 'failed',
  ): void {
    if (wantsReport(entry.head, false)) {
      metrics.outboundRecords.add(1, result);
      spans.failed(entry, 'not delivered', reason);
      log.info({ ...fieldsOf(entry), reason }, 'not published; reported to who waits for it');
      report(entry, { delivered: false, reason });
    } else {
      bury(entry, step, reason, () => finish(entry));
    }
  }

  /** The prefix does not advance over a record before its report is in the log (R26). */
  function report(entry: OutboundEntry, outcome: { delivered: boolean; reason?: string }): void {
    const record = reportRecord(entry, outcome, parts.requests.partitions);
    if (record === undefined || reports === undefined) finish(entry);
    else append(reports, record, () => finish(entry));
  }

  /** Moves a record to the dead letters; without its payload if they do not take that. */
  function bury(record: Fetched | OutboundEntry, step: DeadLetterStep, reason: string, buried: () => void): void {
    const head = 'head' in record ? record.head : undefined;
    const { partition } = record.lane;
    const { offset } = record.record;
    const { requestIdentifier, traceparent } = head ?? {};
    logDeadLetter(log, { requestIdentifier, step, reason, partition, offset, traceparent });
    metrics.deadLetters.add(1, `responder/${step}`);
    metrics.outboundRecords.add(1, 'dead-letter');
    spans.failed(record, 'dead letter', reason);
    if (deadLetters === undefined) return;
    append(
      deadLetters,
      deadLetterRecord(record, { step, reason, at: clock.now() }, parts.deadLetters.partitions),
      buried,
    );
  }

  function append(producer: LogProducer, record: Append, appended: () => void): void {
    appending += 1;
    producer
      .append([record])
      .catch((error: unknown) => {
        if (!(error instanceof AppendRefused)) throw error;
        log.error(
          { error, partition: record.partition },
          'the log refuses a report or dead letter: only its head is kept',
        );
        return producer.append([{ partition: record.partition, value: withoutPayload(record.value) }]);
      })
      // Not done, so it is fetched and settled again after a restart.
      .then(appended, (error: unknown) => log.error({ error }, 'a report or dead letter was not appended'))
      .finally(() => {
        appending -= 1;
        settleDrain();
      });
  }

  // ---- commit ----------------------------------------------------------------------------------------------------------

  function finish(record: Fetched): void {
    record.lane.finish(record);
    commitSoon();
  }

  function commitSoon(): void {
    if (committing) return;
    committing = true;
    clock.soon(commit);
  }

  function commit(): void {
    committing = false;
    for (const lane of lanes.values()) {
      const offset = lane.progress();
      if (offset === undefined) continue;
      consumer?.done(lane.partition, offset);
      failpoint('offset-committed');
    }
  }

  // ---- life ------------------------------------------------------------------------------------------------------------

  function tick(): void {
    couriers.closeIdle();
    metrics.outboundInFlight.set(slots.taken);
    stopTicking = clock.after(tickPeriod, tick);
  }

  function settleDrain(): void {
    if (draining === undefined || slots.taken > 0 || appending > 0) return;
    if (![...lanes.values()].some((lane) => lane.busy)) drained();
  }

  async function drain(): Promise<void> {
    const finished = new Promise<void>((resolve) => {
      drained = resolve;
    });
    clock.soon(settleDrain);
    await finished;
    commit();
    stopTicking();
    await consumer?.stop();
    await couriers.close();
    await Promise.all([reports?.close(), deadLetters?.close()]);
  }

  return {
    async start() {
      [reports, deadLetters] = await Promise.all([parts.requests.producer(), parts.deadLetters.producer()]);
      for (const broker of parts.brokers) couriers.to(broker).warmUp();
      consumer = await parts.outbound.consumer({ group: settings.group, fromCommitted: true });
      await consumer.start({ assigned, revoked, batch: fetched, failed: parts.failed });
      tick();
    },
    checks: {
      mqtt: () => couriers.ready(),
      partitions: () => hasJoined,
      taking: () => draining === undefined,
    },
    drain() {
      draining ??= drain();
      return draining;
    },
  };
}

/** What a line about an entry says of it. */
function fieldsOf({ head }: OutboundEntry): Record<string, unknown> {
  return { rqi: head.requestIdentifier, ...traceFields(head.traceparent) };
}

/** Answers are never too late for us to send (R25); a notification that nobody waits for any more is reported instead. */
function isExpired({ head }: OutboundEntry, now: number): boolean {
  return head.kind === 'request' && head.expires !== undefined && head.expires <= now;
}

function withoutPayload(frame: Buffer): Buffer {
  return frame.subarray(0, frame.indexOf('\n') + 1);
}
