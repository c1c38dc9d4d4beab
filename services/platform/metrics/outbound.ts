/** Answers and notifications on their way to their receivers. */
import { counter, gauge, label } from '../metric-types.ts';
import { partitionLabel } from './label-values.ts';

export const outboundMetrics = {
  notificationBacklog: gauge({
    name: 'incse_notification_backlog',
    unit: 'notifications',
    help: 'Notifications queued and not yet acknowledged by their targets, in the queues used since the partition was taken over.',
    labels: [partitionLabel],
  }),
  notificationCircuitsOpen: gauge({
    name: 'incse_notification_circuits_open',
    unit: 'targets',
    help: 'Targets of subscriptions that are left alone for a while after failures, in the queues used since the take-over.',
    labels: [partitionLabel],
  }),
  notificationFailures: counter({
    name: 'incse_notification_failures_total',
    unit: 'notifications',
    help: 'Attempts at a notification that failed.',
  }),
  notificationsDropped: counter({
    name: 'incse_notifications_dropped_total',
    unit: 'notifications',
    help: 'Notifications given up because of a bound in count, bytes or age.',
  }),
  outboundRecords: counter({
    name: 'incse_outbound_records_total',
    unit: 'records',
    help: 'Outbound records done, by result: published, failed, expired, dead-letter.',
    labels: [label('result', ['published', 'failed', 'expired', 'dead-letter'])],
  }),
  outboundInFlight: gauge({
    name: 'incse_outbound_in_flight_publishes',
    unit: 'messages',
    help: 'Messages published and not yet acknowledged by their broker.',
  }),
};
