/**
 * The one table of what an identity may do at a broker (promise 4; TS-0010 6.4): a device publishes only as itself and reads
 * only what is meant for it; only service accounts use the share group; nobody publishes retained. What no row allows is
 * denied. The embedded broker, the files for Mosquitto, HiveMQ and EMQX, and the HTTP endpoint all come from here.
 */
import type { BrokerIdentity, IdentityKind } from './identity.ts';

export type BrokerAction = 'publish' | 'subscribe';

/** A row. `{level}`, `{credential}`, `{cse}`, `{prefix}`, `{free}` stand for what the identity and the deployment fill in. */
export interface TopicRule {
  kinds: readonly IdentityKind[];
  action: BrokerAction;
  /**
   * A topic filter; for a subscription also every narrower one is allowed. Patterns of subscriptions end in `#`: some brokers
   * take a `#` that is asked for as one more level, which a `+` at the end would allow.
   */
  pattern: string;
  /** Subscriptions: through which share group. `none` (not shared), `ours`, or `any` (the delivery probe draws one, R31). */
  share: 'none' | 'ours' | 'any';
  allowed: boolean;
  /** What it is for, in the words of the docs. */
  purpose: string;
}

const devices: readonly IdentityKind[] = ['ae', 'cse'];
const registrants: readonly IdentityKind[] = ['ae', 'registration'];
const services: readonly IdentityKind[] = ['service'];
const everybody: readonly IdentityKind[] = ['ae', 'cse', 'registration', 'service'];

function allow(
  kinds: readonly IdentityKind[],
  action: BrokerAction,
  pattern: string,
  purpose: string,
  share: TopicRule['share'] = 'none',
): TopicRule {
  return { kinds, action, pattern, share, allowed: true, purpose };
}

export const topicRules: readonly TopicRule[] = [
  allow(devices, 'publish', '{prefix}/oneM2M/req/{level}/{cse}/+', 'requests as itself'),
  allow(devices, 'publish', '{prefix}/oneM2M/resp/{cse}/{level}/+', 'answers to what the CSE asks'),
  allow(devices, 'subscribe', '{prefix}/oneM2M/resp/{level}/{cse}/#', 'its own answers'),
  allow(devices, 'subscribe', '{prefix}/oneM2M/req/{cse}/{level}/#', 'what the CSE asks it'),
  allow(registrants, 'publish', '{prefix}/oneM2M/reg_req/{credential}/{cse}/+', 'registration with its credential'),
  allow(registrants, 'subscribe', '{prefix}/oneM2M/reg_resp/{credential}/{cse}/#', 'the answer to its registration'),
  allow(services, 'subscribe', '{prefix}/oneM2M/req/+/{cse}/#', 'requests to a hosted CSE', 'ours'),
  allow(services, 'subscribe', '{prefix}/oneM2M/reg_req/+/{cse}/#', 'registrations at a hosted CSE', 'ours'),
  allow(services, 'subscribe', '{prefix}/oneM2M/resp/{cse}/#', 'answers to a hosted CSE', 'ours'),
  allow(services, 'publish', '{prefix}/oneM2M/resp/+/{cse}/+', 'answers of a hosted CSE'),
  allow(services, 'publish', '{prefix}/oneM2M/reg_resp/+/{cse}/+', 'answers to registrations'),
  allow(services, 'publish', '{prefix}/oneM2M/req/{cse}/+/+', 'notifications and requests of a hosted CSE'),
  allow(services, 'publish', '{free}', 'notifications to topics that subscriptions name (R27)'),
  allow(services, 'publish', '/oneM2M/probe/+', 'the delivery probe (R31)'),
  allow(services, 'subscribe', '/oneM2M/probe/#', 'the delivery probe (R31)', 'any'),
  // Said though nothing allows them, so that every broker's rules say it too.
  {
    kinds: everybody,
    action: 'subscribe',
    pattern: '$SYS/#',
    share: 'none',
    allowed: false,
    purpose: 'the broker itself',
  },
  { kinds: everybody, action: 'subscribe', pattern: '#', share: 'none', allowed: false, purpose: 'everything' },
];

/** What the deployment fills in. */
export interface AccessScope {
  /** Topic levels in front of `/oneM2M`, with a leading slash or empty: as the flows have it. */
  prefix: string;
  /** Topic levels of the hosted CSEs. */
  cses: readonly string[];
  /** Share group of ingress. */
  group: string;
  /** Filters of topics, without a level `oneM2M`, that subscriptions may name as targets. */
  freeTopics: readonly string[];
}

/** A row of one identity, with everything filled in. */
export interface TopicGrant {
  action: BrokerAction;
  filter: string;
  share: TopicRule['share'];
}

/** All that one identity is allowed. A CSE that is not hosted (any more) gives nothing. */
export function grantsOf(identity: BrokerIdentity, scope: AccessScope): TopicGrant[] {
  const cses = identity.kind === 'service' ? scope.cses : scope.cses.filter((level) => level === identity.cse);
  const values: Record<string, readonly string[]> = {
    prefix: [scope.prefix],
    cse: cses,
    level: identity.levels,
    credential: identity.credentialLevel === undefined ? [] : [identity.credentialLevel],
    free: scope.freeTopics,
  };
  return topicRules
    .filter(({ allowed, kinds }) => allowed && kinds.includes(identity.kind))
    .flatMap(({ action, pattern, share }) => filled(pattern, values).map((filter) => ({ action, filter, share })));
}

/** Every way of filling in; none where a value is missing. What is filled in is not looked into again. */
function filled(pattern: string, values: Record<string, readonly string[]>): string[] {
  // Texts and names take turns.
  const parts = pattern.split(/\{(\w+)\}/);
  return parts.reduce<string[]>(
    (texts, part, at) => {
      const choices = at % 2 === 0 ? [part] : (values[part] ?? []);
      return texts.flatMap((text) => choices.map((choice) => text + choice));
    },
    [''],
  );
}
