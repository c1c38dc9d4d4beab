/** What the canary sees from outside: the only figures that hold whatever else is broken. */
import { counter, gauge, histogram, label } from '../metric-types.ts';
import { latencyBuckets } from './label-values.ts';

export const canaryMetrics = {
  canarySeconds: histogram({
    name: 'incse_canary_seconds',
    unit: 'seconds',
    help: 'Time from the publication of a canary request until its answer, by step; only of steps that were answered.',
    labels: [label('step', ['create', 'latest', 'delete'])],
    buckets: latencyBuckets,
  }),
  canaryRounds: counter({
    name: 'incse_canary_rounds_total',
    unit: 'rounds',
    help:
      'Round trips of the canary, by result: ok, unanswered (in time), refused (an error as answer), wrong (the latest ' +
      'instance was not the one just created).',
    labels: [label('result', ['ok', 'unanswered', 'refused', 'wrong'])],
  }),
  canaryLastSuccess: gauge({
    name: 'incse_canary_last_success_timestamp_seconds',
    unit: 'seconds',
    help: 'When the last round trip succeeded, seconds since 1970; 0: none yet.',
  }),
};
