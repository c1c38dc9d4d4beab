/** Settings that several services have in common, to be composed: `{ ...processSettings, ...kafkaSettings, … }`. */
import { hostname } from 'node:os';
import { logLevels } from './logging.ts';
import {
  byteSize,
  choice,
  count,
  duration,
  list,
  optional,
  required,
  secret,
  text,
  toggle,
  url,
} from './setting-types.ts';

/** Every process. */
export const processSettings = {
  instance: text({
    default: hostname(),
    defaultName: 'the host name',
    sentence: 'Tells the processes of a service apart in logs.',
  }),
  logLevel: choice(logLevels, { default: 'info', sentence: 'Least severe level that is logged.' }),
  adminHost: text({ default: '127.0.0.1', sentence: 'Address on which the admin port listens.' }),
  adminPort: count({
    default: 9090,
    maximum: 65_535,
    sentence: 'Admin port: /livez, /readyz, /startupz, /metrics and /log-level; 0 takes any free one.',
  }),
  drainDeadline: duration({
    default: 25_000,
    sentence: 'Hard limit of a graceful stop; below what the orchestrator grants.',
  }),
  failpoints: optional(
    text({ default: '', sentence: 'For tests only: kills the process at the n-th pass of a place, `name:n`.' }),
  ),
};

/** Passwords change: given by file, the new one is used for the next connection. */
function password(of: string) {
  const sentence = `Password for ${of}, instead of one in the URL; best as a file, which is read again for every connection.`;
  return secret(optional(text({ default: '', sentence })));
}

/** Services that code primitives. */
export const codecSettings = {
  codecThreads: count({
    default: 1,
    maximum: 64,
    unit: 'threads',
    sentence: 'Threads that code primitives; 0 codes in the main thread.',
  }),
};

/** Services that use the log. */
export const kafkaSettings = {
  kafkaUrl: required(
    url(['kafka:', 'kafka+ssl:'], {
      several: true,
      default: '',
      sentence:
        'Kafka nodes and how to reach them: `kafka://host:9092,host2:9092`, ' +
        '`kafka+ssl://user:password@host:9093/?mechanism=scram-sha-512&ca=/path/ca.pem`. Parameters: `mechanism` (plain, ' +
        'scram-sha-256, scram-sha-512), with kafka+ssl also `ca`, `cert`, `key` (PEM files) and `insecure=1` (any certificate).',
    }),
  ),
  kafkaPassword: password('Kafka'),
  recordBytes: byteSize({ default: 512 * 1024, minimum: 1024, sentence: 'Largest record of the logs.' }),
};

/** Services that read or write the database. */
export const postgresSettings = {
  postgresUrl: required(
    url(['postgres:', 'postgresql:'], {
      default: '',
      sentence:
        'Database: `postgres://user:password@host:5432/name?sslmode=verify-full&ca=/path/ca.pem`. Parameters: `sslmode` ' +
        '(disable, require, verify-full; the last two check the certificate alike), `ca`, `cert`, `key` (PEM files; each asks ' +
        'for TLS) and `insecure=1` (TLS with any certificate). Without any of them there is no TLS.',
    }),
  ),
  postgresPassword: password('the database'),
};

/** Services that use the shared cache. */
export const redisSettings = {
  redisUrl: optional(
    url(['redis:', 'rediss:'], {
      default: '',
      sentence:
        'Shared cache: `redis://host:6379`, `rediss://user:password@host:6380/?ca=/path/ca.pem`. Parameters of rediss: `ca`, ' +
        '`cert`, `key` (PEM files), `insecure=1` (any certificate). Without a cache everything works, slower.',
    }),
  ),
  redisPassword: password('the cache'),
};

/** Services that talk to brokers. */
export const mqttSettings = {
  mqttUrl: required(
    url(['mqtt:', 'mqtts:', 'ws:', 'wss:'], {
      default: '',
      sentence: 'Own broker, called `default`: `mqtt://host:1883`, `mqtts://user:password@host:8883`, ws and wss.',
    }),
  ),
  mqttPassword: password('the broker'),
  mqttClientName: text({
    default: 'in-cse',
    sentence: 'CSE or deployment in the client ids `C::<name>~ingress-<ordinal>`.',
  }),
  mqttCaFile: optional(
    text({ default: '', sentence: 'PEM file of the authorities that sign the broker’s certificate.' }),
  ),
  mqttCertFile: optional(text({ default: '', sentence: 'PEM file of our certificate.' })),
  mqttKeyFile: optional(text({ default: '', sentence: 'PEM file of our key.' })),
  mqttInsecure: toggle({
    default: false,
    sentence: 'Takes any certificate of the broker, for anybody: proves nothing.',
  }),
  mqttVersion: choice(['auto', '5', '3.1.1'], {
    default: 'auto',
    sentence: 'MQTT version towards the broker; auto: 5, and 3.1.1 where 5 is refused.',
  }),
  topicPrefix: text({
    default: '',
    sentence: 'Topic levels in front of /oneM2M (binding 6.6), without slashes at the ends.',
  }),
};

/**
 * The broker session of ingress and the duplicate window depend on each other: R18 refuses half of the window or more, so
 * beside the default window of 120 s the default is a second less than the 60 s that R30 has in mind.
 */
export const windowSettings = {
  sessionExpiry: duration({
    default: 59_000,
    minimum: 1000,
    sentence: 'How long the broker keeps the session of an ingress that is away; below half the duplicate window.',
  }),
};

/** Who may be notified (R27). */
export const notificationSettings = {
  notificationHosts: list({
    default: [],
    sentence: 'Hosts that notification URLs may name besides the own brokers; `*` stands for any characters.',
  }),
  foreignTimeLimit: duration({ default: 5000, minimum: 100, sentence: 'Limit of a publish to a foreign broker.' }),
};

/** Guards against settings that lose data. */
export const safetySettings = {
  development: toggle({ default: false, sentence: 'Accepts unsafe settings of Kafka, such as a single node.' }),
};
