/** The parts of a cluster with nothing in the clear: TLS and credentials towards every one, secrets in files. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CertificateFiles, type Certificates, makeCertificates } from './certificates.ts';
import type { Environment } from './cluster-process.ts';
import { type GuardedBroker, type GuardedBrokerName, startGuardedBroker } from './guarded-broker.ts';
import { type KafkaPart, startKafka } from './kafka.ts';
import { startMosquitto } from './mosquitto.ts';
import type { Part } from './part.ts';
import { startPostgres, superuser } from './postgres.ts';
import { startRedis } from './redis.ts';
import { openWorkFolder } from './work-folder.ts';

const user = superuser;
const first = 'first-password';

export interface Security {
  readonly certificates: Certificates;
  /** Of the processes of the product. */
  readonly client: CertificateFiles;
  /** The user by which the product is known everywhere. */
  readonly user: string;
  readonly password: string;
  /** Writes the file that the processes read their password from. */
  writePassword(part: 'kafka' | 'postgres' | 'redis', password: string): void;
  /** Where access files decide who may connect to the broker. */
  readonly guard?: BrokerGuard;
}

export interface BrokerGuard extends GuardedBroker {
  /** Of the access files. */
  readonly folder: string;
}

export interface SecuredPartsOptions {
  mqttPort?: number;
  /** Nodes of Kafka, 1 by default. */
  kafka?: 1 | 3;
  /** Lets the broker be one that access files guard. Writes the first ones into the folder: they may let nobody in. */
  access?: { broker: GuardedBrokerName; begin(folder: string): Promise<void> };
}

/** Under which name our processes come to a guarded broker: user name of their credential, common name of their certificate. */
export const serviceName = 'in-cse';

export interface SecuredParts {
  parts: { broker: Part; kafka: KafkaPart; postgres: Part; redis: Part };
  security: Security;
  /** How the processes reach them. */
  environment: Environment;
  stop(): Promise<void>;
}

/**
 * Mosquitto with client certificates (or a broker guarded by access files), Kafka with SASL (SCRAM-SHA-512), Postgres with a
 * password and a client certificate, Redis with a user. On failure nothing is left.
 */
export async function startSecuredParts(options: SecuredPartsOptions = {}): Promise<SecuredParts> {
  const folder = openWorkFolder('secrets');
  const started: Part[] = [];
  const stop = async () => {
    await Promise.all(started.map((part) => part.stop()));
    await folder.remove();
  };
  const start = async <P extends Part>(starting: Promise<P>): Promise<P> => {
    const part = await starting;
    started.push(part);
    return part;
  };
  try {
    const certificates = await makeCertificates(folder.path);
    const client = await certificates.issueClient(user);
    const secret = { certificates, user, password: first };
    const { access, kafka: nodes = 1 } = options;
    const port = options.mqttPort === undefined ? {} : { port: options.mqttPort };
    let guard: BrokerGuard | undefined;
    const guarded = async (broker: GuardedBrokerName): Promise<Part> => {
      const accessFolder = join(folder.path, 'access');
      await access?.begin(accessFolder);
      guard = {
        ...(await startGuardedBroker({ ...port, broker, folder: accessFolder, certificates })),
        folder: accessFolder,
      };
      return guard.part;
    };
    const starting = [
      start(
        access === undefined
          ? startMosquitto({ ...port, secured: { certificates, clientCertificate: true } })
          : guarded(access.broker),
      ),
      start(startKafka({ nodes, secured: secret })),
      start(startPostgres({ secured: { ...secret, clientCertificate: true } })),
      start(startRedis({ secured: secret })),
    ] as const;
    // Each is on the list of those to be stopped before one that failed is reported.
    await Promise.allSettled(starting);
    const [broker, kafka, postgres, redis] = await Promise.all(starting);
    const file = (part: string) => join(folder.path, `${part}-password`);
    const security: Security = {
      certificates,
      client,
      user,
      password: first,
      writePassword: (part, password) => writeFileSync(file(part), `${password}\n`, { mode: 0o600 }),
      ...(guard === undefined ? {} : { guard }),
    };
    for (const part of ['kafka', 'postgres', 'redis'] as const) security.writePassword(part, first);
    const bare = (part: Part) => part.url.replace(`:${first}@`, '@');
    const toBroker = guard === undefined ? client : await certificates.issueClient(serviceName);
    const environment = {
      IN_CSE_MQTT_CA_FILE: certificates.caFile,
      IN_CSE_MQTT_CERT_FILE: toBroker.certFile,
      IN_CSE_MQTT_KEY_FILE: toBroker.keyFile,
      IN_CSE_KAFKA_URL: bare(kafka),
      IN_CSE_KAFKA_PASSWORD_FILE: file('kafka'),
      IN_CSE_POSTGRES_URL: `${bare(postgres)}&sslcert=${client.certFile}&sslkey=${client.keyFile}`,
      IN_CSE_POSTGRES_PASSWORD_FILE: file('postgres'),
      IN_CSE_REDIS_URL: bare(redis),
      IN_CSE_REDIS_PASSWORD_FILE: file('redis'),
    };
    return { parts: { broker, kafka, postgres, redis }, security, environment, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
