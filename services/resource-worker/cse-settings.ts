/** Which CSEs a deployment hosts, as an operator says it (R32): one by plain settings, more of them by a list in a file. */
import type { CseDescription } from '../core/cse.ts';
import { canonicalId } from '../core/identifiers.ts';
import type { Quotas } from '../core/quotas.ts';
import { groups } from '../platform/setting-groups.ts';
import { byteSize, count, duration, list, optional, text, toggle } from '../platform/setting-types.ts';
import type { SettingsOf } from '../platform/settings.ts';

/** A CSE before the store has given it a number. */
export type CseToHost = Omit<CseDescription, 'number' | 'baseId'>;

const tenYears = 10 * 365 * 86_400_000;

const ownSettings = {
  cseId: text({
    default: '/id-in',
    pattern: /^\/[A-Za-z0-9._~-]+$/,
    expected: 'a CSE-ID such as /id-in',
    sentence: 'SP-relative CSE-ID.',
  }),
  cseName: text({
    default: 'cse-in',
    pattern: /^[A-Za-z0-9][A-Za-z0-9._~-]*$/,
    expected: 'a resource name of letters, digits, - . _ ~',
    sentence: 'resourceName of the CSEBase.',
  }),
  spId: text({
    default: '//sp.example',
    pattern: /^\/\/[A-Za-z0-9._~-]+$/,
    expected: 'an M2M-SP-ID such as //sp.example',
    sentence: 'M2M-SP-ID of the service provider.',
  }),
  admin: text({
    default: '',
    pattern: /^([CS][A-Za-z0-9._~-]+)?$/,
    expected: 'an AE-ID that begins with C or S, or nothing for no admin',
    sentence: 'Originator that has all rights and that nobody can register; empty for none.',
  }),
  registrationPatterns: list({
    default: ['*'],
    sentence: 'Originators that may register an AE; `*` stands for any characters.',
  }),
  demandRegistration: toggle({ default: false, sentence: 'Turns away originators that have no AE resource.' }),
  ignoreUnknownParameters: toggle({
    default: false,
    sentence: 'Ignores request parameters that this CSE does not know instead of answering 5001.',
  }),
  maximumLifetime: duration({
    default: tenYears,
    minimum: 1000,
    sentence: 'Longest life that a resource may ask for.',
  }),
  defaultLifetime: optional(
    duration({
      default: 0,
      minimum: 1000,
      sentence: 'Life of a resource that asks for none; else as long as it can be.',
    }),
  ),
  duplicateWindow: duration({
    default: 120_000,
    sentence: 'How long an answer is remembered for requests that come again; 0 switches that off.',
  }),
  credentialsPerDevice: toggle({
    default: false,
    sentence: 'Every credential of reg_req belongs to one device, so that its registration is remembered.',
  }),
  pointsOfAccess: list({ default: [], sentence: 'Addresses of the CSE, as its poa has them.' }),
  quotaApplicationEntities: quota(count, 'AEs', 'Most AEs that may be registered with the CSE'),
  quotaResources: quota(
    count,
    'resources',
    'Most resources that the CSE may hold, instances and what waits for its removal included',
  ),
  quotaBytes: quota(byteSize, undefined, 'Most bytes that the attributes of all its resources may have together'),
  quotaRequests: quota(count, 'requests/s', 'Most requests that the CSE may get in a second'),
};

/** 0 stands for none: a CSE that differs from the first can be without the quota that the first one has. */
function quota(
  kind: typeof count | typeof byteSize,
  unit: string | undefined,
  sentence: string,
): ReturnType<typeof count> {
  return kind({ default: 0, ...(unit === undefined ? {} : { unit }), sentence: `${sentence}; 0 for no bound.` });
}

export const cseSettings = {
  ...ownSettings,
  moreCses: groups(ownSettings, {
    sentence: 'CSEs hosted beside that one: objects with `cseId` and whatever differs from the first. For the file.',
  }),
};

/** Hosts that may be notified are the same for the worker, which checks, and the responder, which sends (R27). */
type CseSettings = SettingsOf<typeof cseSettings> & { notificationHosts: readonly string[] };

/** The CSEs to host. Throws an Error with a line for each collision. */
export function csesOf(settings: CseSettings): CseToHost[] {
  const { moreCses, ...first } = settings;
  const cses = [first, ...moreCses.map((differing) => ({ ...first, ...withoutUndefined(differing) }))].map(cseOf);
  const twice = cses.filter(({ id }, index) => cses.findIndex((other) => other.id === id) !== index);
  if (twice.length > 0) throw new Error(`Each CSE needs a cseId of its own: ${twice.map(({ id }) => id).join(', ')}.`);
  return cses;
}

function cseOf(settings: Omit<CseSettings, 'moreCses'>): CseToHost {
  const { cseId: id, spId: serviceProvider, admin: stem, defaultLifetime } = settings;
  const admin = stem === '' ? undefined : canonicalId(stem, { id, serviceProvider });
  return {
    id,
    name: settings.cseName,
    serviceProvider,
    ...(admin === undefined ? {} : { admin }),
    registrationPatterns: [...settings.registrationPatterns],
    demandRegistration: settings.demandRegistration,
    ignoreUnknownParameters: settings.ignoreUnknownParameters,
    maximumLifetime: settings.maximumLifetime,
    ...(defaultLifetime === undefined ? {} : { defaultLifetime }),
    duplicateWindow: settings.duplicateWindow,
    credentialsPerDevice: settings.credentialsPerDevice,
    pointsOfAccess: [...settings.pointsOfAccess],
    notificationHosts: [...settings.notificationHosts],
    ...quotasOf(settings),
  };
}

function quotasOf(settings: Omit<CseSettings, 'moreCses'>): { quotas?: Quotas } {
  const { quotaApplicationEntities, quotaResources, quotaBytes, quotaRequests } = settings;
  const quotas: Quotas = {
    ...(quotaApplicationEntities === 0 ? {} : { applicationEntities: quotaApplicationEntities }),
    ...(quotaResources === 0 ? {} : { resources: quotaResources }),
    ...(quotaBytes === 0 ? {} : { bytes: quotaBytes }),
    ...(quotaRequests === 0 ? {} : { requestsPerSecond: quotaRequests }),
  };
  return Object.keys(quotas).length === 0 ? {} : { quotas };
}

function withoutUndefined<T extends object>(values: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  const said = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(said) as { [K in keyof T]?: Exclude<T[K], undefined> };
}
