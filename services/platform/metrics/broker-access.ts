/** Who is let in: by the embedded broker, and by the endpoint that other brokers ask. */
import { counter, gauge, label } from '../metric-types.ts';

export const brokerAccessMetrics = {
  brokerAccessDenied: counter({
    name: 'incse_broker_access_denied_total',
    unit: 'denials',
    help: 'What the embedded broker has denied clients: to connect (or to stay), to publish, to subscribe.',
    labels: [label('action', ['connect', 'publish', 'subscribe'])],
  }),
  brokerAccessRequests: counter({
    name: 'incse_broker_access_requests_total',
    unit: 'requests',
    help:
      'Questions of brokers answered, by path and result: allow, deny, limited (too many attempts), secret (the broker did ' +
      'not show it), unreadable, unavailable (credentials not known, too busy).',
    labels: [
      label('path', ['authenticate', 'authorize', 'other']),
      label('result', ['allow', 'deny', 'limited', 'secret', 'unreadable', 'unavailable']),
    ],
  }),
  brokerAccessCredentials: gauge({
    name: 'incse_broker_access_credentials',
    unit: 'credentials',
    help: 'Credentials that are in force, as last read.',
  }),
};
