/** What a broker asks, out of the body of its request. What cannot be read is undefined, and denied. */
import type { BrokerAction } from '../core/broker-access/topic-rules.ts';
import type { ConnectAttempt } from '../ports/broker-access.ts';

export interface AccessQuestion {
  /** Who asks; the broker has authenticated it. */
  who: Pick<ConnectAttempt, 'name' | 'commonName'>;
  action: BrokerAction;
  /** A topic, or a filter. */
  topic: string;
  retain: boolean;
}

type Fields = Record<string, unknown>;

/** The body of `POST /authenticate`. */
export function readAttempt(body: string): ConnectAttempt | undefined {
  const fields = fieldsOf(body);
  if (fields === undefined) return undefined;
  const names = ['username', 'password', 'cert_common_name', 'clientid', 'peerhost'] as const;
  const [name, password, commonName, clientId, peer] = names.map((field) => textOf(fields, field));
  if (name === null || password === null || commonName === null || clientId === null || peer === null) return undefined;
  return { name, password, commonName, clientId, peer };
}

/** The body of `POST /authorize`. */
export function readQuestion(body: string): AccessQuestion | undefined {
  const fields = fieldsOf(body);
  if (fields === undefined) return undefined;
  const names = ['username', 'cert_common_name', 'action', 'topic'] as const;
  const [name, commonName, action, topic] = names.map((field) => textOf(fields, field));
  if (name === null || commonName === null || typeof topic !== 'string') return undefined;
  const who = { name, commonName };
  if (action === 'subscribe') return { who, action, topic, retain: false };
  const retain = flagOf(fields, 'retain');
  return action === 'publish' && retain !== undefined ? { who, action, topic, retain } : undefined;
}

function fieldsOf(body: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}

/** undefined where it is absent; null where it is no text. EMQX writes `undefined` for what it does not know. */
function textOf(fields: Fields, field: string): string | undefined | null {
  const value = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (value === undefined || value === null || value === 'undefined' || value === '') return undefined;
  return typeof value === 'string' ? value : null;
}

/** EMQX writes it as a word where its template has quotes. */
function flagOf(fields: Fields, field: string): boolean | undefined {
  const value = Object.hasOwn(fields, field) ? fields[field] : undefined;
  if (value === true || value === 'true') return true;
  return value === false || value === 'false' ? false : undefined;
}
