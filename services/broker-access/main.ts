/** The process that tells brokers who may connect and do what. Composition only. */
import { createMemoryAttemptLimiter } from '../adapters/memory/attempt-limiter.ts';
import { SqlCredentialStore } from '../adapters/postgres/credential-store.ts';
import { openPostgresStore } from '../adapters/postgres/open-postgres.ts';
import { PostgresDatabase } from '../adapters/postgres/postgres-database.ts';
import { idToTopicLevel } from '../core/identifiers.ts';
import { postgresAddressOf } from '../platform/addresses.ts';
import { beginProcess } from '../platform/begin-process.ts';
import { lastGood } from '../platform/files.ts';
import type { Lifecycle } from '../platform/lifecycle.ts';
import type { Log } from '../platform/logging.ts';
import type { Metrics } from '../platform/metrics.ts';
import { createPasswordChecker } from '../platform/password-hash.ts';
import { openCertificateOf } from '../platform/server-tls-settings.ts';
import { readSecretFile, secretFileOf } from '../platform/settings.ts';
import { createSystemChance, createSystemClock } from '../platform/system-clock.ts';
import type { CredentialStore } from '../ports/credential-store.ts';
import type { ResourceStore } from '../ports/resource-store.ts';
import { type AccessEndpointOptions, createAccessEndpoint } from './access-endpoint.ts';
import { createBrokerAccess } from './broker-access.ts';
import type { BrokerAccessSettings } from './config.ts';
import { type AccessFacts, createCredentialList } from './credential-list.ts';

/** Resolves when brokers are answered. Rejects with a clear message if that cannot be; what was started is stopped then. */
export async function startBrokerAccess(settings: BrokerAccessSettings): Promise<Lifecycle> {
  const { log, lifecycle, metrics, checks, adminPort } = await beginProcess('broker-access', settings);
  const clock = createSystemClock();
  const address = postgresAddressOf(settings);
  const store = await lifecycle.started('store', openPostgresStore(address, { clock, development: true }), (part) =>
    part.close(),
  );
  const credentials = await lifecycle.started(
    'credential store',
    new SqlCredentialStore(new PostgresDatabase(address)),
    (part) => part.close(),
  );
  const list = createCredentialList({
    read: () => readFacts(credentials, store, settings),
    clock,
    log,
    refresh: settings.credentialRefresh,
    believedFor: settings.credentialTrust,
  });
  const counted = () => metrics.brokerAccessCredentials.set(list.current()?.countInForce(clock.now()) ?? 0);
  list.watch(counted);
  await lifecycle.started('credentials', list.start(), () => list.stop());
  counted();
  const { attemptsPerName: perName, attemptsPerPeer: perPeer } = settings;
  const limiter = createMemoryAttemptLimiter({ perName, perPeer });
  const passwords = createPasswordChecker();
  const access = createBrokerAccess({ list, limiter, passwords, clock, group: settings.shareGroup });

  const certificate = openCertificateOf(settings, log);
  if (certificate !== undefined) await lifecycle.started('certificate', certificate, (part) => part.close());
  const endpoint = createAccessEndpoint({
    access,
    clock,
    chance: createSystemChance(),
    withRules: settings.accessRules,
    sessionLimit: settings.accessSessionLimit,
    host: settings.accessHost,
    port: settings.accessPort,
    certificate,
    demandCertificate: settings.tlsClientCaFile !== undefined,
    secret: secretOf(settings),
    answered: counting(metrics, log),
  });
  const accessPort = await lifecycle.started('endpoint', endpoint.start(), () => endpoint.stop());
  // While the last list is believed, brokers are better answered by it than not at all.
  checks.credentials = () => list.current() !== undefined;
  lifecycle.complete();
  log.info({ adminPort, accessPort }, 'broker access answers');
  return lifecycle;
}

async function readFacts(
  credentials: Pick<CredentialStore, 'list'>,
  store: ResourceStore,
  { topicPrefix: prefix, shareGroup: group, freeTopics }: BrokerAccessSettings,
): Promise<AccessFacts> {
  const [list, cses] = await Promise.all([credentials.list(), store.cses()]);
  const levels = cses.map(({ id }) => idToTopicLevel(id));
  return { credentials: list, scope: { prefix, cses: levels, group, freeTopics } };
}

/** From a file it is read again, so that it can be rotated: the old one counts no more as soon as the file has changed. */
function secretOf(settings: BrokerAccessSettings): () => string | undefined {
  const file = secretFileOf(settings, 'accessSecret');
  return file === undefined ? () => settings.accessSecret : lastGood(() => readSecretFile(file));
}

/** Each name and reason is logged once, until there are many: whoever tries out must not fill the log. */
const remembered = 1000;

function counting(metrics: Metrics, log: Log): AccessEndpointOptions['answered'] {
  const logged = new Set<string>();
  return (path, { result, why }) => {
    metrics.brokerAccessRequests.add(1, path, result);
    if (why === undefined) return;
    const key = `${why.reason} ${why.name}`;
    if (logged.has(key)) return;
    if (logged.size >= remembered) logged.clear();
    logged.add(key);
    log.warn({ name: why.name?.slice(0, 128) }, `not let in: ${why.reason}`);
  };
}
