/** Where notifications go: entries of `nu`, `su` and `poa` (TS-0010 6.6, TS-0004 7.4.8.1), and which of them are allowed (R27). */
import { parseAddress } from '../addressing.ts';
import type { CseDescription } from '../cse.ts';
import { canonicalId, matchesPattern } from '../identifiers.ts';

export interface MqttAddress {
  kind: 'mqtt';
  /** In lower case; an IPv6 address in brackets. */
  host: string;
  port: number;
  secure: boolean;
  /** Of a target: the whole topic. Of a point of access: topic levels in front of the standard topics. May be empty. */
  path: string;
}

export type NotificationAddress =
  | MqttAddress
  /** Canonical AE-ID or CSE-ID. */
  | { kind: 'entity'; id: string }
  /** Structured address of a resource of this CSE: its path below the CSEBase. */
  | { kind: 'resource'; path: string }
  /** A scheme that is known, but not here. */
  | { kind: 'unsupported'; reason: string }
  | { kind: 'invalid'; reason: string };

const mqttUrl = /^(mqtts?):\/\/([^/?#]*)(?:\/([^?]*))?(?:\?.*)?$/i;
const anyUrl = /^([a-z][a-z0-9+.-]*):/i;
const authorityParts = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?$/;
const knownSchemes = new Set(['http', 'https', 'coap', 'coaps', 'ws', 'wss', 'coap+tcp', 'coaps+tcp']);

function invalid(reason: string): { kind: 'invalid'; reason: string } {
  return { kind: 'invalid', reason };
}

/** Reads a `nu` or `su` entry. Never throws. */
export function readNotificationAddress(text: string, cse: CseDescription): NotificationAddress {
  if (anyUrl.test(text)) return readUrl(text);
  const query = text.indexOf('?');
  const target = query < 0 ? text : text.slice(0, query);
  const id = canonicalId(target, cse);
  if (id !== undefined) return { kind: 'entity', id };
  const address = parseAddress(target, cse);
  return address.scope === 'own' && address.form === 'structured' && address.virtual === undefined
    ? { kind: 'resource', path: address.path }
    : invalid(`${text.slice(0, 80)} is neither the ID of an AE or CSE nor an mqtt URL.`);
}

/** Reads a URL of `nu` or `poa`. */
export function readUrl(text: string): NotificationAddress {
  const match = mqttUrl.exec(text);
  if (match === null) {
    const scheme = anyUrl.exec(text)?.[1]?.toLowerCase() ?? '';
    return knownSchemes.has(scheme)
      ? { kind: 'unsupported', reason: `This CSE does not notify by ${scheme}.` }
      : invalid(`${text.slice(0, 80)} is no URL of MQTT.`);
  }
  const [, scheme = '', authority = '', rawPath = ''] = match;
  const parts = authorityParts.exec(authority);
  if (parts === null) {
    return invalid(`${text.slice(0, 80)} must name a host in lower case, with an optional port and no credentials.`);
  }
  const secure = scheme.toLowerCase() === 'mqtts';
  const port = parts[2] === undefined ? (secure ? 8883 : 1883) : Number(parts[2]);
  const path = decode(rawPath);
  if (path === undefined || port < 1 || port > 65535) return invalid(`${text.slice(0, 80)} is no valid URL.`);
  return { kind: 'mqtt', host: parts[1] ?? '', port, secure, path };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

/** Longest topic, in characters. */
const maximumTopicLength = 1024;

/**
 * R27: why nothing may be published there, or undefined. Asked when an address is stored and again before something is sent.
 * `isTopic`: the path is the whole topic of a notification, not the prefix of a point of access.
 */
export function refusalOf(address: MqttAddress, cse: CseDescription, isTopic: boolean): string | undefined {
  const { path, host } = address;
  if (isTopic && path === '') return 'The URL names no topic.';
  if (path.length > maximumTopicLength) return 'The topic of the URL is too long.';
  if (hasForbiddenCharacter(path)) return 'The topic of the URL must have no +, # or $, and no control characters.';
  if (path.split('/').includes('oneM2M')) return 'The topic of the URL must not have the level oneM2M.';
  if (isOwnBroker(address, cse) || cse.notificationHosts.some((pattern) => matchesPattern(pattern, host)))
    return undefined;
  return `This CSE does not send to the host ${host}; its operator can allow it.`;
}

function hasForbiddenCharacter(path: string): boolean {
  for (let at = 0; at < path.length; at++) {
    const code = path.charCodeAt(at);
    // '+', '#', '$', and what MQTT 1.5.3 advises against.
    if (code === 0x2b || code === 0x23 || code === 0x24 || code < 0x20 || (code >= 0x7f && code <= 0x9f)) return true;
  }
  return false;
}

/** Brokers that the CSE itself is reached by are always allowed. */
function isOwnBroker({ host, port }: MqttAddress, cse: CseDescription): boolean {
  return cse.pointsOfAccess.some((text) => {
    const own = readUrl(text);
    return own.kind === 'mqtt' && own.host === host && own.port === port;
  });
}
