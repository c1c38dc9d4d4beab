/**
 * `/log-level` of the admin port: GET shows the level; PUT changes it, only from this machine itself (a forwarded port counts),
 * to `?level=debug` or to what the body says, with `&for=10m` for a while.
 */
import type { IncomingMessage } from 'node:http';
import type { AdminAnswer } from './admin-server.ts';
import { isLogLevel, type LogLevels } from './log-levels.ts';
import { logLevels } from './logging.ts';
import { durationOf } from './setting-types.ts';

const mostBytes = 100;
const longest = 86_400_000;

export async function answerLogLevel(levels: LogLevels, request: IncomingMessage, url: URL): Promise<AdminAnswer> {
  if (request.method === 'GET' || request.method === 'HEAD') return { status: 200, body: { level: levels.level } };
  if (request.method !== 'PUT') {
    return { status: 405, body: { status: 'method not allowed' }, headers: { allow: 'GET, HEAD, PUT' } };
  }
  if (!isLoopback(request.socket.remoteAddress)) {
    return { status: 403, body: { status: 'forbidden', reason: 'the log level is changed from this machine only' } };
  }
  const level = url.searchParams.get('level') ?? (await bodyOf(request));
  if (level === undefined || !isLogLevel(level)) return refused(`level must be one of ${logLevels.join(', ')}`);
  const wanted = url.searchParams.get('for');
  const time = wanted === null ? undefined : durationOf(wanted);
  if (wanted !== null && (time === undefined || time < 1 || time > longest)) {
    return refused('for must be a duration of at most a day, such as 10m');
  }
  levels.set(level, time);
  return { status: 200, body: time === undefined ? { level } : { level, for: time } };
}

function refused(reason: string): AdminAnswer {
  return { status: 400, body: { status: 'bad request', reason } };
}

/** The body as a word, or undefined if it is longer than any level. */
async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  let text = '';
  for await (const piece of request) {
    text += String(piece);
    if (text.length > mostBytes) return undefined;
  }
  return text.trim();
}

function isLoopback(address: string | undefined): boolean {
  return address === '::1' || /^(::ffff:)?127\./.test(address ?? '');
}
