/** Settings of whoever decides on access: the process `broker-access`, and an embedded CSE that asks for credentials. */
import { count, duration } from '../platform/setting-types.ts';

export const accessSettings = {
  credentialRefresh: duration({
    default: 2000,
    minimum: 50,
    sentence: 'How often the credentials are read: so soon a revocation is noticed.',
  }),
  credentialTrust: duration({
    default: 300_000,
    minimum: 1000,
    sentence: 'How long the last credentials count when they cannot be read; after that nobody is let in.',
  }),
  attemptsPerName: count({
    default: 10,
    minimum: 1,
    unit: 'attempts/minute',
    sentence: 'Most failed attempts with one user name from one address; ten times as many from all together.',
  }),
  attemptsPerPeer: count({
    default: 600,
    minimum: 1,
    unit: 'attempts/minute',
    sentence: 'Most failed attempts from one address.',
  }),
};
