/** How to reach a Kafka cluster, from one URL or a list of them. */
import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';

export type KafkaCredentials = {
  mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  username: string;
  password: string;
};

export interface KafkaConnection {
  /** `host:port` of the nodes to ask first. */
  brokers: string[];
  tls?: ConnectionOptions;
  credentials?: KafkaCredentials;
}

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
const parameters = ['mechanism', 'ca', 'cert', 'key', 'insecure'];

/**
 * Reads `kafka://host:9092,host2:9092` or `kafka+ssl://user:password@host:9093/?mechanism=scram-sha-512&ca=/path/ca.pem`.
 * Several URLs (a list, or separated by commas) name several nodes of one cluster. Parameters: `mechanism` (plain,
 * scram-sha-256, scram-sha-512; plain by default), `ca`, `cert`, `key` (PEM files), `insecure=1` (any certificate).
 * The port is 9092, with TLS 9093, by default. Throws an Error that names what is wrong, never a password.
 */
export function parseKafkaConnection(urls: string | readonly string[]): KafkaConnection {
  const parts = (typeof urls === 'string' ? [urls] : urls)
    .flatMap((text) => text.split(','))
    .map((text) => text.trim());
  const first = /^([a-z+]+):\/\//.exec(parts[0] ?? '');
  if (first === null) throw new Error('a Kafka address must be a URL like kafka://host:9092');
  // In `kafka://user:password@host1,host2/?x=y` all but the first lack scheme and credentials.
  const parsed = parts
    .filter((part) => part !== '')
    .map((part) => parsePart(part.includes('://') ? part : `${first[0]}${part}`));
  const schemes = new Set(parsed.map((url) => url.protocol));
  if (schemes.size > 1) throw new Error('Kafka addresses of one cluster must agree on kafka:// or kafka+ssl://');
  const encrypted = schemes.has('kafka+ssl:');
  const query = new Map(parsed.flatMap((url) => [...url.searchParams]));
  for (const name of query.keys()) {
    if (!parameters.includes(name)) throw new Error(`unknown parameter ${name} in a Kafka address`);
  }
  const connection: KafkaConnection = {
    brokers: parsed.map((url) => `${url.hostname}:${url.port || (encrypted ? 9093 : 9092)}`),
  };
  if (encrypted) connection.tls = tlsOptions(query);
  else if (query.has('ca') || query.has('cert') || query.has('key')) {
    throw new Error('certificates in a Kafka address need kafka+ssl://');
  }
  const credentials = credentialsOf(parsed, query.get('mechanism'));
  if (credentials !== undefined) connection.credentials = credentials;
  return connection;
}

function parsePart(text: string): URL {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new Error('a Kafka address is not a URL');
  }
  if (url.protocol !== 'kafka:' && url.protocol !== 'kafka+ssl:') {
    throw new Error(`a Kafka address must begin with kafka:// or kafka+ssl://, not ${url.protocol}//`);
  }
  if (url.hostname === '') throw new Error('a Kafka address lacks its host');
  return url;
}

function credentialsOf(urls: URL[], mechanism = 'plain'): KafkaCredentials | undefined {
  const url = urls.find((candidate) => candidate.username !== '');
  if (url === undefined) return undefined;
  const known = mechanisms.find((name) => name === mechanism.toLowerCase());
  if (known === undefined)
    throw new Error(`unknown mechanism ${mechanism} in a Kafka address (${mechanisms.join(', ')})`);
  return {
    mechanism: known,
    username: decodeURIComponent(url.username),
    password: decodeURIComponent(url.password),
  };
}

function tlsOptions(query: Map<string, string>): ConnectionOptions {
  const options: ConnectionOptions = {};
  for (const name of ['ca', 'cert', 'key'] as const) {
    const file = query.get(name);
    if (file !== undefined) options[name] = readFileSync(file);
  }
  if (query.get('insecure') === '1') options.rejectUnauthorized = false;
  return options;
}
