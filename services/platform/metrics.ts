/**
 * Every metric that the processes have, in one place: name, unit, help, labels, buckets. Labels take values from fixed
 * sets only (operations, status codes, partitions, reasons written in the code), never from what a device sent.
 */
import { collectDefaultMetrics, Registry } from 'prom-client';
import { type Counter, counter, type Gauge, gauge, type Histogram, histogram } from './metric-types.ts';

const latencySeconds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const batchRecords = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];

/** The metrics of a process. One instance per process; the flows of an embedded one share it. */
export interface Metrics {
  readonly registry: Registry;
  /** Requests answered: by the worker, or by ingress itself. */
  requests: Counter<['operation', 'status']>;
  /** `append`, `ingress`, `decide`, `commit`, `outbound`: the help says from when to when. */
  stageSeconds: Histogram<['stage']>;
  /** Messages or records per batch at `decode`, `append`, `decide`, `commit`, `encode`. */
  batchSize: Histogram<['stage']>;
  /** Age of the oldest record that has been fetched and is not done. */
  oldestUnprocessedSeconds: Gauge<['log', 'partition']>;
  ingressUnacknowledged: Gauge<[]>;
  ingressInFlight: Gauge<[]>;
  ingressOldestUnacknowledgedSeconds: Gauge<[]>;
  /** Messages that ingress neither put into the log nor answered, by reason. */
  ingressDropped: Counter<['reason']>;
  ingressShed: Counter<[]>;
  duplicatesSuppressed: Counter<[]>;
  fenceFailures: Counter<[]>;
  handOns: Counter<[]>;
  /** Journal rows committed whose records are not all acknowledged by the log. */
  emissionBacklog: Gauge<['partition']>;
  notificationBacklog: Gauge<['partition']>;
  notificationFailures: Counter<[]>;
  notificationsDropped: Counter<[]>;
  /** What the responder did with a record: `published`, `failed`, `expired`, `dead-letter`. */
  outboundRecords: Counter<['result']>;
  outboundInFlight: Gauge<[]>;
  deadLetters: Counter<['step']>;
  cacheRequests: Counter<['cache', 'result']>;
  codecBatches: Counter<['direction', 'way']>;
}

/** `defaults` adds Node's own metrics (event loop, memory, garbage collection). */
export function createMetrics(options: { defaults?: boolean } = {}): Metrics {
  const registry = new Registry();
  if (options.defaults === true) collectDefaultMetrics({ register: registry });
  const partitionLabel = ['partition'] as const;
  return {
    registry,
    requests: counter(registry, 'incse_requests_total', 'Requests answered, by operation and response status code.', [
      'operation',
      'status',
    ]),
    stageSeconds: histogram(
      registry,
      'incse_stage_seconds',
      'Time in a stage of the path, in seconds: append (to the log), ingress (arrival to PUBACK), decide, commit, ' +
        'outbound (append to the outbound log until the broker has acknowledged).',
      latencySeconds,
      ['stage'],
    ),
    batchSize: histogram(
      registry,
      'incse_batch_records',
      'Messages or records per batch of a stage: decode, append, decide, commit, encode.',
      batchRecords,
      ['stage'],
    ),
    oldestUnprocessedSeconds: gauge(
      registry,
      'incse_oldest_unprocessed_seconds',
      'Age of the oldest record fetched and not done, in seconds.',
      ['log', 'partition'],
    ),
    ingressUnacknowledged: gauge(
      registry,
      'incse_ingress_unacknowledged_messages',
      'Messages received and not yet acknowledged to the broker.',
      [],
    ),
    ingressInFlight: gauge(
      registry,
      'incse_ingress_in_flight_records',
      'Records handed to the log and not yet acknowledged by it.',
      [],
    ),
    ingressOldestUnacknowledgedSeconds: gauge(
      registry,
      'incse_ingress_oldest_unacknowledged_seconds',
      'Age of the oldest message not yet acknowledged to the broker, in seconds.',
      [],
    ),
    ingressDropped: counter(registry, 'incse_ingress_dropped_total', 'Messages that need no record and no answer.', [
      'reason',
    ]),
    ingressShed: counter(registry, 'incse_ingress_shed_total', 'Requests answered 5000 because of overload.', []),
    duplicatesSuppressed: counter(
      registry,
      'incse_duplicates_suppressed_total',
      'Requests that came again and got the first answer, or silence while the first is pending.',
      [],
    ),
    fenceFailures: counter(
      registry,
      'incse_fence_failures_total',
      'Commits refused because ownership had changed.',
      [],
    ),
    handOns: counter(registry, 'incse_hand_ons_total', 'Records handed on to the partition of their target.', []),
    emissionBacklog: gauge(
      registry,
      'incse_emission_backlog_rows',
      'Committed journal rows whose records the log has not all acknowledged.',
      partitionLabel,
    ),
    notificationBacklog: gauge(
      registry,
      'incse_notification_backlog',
      'Notifications queued and not yet acknowledged by their targets.',
      partitionLabel,
    ),
    notificationFailures: counter(
      registry,
      'incse_notification_failures_total',
      'Attempts at a notification that failed.',
      [],
    ),
    notificationsDropped: counter(
      registry,
      'incse_notifications_dropped_total',
      'Notifications given up because of a bound in count, bytes or age.',
      [],
    ),
    outboundRecords: counter(
      registry,
      'incse_outbound_records_total',
      'Outbound records done, by result: published, failed, expired, dead-letter.',
      ['result'],
    ),
    outboundInFlight: gauge(
      registry,
      'incse_outbound_in_flight_publishes',
      'Messages published and not yet acknowledged by their broker.',
      [],
    ),
    deadLetters: counter(registry, 'incse_dead_letters_total', 'Records moved to the dead letters, by step.', ['step']),
    cacheRequests: counter(registry, 'incse_cache_requests_total', 'Look-ups in a cache, by result.', [
      'cache',
      'result',
    ]),
    codecBatches: counter(registry, 'incse_codec_batches_total', 'Batches coded, in a thread or inline.', [
      'direction',
      'way',
    ]),
  };
}
