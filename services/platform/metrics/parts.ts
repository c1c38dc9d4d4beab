/** What the processes use: log, store, cache, broker, codec threads. Filled by wrappers around the ports (`adapters/metered`). */
import { counter, gauge, histogram, label } from '../metric-types.ts';
import { latencyBuckets, logLabel } from './label-values.ts';

const laneLabel = label('lane', ['flight', 'read', 'query']);

export const partMetrics = {
  logAppendSeconds: histogram({
    name: 'incse_log_append_seconds',
    unit: 'seconds',
    help: 'From handing records to a log until all replicas that must have them have them, in seconds.',
    buckets: latencyBuckets,
    labels: [logLabel],
  }),
  logPending: gauge({
    name: 'incse_log_pending_records',
    unit: 'records',
    help: 'Records handed to a log and not yet acknowledged by it.',
    labels: [logLabel],
  }),
  logFetched: counter({
    name: 'incse_log_fetched_records_total',
    unit: 'records',
    help: 'Records that were fetched from a log.',
    labels: [logLabel],
  }),
  logPartitions: gauge({
    name: 'incse_log_partitions_assigned',
    unit: 'partitions',
    help: 'Partitions of a log that this process has.',
    labels: [logLabel],
  }),
  logAssignments: counter({
    name: 'incse_log_assignments_total',
    unit: 'changes',
    help: 'Changes of what this process has of a log: rebalances that gave it partitions or took some.',
    labels: [logLabel, label('change', ['assigned', 'revoked'])],
  }),
  storeSeconds: histogram({
    name: 'incse_store_seconds',
    unit: 'seconds',
    help: 'Time of a call of the database, in seconds; calls that fail too.',
    buckets: latencyBuckets,
    labels: [label('call', ['load', 'commit', 'deliveries', 'due', 'sweep', 'takeover', 'ping'])],
  }),
  storeFailures: counter({
    name: 'incse_store_failures_total',
    unit: 'calls',
    help: 'Calls of the database that failed.',
    labels: [label('call', ['load', 'commit', 'deliveries', 'due', 'sweep', 'takeover', 'ping'])],
  }),
  flights: counter({
    name: 'incse_flights_total',
    unit: 'transactions',
    help:
      'Transactions of the workers by outcome: committed, fenced (somebody else owns a partition), stale (what was relied upon ' +
      'has changed), busy (locks), unknown (connection lost), refused.',
    labels: [label('outcome', ['committed', 'fenced', 'stale', 'busy', 'unknown', 'refused'])],
  }),
  fenceFailures: counter({
    name: 'incse_fence_failures_total',
    unit: 'commits',
    help: 'Commits of a partition refused because its ownership had changed.',
  }),
  poolConnections: gauge({
    name: 'incse_pool_connections',
    unit: 'connections',
    help: 'Connections to the database by lane: used, idle.',
    labels: [laneLabel, label('state', ['used', 'idle'])],
  }),
  poolWaiting: gauge({
    name: 'incse_pool_waiting_calls',
    unit: 'calls',
    help: 'Calls that wait for a connection to the database, by lane.',
    labels: [laneLabel],
  }),
  cacheRequests: counter({
    name: 'incse_cache_requests_total',
    unit: 'requests',
    help: 'Look-ups in a cache by result: redis (shared), ae-home (of ingress), partition (what a batch names).',
    labels: [label('cache', ['redis', 'ae-home', 'partition']), label('result', ['hit', 'miss'])],
  }),
  cacheReady: gauge({
    name: 'incse_cache_ready',
    unit: 'boolean',
    help: '1 if the shared cache is asked, 0 if it is away or left alone for a while.',
  }),
  codecBatches: counter({
    name: 'incse_codec_batches_total',
    unit: 'batches',
    help: 'Batches coded, in a thread or inline.',
    labels: [label('direction', ['decode', 'encode']), label('way', ['inline', 'thread'])],
  }),
  codecThreads: gauge({
    name: 'incse_codec_threads',
    unit: 'threads',
    help: 'Codec threads by state: busy, idle.',
    labels: [label('state', ['busy', 'idle'])],
  }),
  codecQueue: gauge({
    name: 'incse_codec_waiting_batches',
    unit: 'batches',
    help: 'Batches that wait for a codec thread.',
  }),
  codecThreadFailures: counter({
    name: 'incse_codec_thread_failures_total',
    unit: 'threads',
    help: 'Codec threads that died or took too long; each is replaced.',
  }),
  codecGivenUp: counter({
    name: 'incse_codec_given_up_total',
    unit: 'payloads',
    help: 'Payloads that took a codec thread down twice.',
  }),
  brokerConnected: gauge({
    name: 'incse_broker_connected',
    unit: 'boolean',
    help: '1 if the connections to the broker that a process needs are there: receiving, publishing.',
    labels: [label('direction', ['receiving', 'publishing'])],
  }),
  brokerConnectionsLost: counter({
    name: 'incse_broker_connections_lost_total',
    unit: 'connections',
    help: 'Connections to the broker that broke; each is made anew.',
    labels: [label('direction', ['receiving', 'publishing'])],
  }),
};
