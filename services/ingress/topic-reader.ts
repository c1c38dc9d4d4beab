/**
 * What a topic says (TS-0010 6.4.2–6.4.4, decisions "Broken topics"): `/oneM2M/<req|reg_req|resp>/<a>/<b>/<type>`, after a
 * prefix where the broker has one. A response goes to the same topic with the literal swapped, its levels as they came.
 */
import type { Serialization } from '../contracts/records.ts';
import type { CseDescription } from '../core/cse.ts';
import { topicLevelToId } from '../core/identifiers.ts';
import { Status } from '../core/status-codes.ts';
import { BoundedMap } from './bounded-map.ts';
import type { HostedCses } from './hosted-cses.ts';

/** A request of a device, or one that can only be answered with an error (`refusal`). */
export interface RequestTopic {
  kind: 'request';
  cse: CseDescription;
  /** Came on `reg_req`: the originator level is a Credential-ID, not an identity. */
  registration: boolean;
  /** The originator level as received. */
  originatorLevel: string;
  /** Canonical originator; empty on a registration topic. */
  originator: string;
  replyTopic: string;
  /** Of the answer. Where the type level is unknown the payload is read by its first character. */
  serialization: Serialization | undefined;
  refusal?: { code: number; text: string };
}

/** An answer to a request of ours. */
export interface ResponseTopic {
  kind: 'response';
  cse: CseDescription;
  /** Canonical ID of who answered. */
  responder: string;
  serialization: Serialization;
}

export type ReadableTopic = RequestTopic | ResponseTopic;

/** Nobody can be answered: the message is counted and acknowledged. */
export interface IgnoredTopic {
  kind: 'ignored';
  reason:
    | 'foreign topic'
    | 'unknown CSE'
    | 'wrong levels'
    | 'unreadable responder'
    | 'unknown type of an answer'
    | 'probe';
}

export type TopicReading = ReadableTopic | IgnoredTopic;

/** Devices use few topics over and over: readings are kept. */
const keptReadings = 20_000;

export interface TopicReader {
  read(topic: string): TopicReading;
}

export function createTopicReader(cses: HostedCses, prefix: string): TopicReader {
  const kept = new BoundedMap<string, TopicReading>(keptReadings);
  return {
    read(topic) {
      let reading = kept.get(topic);
      if (reading === undefined) {
        reading = readTopic(topic, cses, prefix);
        kept.set(topic, reading);
      }
      return reading;
    },
  };
}

const ignored = (reason: IgnoredTopic['reason']): IgnoredTopic => ({ kind: 'ignored', reason });

function readTopic(topic: string, cses: HostedCses, prefix: string): TopicReading {
  if (!topic.startsWith(`${prefix}/oneM2M/`)) return ignored('foreign topic');
  const levels = topic.slice(prefix.length + '/oneM2M/'.length).split('/');
  switch (levels[0]) {
    case 'req':
      return readRequestTopic(levels, cses, `${prefix}/oneM2M/resp/`, false);
    case 'reg_req':
      return readRequestTopic(levels, cses, `${prefix}/oneM2M/reg_resp/`, true);
    case 'resp':
      return readResponseTopic(levels, cses);
    default:
      return ignored('foreign topic');
  }
}

function readRequestTopic(levels: string[], cses: HostedCses, reply: string, registration: boolean): TopicReading {
  const [, originatorLevel = '', receiverLevel = '', ...rest] = levels;
  if (originatorLevel === '' || receiverLevel === '') return ignored('wrong levels');
  const cse = cses.byLevel(receiverLevel);
  if (cse === undefined) return ignored('unknown CSE');
  const originator = registration ? '' : topicLevelToId(originatorLevel, cse);
  const reading: RequestTopic = {
    kind: 'request',
    cse,
    registration,
    originatorLevel,
    originator: originator ?? '',
    replyTopic: reply + levels.slice(1).join('/'),
    serialization: rest.length === 1 ? serializationOf(rest[0]) : undefined,
  };
  const refusal = refusalOf(rest, originator);
  if (refusal !== undefined) reading.refusal = refusal;
  return reading;
}

function refusalOf(rest: string[], originator: string | undefined): RequestTopic['refusal'] {
  if (rest.length !== 1) {
    const text = `The topic must end with originator, receiver and serialization, but has ${rest.length} levels behind the receiver.`;
    return { code: Status.badRequest, text };
  }
  if (serializationOf(rest[0]) === undefined) {
    return {
      code: Status.unsupportedMediaType,
      text: 'This CSE does not read the serialization that the last topic level names. It reads json and xml.',
    };
  }
  if (originator === undefined) {
    return { code: Status.badRequest, text: 'The originator level of the topic is not an AE-ID or CSE-ID.' };
  }
  return undefined;
}

function readResponseTopic(levels: string[], cses: HostedCses): TopicReading {
  const [, cseLevel = '', responderLevel = '', type, ...rest] = levels;
  if (rest.length > 0 || type === undefined) return ignored('wrong levels');
  const cse = cses.byLevel(cseLevel);
  if (cse === undefined) return ignored('unknown CSE');
  const responder = topicLevelToId(responderLevel, cse);
  if (responder === undefined) return ignored('unreadable responder');
  if (type === 'probe' && responder === cse.id) return ignored('probe');
  const serialization = serializationOf(type);
  return serialization === undefined
    ? ignored('unknown type of an answer')
    : { kind: 'response', cse, responder, serialization };
}

function serializationOf(level: string | undefined): Serialization | undefined {
  return level === 'json' || level === 'xml' ? level : undefined;
}
