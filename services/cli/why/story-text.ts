/** What became of a request, for a person to read. */
import { operationName, type RequestPrimitive } from '../../core/primitives.ts';
import { nameOfResourceType } from '../../core/resource-types/registry.ts';
import { statusCode } from '../../core/status-codes.ts';
import type { DeadLetter } from '../dead-letters/dead-letter.ts';
import type { DecidedNow } from './decide-now.ts';
import type { FoundRequest, Place } from './evidence.ts';
import type { Answer, State, Story } from './story.ts';

export interface TextOptions {
  /** Payloads too. */
  showContent: boolean;
}

export function storyText(story: Story, { showContent }: TextOptions): string {
  const { requests, at, originator, requestIdentifier, cse, repeats, state, answers, letters, now } = story;
  const [request] = requests;
  const what = request === undefined ? 'a request that is no longer in the log' : requestText(request.request);
  const lines = [
    `${timeText(at)}  ${what}`,
    row('by', `${printable(originator)}, rqi ${printable(requestIdentifier)}, to ${cse}`),
    ...requests.map((each, index) => row(index === 0 ? 'came' : 'handed on', cameText(each, index))),
  ];
  if (repeats !== undefined) {
    lines.push(row('repeat', `of the request of ${timeText(repeats)}: changed nothing and got the first answer again`));
  }
  lines.push(...answers.flatMap((answer) => answerLines(answer, at)));
  if (state.kind !== 'answered') lines.push(row('answer', stateText(state)));
  lines.push(...letters.map((letter) => row('put aside', letterText(letter))));
  if (showContent && request?.request.content !== undefined) {
    lines.push(row('content', JSON.stringify(request.request.content)));
  }
  if (now !== undefined) lines.push(...nowLines(now, 'sent anew '));
  return lines.join('\n');
}

export function requestText({ operation, resourceType, to }: RequestPrimitive): string {
  const type =
    resourceType === undefined ? '' : ` ${nameOfResourceType(resourceType) ?? 'type'} (${resourceType}) below`;
  return `${operationName[operation]}${type} ${printable(to)}`;
}

/** `lead` stands before what it would be answered. */
export function nowLines({ outcome, steps }: DecidedNow, lead = ''): string[] {
  return [
    row('now', `${lead}it would be ${outcomeText(outcome)}`),
    ...steps.map((step, index) => row('', `${String(index + 1).padStart(2)}. ${printable(step)}`)),
  ];
}

function outcomeText(outcome: DecidedNow['outcome']): string {
  switch (outcome.kind) {
    case 'wait':
      return 'answered when others have been asked, such as the targets of a subscription';
    case 'permitted':
      return 'permitted; the content is not judged, for there is none';
    case 'answer':
      return `answered ${codeText(outcome.code)}${outcome.debug === undefined ? '' : `: ${printable(outcome.debug)}`}`;
  }
}

export function letterText({ number, head }: DeadLetter): string {
  const { step, reason, at, from } = head;
  const where = `${from.log} log, partition ${from.partition}, offset ${from.offset}`;
  return `dead letter ${number}, ${timeText(at)}, by ${step} from the ${where}: ${printable(reason)}`;
}

function cameText({ head, place }: FoundRequest, index: number): string {
  const by = head.credential === undefined ? '' : `, credential ${printable(head.credential)}`;
  const from = index === 0 ? `from broker ${head.reply.broker}, topic level ${printable(head.topicLevel)}${by}; ` : '';
  return `${from}${placeText(place)}`;
}

function answerLines({ code, debug, at, places, published }: Answer, cameAt: number): string[] {
  const late = at === undefined ? '' : `, ${Math.max(0, at - cameAt)} ms later`;
  const out = published === undefined ? '' : published ? '; the broker has it' : '; not yet brought to the broker';
  return [
    row('answered', `${codeText(code)}${late}: ${statusCode(code)?.meaning ?? 'not a code of the standard'}`),
    ...(debug === undefined ? [] : [row('', `"${printable(debug)}"`)]),
    row('', `${places.map(placeText).join('; ')}${out}`),
  ];
}

function stateText(state: Exclude<State, { kind: 'answered' }>): string {
  switch (state.kind) {
    case 'inLog':
      return `none yet: it waits in the log, ${state.before === 0 ? 'next' : `${state.before} records before it`}`;
    case 'waitsForOthers':
      return `none yet: others must answer first, until ${timeText(state.until)}`;
    case 'wantsNoAnswer':
      return 'processed; it wants none (rt 5)';
    case 'putAside':
      return 'none found; it is among the dead letters';
    case 'unknown':
      return 'processed, but its answer is in neither journal nor log any more';
  }
}

function codeText(code: number): string {
  const name = statusCode(code)?.name;
  return name === undefined ? String(code) : `${code} ${name}`;
}

function placeText(place: Place): string {
  return place.in === 'journal'
    ? `journal, partition ${place.partition}, version ${place.version}`
    : `${place.in} log, partition ${place.partition}, offset ${place.offset}`;
}

function timeText(at: number): string {
  return new Date(at).toISOString();
}

function row(name: string, text: string): string {
  return `  ${name.padEnd(9)} ${text}`;
}

/** What devices wrote may hold anything; a terminal obeys control characters. */
export function printable(text: string): string {
  return text.replaceAll(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
