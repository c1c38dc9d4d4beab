import type { Serialization } from '../../contracts/records.ts';
import type { CseDescription } from '../../core/cse.ts';
import type { WorkingSet } from '../../core/decision.ts';
import { canonicalId, idToTopicLevel, stemOf } from '../../core/identifiers.ts';
import type { StoredResource } from '../../core/resource.ts';
import { shardOfId } from '../../core/sharding.ts';

/** Where a request of the CSE is published, and who is to answer it. */
export interface Route {
  /** Canonical ID, or the URL: what keeps its order. */
  receiver: string;
  /** Name of an own broker, or the URL of a foreign one. */
  broker: string;
  topic: string;
  serialization: Serialization;
  /** `to` of the request. */
  to: string;
  /** Canonical ID of who must answer; undefined where nobody does: a URL is done at PUBACK (R27). */
  responder?: string;
}

export interface Unreachable {
  unreachable: string;
}

/** The broker that a CSE and its AEs share where nothing else is said. */
const ownBroker = 'default';

/**
 * Resolves a `nu` entry at the moment of sending: an AE may have moved or changed its `poa` since (R27). Throws MissingFact
 * for an AE that is not known yet.
 */
export function resolveRoute(known: WorkingSet, cse: CseDescription, address: string): Route | Unreachable {
  return /^mqtts?:\/\//i.test(address) ? routeToUrl(cse, address) : routeToEntity(known, cse, address);
}

function routeToUrl(cse: CseDescription, address: string): Route | Unreachable {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const topic = url === undefined ? '' : decodeURIComponent(url.pathname).replace(/^\//, '');
  if (url === undefined || topic === '') return { unreachable: 'the notification URL names no topic' };
  return {
    receiver: address,
    broker: isOwnBroker(cse, url) ? ownBroker : brokerUrl(url),
    topic,
    serialization: url.searchParams.get('ct') === 'xml' ? 'xml' : 'json',
    to: address,
  };
}

/** Canonical ID of the AE or CSE that a `nu` entry names; undefined for a URL, or nobody. */
export function entityOf(cse: CseDescription, address: string): string | undefined {
  return canonicalId(address.replace(/\?.*$/, ''), cse);
}

function routeToEntity(known: WorkingSet, cse: CseDescription, address: string): Route | Unreachable {
  const id = entityOf(cse, address);
  if (id === undefined) return { unreachable: 'the notification target is no ID' };
  const ae = findAe(known, cse, stemOf(id));
  if (ae === null) return { unreachable: 'the notification target is not registered' };
  const base = { receiver: id, to: id, responder: id, serialization: serializationOf(ae, address) };
  const topic = (prefix: string) =>
    `${prefix}/oneM2M/req/${idToTopicLevel(cse.id)}/${topicLevelOf(ae, id)}/${base.serialization}`;
  for (const poa of accessPointsOf(ae)) {
    const url = URL.canParse(poa) ? new URL(poa) : undefined;
    if (url === undefined || !/^mqtts?:$/.test(url.protocol)) continue;
    const prefix = url.pathname.replace(/^\/|\/$/g, '');
    return { ...base, broker: isOwnBroker(cse, url) ? ownBroker : brokerUrl(url), topic: topic(prefix) };
  }
  if (ae.attributes.rr === true) return { ...base, broker: brokerOf(ae), topic: topic('') };
  return { unreachable: 'the notification target has no point of access and is not request reachable' };
}

/** The AE with this stem: in the shard that its ID says, else where the directory has it (R8). */
function findAe(known: WorkingSet, cse: CseDescription, stem: string): StoredResource | null {
  const guess = shardOfId(cse.number, stem);
  const found = known.resource(cse.number, guess, stem);
  if (found !== null) return found;
  const home = known.aeHome(cse.number, stem);
  return home === null || home === guess ? null : known.resource(cse.number, home, stem);
}

function accessPointsOf(ae: StoredResource): string[] {
  const { poa } = ae.attributes;
  return Array.isArray(poa) ? poa.filter((each) => typeof each === 'string') : [];
}

/** decisions "Wire": an AE is notified on the form of its ID that it registered with. */
function topicLevelOf(ae: StoredResource, id: string): string {
  const level = ae.hidden?.topicLevel;
  return typeof level === 'string' && level !== '' ? level : idToTopicLevel(id);
}

function brokerOf(ae: StoredResource): string {
  const broker = ae.hidden?.broker;
  return typeof broker === 'string' && broker !== '' ? broker : ownBroker;
}

/** TS-0004 7.4.8.1: `?ct=` of the entry, else what the AE prefers. */
function serializationOf(ae: StoredResource, address: string): Serialization {
  const asked = /[?&]ct=(json|xml)\b/.exec(address)?.[1];
  const { csz } = ae.attributes;
  const preferred = Array.isArray(csz) ? String(csz[0]) : '';
  return (asked ?? preferred).endsWith('xml') ? 'xml' : 'json';
}

function isOwnBroker(cse: CseDescription, url: URL): boolean {
  return cse.pointsOfAccess.some((poa) => URL.canParse(poa) && new URL(poa).host === url.host);
}

function brokerUrl(url: URL): string {
  return `${url.protocol}//${url.username === '' ? '' : `${url.username}:${url.password}@`}${url.host}`;
}
