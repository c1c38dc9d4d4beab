/** What becomes of requests, and how long it takes. */
import { counter, gauge, histogram, label } from '../metric-types.ts';
import {
  batchBuckets,
  latencyBuckets,
  logLabel,
  operationLabel,
  partitionLabel,
  statusLabel,
  typeLabel,
} from './label-values.ts';

export const pathMetrics = {
  requests: counter({
    name: 'incse_requests_total',
    unit: 'requests',
    help:
      'Requests answered, by operation, resource type (of what is created, else of the target) and response status code. ' +
      'By the worker, or by ingress itself.',
    labels: [operationLabel, typeLabel, statusLabel],
  }),
  answerSeconds: histogram({
    name: 'incse_answer_seconds',
    unit: 'seconds',
    help:
      "From a request's append time in the requests log until the broker has acknowledged its answer, in seconds. Before that " +
      'stands the stage ingress, from arrival.',
    buckets: latencyBuckets,
  }),
  stageSeconds: histogram({
    name: 'incse_stage_seconds',
    unit: 'seconds',
    help:
      'Time in a stage of the path, in seconds: ingress (arrival to PUBACK), decide, commit, ' +
      'outbound (append to the outbound log until the broker has acknowledged).',
    buckets: latencyBuckets,
    labels: [label('stage', ['ingress', 'decide', 'commit', 'outbound'])],
  }),
  batchSize: histogram({
    name: 'incse_batch_records',
    unit: 'records',
    help: 'Messages or records per batch of a stage: decode, append, decide, commit (partitions per transaction), encode.',
    buckets: batchBuckets,
    labels: [label('stage', ['decode', 'append', 'decide', 'commit', 'encode'])],
  }),
  oldestUnprocessedSeconds: gauge({
    name: 'incse_oldest_unprocessed_seconds',
    unit: 'seconds',
    help:
      'Age of the oldest record that is not done, fetched or not, in seconds. Reported for each partition by the process ' +
      'that has it.',
    labels: [logLabel, partitionLabel],
  }),
  duplicatesSuppressed: counter({
    name: 'incse_duplicates_suppressed_total',
    unit: 'requests',
    help: 'Requests that came again and got the first answer, or silence while the first is pending.',
  }),
  answersIgnored: counter({
    name: 'incse_answers_ignored_total',
    unit: 'answers',
    help:
      'Answers to requests of ours that change nothing, by reason: not awaited (any more; also a repeated one), not ours (an ' +
      'identifier that we never sent), foreign responder (somebody answers for another, promise 4).',
    labels: [label('reason', ['not awaited', 'not ours', 'foreign responder'])],
  }),
  handOns: counter({
    name: 'incse_hand_ons_total',
    unit: 'records',
    help: 'Records handed on to the partition of their target.',
  }),
  exchangesOpen: gauge({
    name: 'incse_exchanges_open',
    unit: 'requests',
    help: 'Requests that wait for the answers of others, by purpose.',
    labels: [label('purpose', ['verification'])],
  }),
  deadLetters: counter({
    name: 'incse_dead_letters_total',
    unit: 'records',
    help: 'Records moved to the dead letters, by step.',
    labels: [
      label<string>('step', [
        'resource-worker/read',
        'resource-worker/decide',
        'resource-worker/commit',
        'resource-worker/emit',
        'responder/read',
        'responder/encode',
        'responder/publish',
      ]),
    ],
  }),
  emissionBacklog: gauge({
    name: 'incse_emission_backlog_rows',
    unit: 'rows',
    help: 'Committed journal rows whose records the log has not all acknowledged.',
    labels: [partitionLabel],
  }),
};
