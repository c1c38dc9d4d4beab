/** How the deployments under test are set up, as an operator would say it in the environment. */
import type { CseUnderTest, Target } from './system.ts';

export const firstCse: CseUnderTest = { level: 'id-in', name: 'cse-in', serviceProvider: '//sp.example' };
export const secondCse: CseUnderTest = { level: 'id-two', name: 'cse-two', serviceProvider: '//sp-two.example' };
/** Of a provider that may have little. */
export const smallCse: CseUnderTest = { level: 'id-small', name: 'cse-small', serviceProvider: '//sp-small.example' };
export const smallQuotas = { applicationEntities: 2, resources: 8, bytes: 5000, requestsPerSecond: 200 };
export const admin = 'CAdmin';

/** Patterns of AE-IDs that the second CSE lets register. */
export const secondRegistrations = ['C*', 'Sallowed*'];

/** A second provider with other rules, and times at which nobody has to wait long. */
export const testSettings = {
  IN_CSE_ADMIN: admin,
  IN_CSE_MORE_CSES: JSON.stringify([
    {
      cseId: `/${secondCse.level}`,
      cseName: secondCse.name,
      spId: secondCse.serviceProvider,
      admin: '',
      registrationPatterns: secondRegistrations,
      duplicateWindow: '0s',
      demandRegistration: true,
      ignoreUnknownParameters: true,
    },
    {
      cseId: `/${smallCse.level}`,
      cseName: smallCse.name,
      spId: smallCse.serviceProvider,
      quotaApplicationEntities: smallQuotas.applicationEntities,
      quotaResources: smallQuotas.resources,
      quotaBytes: smallQuotas.bytes,
      quotaRequests: smallQuotas.requestsPerSecond,
    },
  ]),
  IN_CSE_USAGE_REFRESH: '100ms',
  IN_CSE_USAGE_METRICS: `/${smallCse.level}`,
  IN_CSE_EXPIRY_TICK: '100ms',
  IN_CSE_NOTIFICATION_FIRST_PAUSE: '200ms',
  IN_CSE_NOTIFICATION_LONGEST_PAUSE: '1s',
  IN_CSE_NOTIFICATION_ANSWER_LIMIT: '2s',
} satisfies Record<string, string>;

export const hostedCses: Pick<Target, 'cse' | 'second' | 'small' | 'admin'> = {
  cse: firstCse,
  second: secondCse,
  small: smallCse,
  admin,
};
