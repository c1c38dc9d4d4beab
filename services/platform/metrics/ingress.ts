/** What has arrived and is not yet safe. */
import { counter, gauge, label } from '../metric-types.ts';
import { dropReasons } from './label-values.ts';

export const ingressMetrics = {
  ingressReceived: counter({
    name: 'incse_ingress_received_total',
    unit: 'messages',
    help: 'Messages received from the broker, repeated ones too.',
  }),
  ingressUnacknowledged: gauge({
    name: 'incse_ingress_unacknowledged_messages',
    unit: 'messages',
    help: 'Messages received and not yet acknowledged to the broker.',
  }),
  ingressInFlight: gauge({
    name: 'incse_ingress_in_flight_records',
    unit: 'records',
    help: 'Records handed to the log and not yet acknowledged by it.',
  }),
  ingressOldestUnacknowledgedSeconds: gauge({
    name: 'incse_ingress_oldest_unacknowledged_seconds',
    unit: 'seconds',
    help: 'Age of the oldest message not yet acknowledged to the broker, in seconds.',
  }),
  ingressDropped: counter({
    name: 'incse_ingress_dropped_total',
    unit: 'messages',
    help: 'Messages that ingress neither put into the log nor answered, by reason.',
    labels: [label('reason', dropReasons)],
  }),
  ingressLimited: counter({
    name: 'incse_ingress_limited_total',
    unit: 'messages',
    help: 'Messages refused unread because who sent them sends too much, by the limit that was in the way.',
    labels: [label('limit', ['originator rate', 'originator in flight', 'CSE rate', 'CSE in flight'])],
  }),
  ingressShed: counter({
    name: 'incse_ingress_shed_total',
    unit: 'requests',
    help: 'Requests answered 5000 because of overload.',
  }),
};
