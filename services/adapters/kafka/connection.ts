/** How to reach a Kafka cluster, from one URL or a list of them. */
import type { ConnectionOptions } from 'node:tls';
import { type Address, asAddress } from '../../platform/addresses.ts';
import { readTlsFiles, type TlsFiles } from '../../platform/files.ts';

export type KafkaCredentials = {
  mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
  username: string;
  password: string;
};

export interface KafkaConnection {
  /** `host:port` of the nodes to ask first. */
  brokers: string[];
  /** For the next connection: reads the files. */
  tls?: () => ConnectionOptions;
  /** For the next connection. */
  credentials?: () => KafkaCredentials;
}

interface ParsedAddress {
  brokers: string[];
  tls: TlsFiles | undefined;
  credentials: KafkaCredentials | undefined;
}

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512'] as const;
const parameters = ['mechanism', 'ca', 'cert', 'key', 'insecure'];

/**
 * Reads `kafka://host:9092,host2:9092` or `kafka+ssl://user:password@host:9093/?mechanism=scram-sha-512&ca=/path/ca.pem`.
 * Several URLs (a list, or separated by commas) name several nodes of one cluster. Parameters: `mechanism` (plain,
 * scram-sha-256, scram-sha-512; plain by default), with `kafka+ssl:` also `ca`, `cert`, `key` (PEM files) and `insecure=1`
 * (any certificate). The port is 9092, with TLS 9093, by default. Nodes stay as they are read here; user, password and
 * files are read again for each connection. Throws an Error that names what is wrong, never a password.
 */
export function parseKafkaConnection(given: string | readonly string[] | Address): KafkaConnection {
  const address = asAddress(Array.isArray(given) ? given.join(',') : (given as string | Address));
  const { brokers, tls, credentials } = parseAddress(address);
  const connection: KafkaConnection = { brokers };
  if (tls !== undefined) {
    connection.tls = () => readTlsFiles(parseAddress(address).tls ?? tls);
    // A file that is not there is said at the start.
    readTlsFiles(tls);
  }
  if (credentials !== undefined) connection.credentials = () => parseAddress(address).credentials ?? credentials;
  return connection;
}

function parseAddress({ url, password }: Address): ParsedAddress {
  const parts = url.split(',').map((text) => text.trim());
  const first = /^([a-z+]+):\/\//.exec(parts[0] ?? '');
  if (first === null) throw new Error('a Kafka address must be a URL like kafka://host:9092');
  // In `kafka://user:password@host1,host2/?x=y` all but the first lack scheme and credentials.
  const parsed = parts
    .filter((part) => part !== '')
    .map((part) => parsePart(part.includes('://') ? part : `${first[0]}${part}`));
  const schemes = new Set(parsed.map(({ protocol }) => protocol));
  if (schemes.size > 1) throw new Error('Kafka addresses of one cluster must agree on kafka:// or kafka+ssl://');
  const encrypted = schemes.has('kafka+ssl:');
  const query = new Map(parsed.flatMap(({ searchParams }) => [...searchParams]));
  for (const name of query.keys()) {
    if (!parameters.includes(name)) throw new Error(`unknown parameter ${name} in a Kafka address`);
  }
  if (!encrypted && (query.has('ca') || query.has('cert') || query.has('key') || query.has('insecure'))) {
    throw new Error('certificates in a Kafka address need kafka+ssl://');
  }
  return {
    brokers: parsed.map(({ hostname, port }) => `${hostname}:${port || (encrypted ? 9093 : 9092)}`),
    tls: encrypted ? tlsFiles(query) : undefined,
    credentials: credentialsOf(parsed, query.get('mechanism'), password),
  };
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

function credentialsOf(urls: URL[], mechanism = 'plain', password?: string): KafkaCredentials | undefined {
  const url = urls.find((candidate) => candidate.username !== '');
  if (url === undefined) {
    if (password !== undefined) throw new Error('a password for Kafka needs a user in its address');
    return undefined;
  }
  const known = mechanisms.find((name) => name === mechanism.toLowerCase());
  if (known === undefined)
    throw new Error(`unknown mechanism ${mechanism} in a Kafka address (${mechanisms.join(', ')})`);
  return {
    mechanism: known,
    username: decodeURIComponent(url.username),
    password: password ?? decodeURIComponent(url.password),
  };
}

function tlsFiles(query: Map<string, string>): TlsFiles {
  const files: TlsFiles = {};
  for (const name of ['ca', 'cert', 'key'] as const) {
    const file = query.get(name);
    if (file !== undefined) files[name] = file;
  }
  if (query.get('insecure') === '1') files.insecure = true;
  return files;
}
