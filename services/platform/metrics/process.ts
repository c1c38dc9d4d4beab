/** The process itself. */
import { constantLabel, counter, gauge, label, numberLabel } from '../metric-types.ts';

export const processMetrics = {
  buildInfo: gauge({
    name: 'incse_build_info',
    unit: 'boolean',
    help: 'Always 1; the labels say what runs: version, commit (unknown unless the build says so), Node and service.',
    labels: [constantLabel('version'), constantLabel('commit'), constantLabel('node'), constantLabel('service')],
  }),
  ready: gauge({
    name: 'incse_ready',
    unit: 'boolean',
    help: '1 if the process was ready when last asked or looked at, else 0.',
  }),
  adminRequests: counter({
    name: 'incse_admin_requests_total',
    unit: 'requests',
    help: 'Requests to the admin port.',
    labels: [
      label<string>('path', ['/livez', '/readyz', '/startupz', '/metrics', '/log-level']),
      numberLabel('status', 200, 599),
    ],
  }),
};
