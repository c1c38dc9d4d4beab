/** What hosted CSEs take of a deployment, and where their quotas refused. */
import { counter, gauge, label, operatorLabel } from '../metric-types.ts';

/** CSEs whose usage stands apart. CSE-IDs are an operator's data, and chosen by a setting; the rest is `other`. */
export const mostCsesApart = 50;

const cseLabel = operatorLabel('cse', mostCsesApart);

export const usageMetrics = {
  usageApplicationEntities: gauge({
    name: 'incse_usage_application_entities',
    unit: 'entities',
    help: 'Registered AEs by CSE, of the partitions of this worker: sum over the workers. `other`: all CSEs that do not stand apart.',
    labels: [cseLabel],
  }),
  usageResources: gauge({
    name: 'incse_usage_resources',
    unit: 'resources',
    help: 'Resources by CSE, those that wait for their removal too: sum over the workers.',
    labels: [cseLabel],
  }),
  usageBytes: gauge({
    name: 'incse_usage_bytes',
    unit: 'bytes',
    help: 'Bytes of the attributes of all resources by CSE: sum over the workers.',
    labels: [cseLabel],
  }),
  quotaUsedRatio: gauge({
    name: 'incse_quota_used_ratio',
    unit: 'ratio',
    help:
      'Share of its quota that a CSE has used up, over all partitions, as of seconds ago: maximum over the workers. `other`: the ' +
      'highest of the CSEs that do not stand apart.',
    labels: [cseLabel, label('quota', ['applicationEntities', 'resources', 'bytes'])],
  }),
  quotaRefusals: counter({
    name: 'incse_quota_refusals_total',
    unit: 'requests',
    help: 'Requests answered 5207 because they would have taken more than a quota of their CSE leaves.',
    labels: [label('quota', ['applicationEntities', 'resources', 'bytes'])],
  }),
};
