/**
 * Answers in the form that EMQX expects (HTTP authentication and authorization, 5.8 and later). Whatever is asked, the answer
 * is 200 and says allow or deny: by any other status or word EMQX would go on to what else it has, and in the end perhaps allow.
 */
import { coversFilter, isFilter } from '../core/broker-access/filters.ts';
import { mayPublish, maySubscribe } from '../core/broker-access/judge.ts';
import type { TopicGrant } from '../core/broker-access/topic-rules.ts';
import type { AccessRefusal, AccessSession } from '../ports/broker-access.ts';
import type { Chance, Clock } from '../ports/clock.ts';
import type { CentralAccess } from './broker-access.ts';
import { type AccessQuestion, readAttempt, readQuestion } from './read-question.ts';
import { nameOfAttempt } from './verify-credential.ts';

/** How an answer is counted. */
export type AnswerResult = 'allow' | 'deny' | 'limited' | 'secret' | 'unreadable' | 'unavailable';

export interface Answered {
  result: AnswerResult;
  body: AccessReply;
  /** For the log. */
  why?: { name: string | undefined; reason: AccessRefusal } | undefined;
}

export interface AccessReply {
  result: 'allow' | 'deny';
  is_superuser?: boolean;
  acl?: EmqxRule[];
  /** s since 1970. */
  expire_at?: number;
}

/** A rule of EMQX in the format of 5.5 and later. */
export interface EmqxRule {
  permission: 'allow' | 'deny';
  action: 'publish' | 'subscribe' | 'all';
  topic: string;
  retain?: boolean;
}

export interface AnswerOptions {
  access: CentralAccess;
  clock: Clock;
  chance: Chance;
  /** Whether the answer to a CONNECT carries its rules, so that the broker asks no more. */
  withRules: boolean;
  /** ms after which the broker must ask again; 0: never. */
  sessionLimit: number;
}

export function denied(result: AnswerResult): Answered {
  return { result, body: { result: 'deny' } };
}

export async function answerAuthentication(body: string, options: AnswerOptions): Promise<Answered> {
  const attempt = readAttempt(body);
  if (attempt === undefined) return denied('unreadable');
  const answer = await options.access.authenticate(attempt);
  if ('refused' in answer) {
    const name = attempt.commonName ?? attempt.name;
    return { ...denied(resultOf(answer.refused)), why: { name, reason: answer.refused } };
  }
  return { result: 'allow', body: replyTo(answer.session, options) };
}

export function answerAuthorization(body: string, { access }: AnswerOptions): Answered {
  const question = readQuestion(body);
  if (question === undefined) return denied('unreadable');
  const claim = nameOfAttempt(question.who);
  const grants = 'refused' in claim ? undefined : access.grantsNow(claim.name);
  if (grants === undefined || !isAllowed(grants, question, access.group)) return denied('deny');
  return { result: 'allow', body: { result: 'allow' } };
}

function isAllowed(grants: readonly TopicGrant[], { action, topic, retain }: AccessQuestion, group: string): boolean {
  if (action === 'publish') return mayPublish(grants, topic, retain);
  return maySubscribe(grants, topic, group) || (!topic.startsWith('$') && mayShare(grants, topic));
}

/** EMQX asks about the filter of a shared subscription without saying that it is one. */
function mayShare(grants: readonly TopicGrant[], asked: string): boolean {
  return (
    isFilter(asked) &&
    grants.some(
      ({ action, share, filter }) => action === 'subscribe' && share !== 'none' && coversFilter(filter, asked),
    )
  );
}

function replyTo(session: AccessSession, { clock, chance, withRules, sessionLimit }: AnswerOptions): AccessReply {
  const ends = session.until === undefined ? [] : [session.until];
  // Not all at once, where many have connected at the same time.
  if (sessionLimit > 0) ends.push(clock.now() + sessionLimit * (0.8 + 0.2 * chance.fraction()));
  // Of our own processes the broker asks each time: CSEs that they serve come and go while they are connected.
  const rules = withRules && session.identity.kind !== 'service';
  return {
    result: 'allow',
    is_superuser: false,
    ...(rules ? { acl: rulesOf(session.grants) } : {}),
    ...(ends.length === 0 ? {} : { expire_at: Math.floor(Math.min(...ends) / 1000) }),
  };
}

/** `#` matches nothing that begins with `$`, so what EMQX has there is said by name. */
const deniedByName = ['#', '$SYS/#', '$delayed/#', '$exclusive/#', '$queue/#', '$share/#', '$events/#', '$file/#'];

/** In order; what none allows is denied, before EMQX asks anybody else. */
export function rulesOf(grants: readonly TopicGrant[]): EmqxRule[] {
  return [
    ...grants.map(({ action, filter }): EmqxRule => {
      const rule = { permission: 'allow', action, topic: filter } as const;
      return action === 'publish' ? { ...rule, retain: false } : rule;
    }),
    ...deniedByName.map((topic): EmqxRule => ({ permission: 'deny', action: 'all', topic })),
  ];
}

function resultOf(refused: AccessRefusal): AnswerResult {
  if (refused === 'too many attempts') return 'limited';
  return refused === 'busy' || refused === 'credentials not readable' ? 'unavailable' : 'deny';
}
