/** The answer to `in-cse why`: found, put together, and decided once more. */

import type { DeadLetter } from '../dead-letters/dead-letter.ts';
import { CommandFailed, ExitCode } from '../exit-codes.ts';
import { decideNow } from './decide-now.ts';
import type { Evidence } from './evidence.ts';
import type { Place } from './open-place.ts';
import { type Question, type Wanted, wantedBy } from './question.ts';
import { lettersWithout, type Story, storiesOf } from './story.ts';

export const journalNote = 'The journal holds more than can be searched: a shorter --since may find more.';

export interface Told {
  /** Newest first. */
  stories: Story[];
  /** Of which nothing else was found. */
  letters: DeadLetter[];
  journalIsTooLarge: boolean;
}

/** Throws CommandFailed where nothing is found. */
export async function tell(place: Place, question: Question, now: number): Promise<Told> {
  const wanted = wantedBy(question, await place.store.cses());
  const evidence = await place.find(wanted, question);
  const stories = storiesOf(evidence, wanted, question.limit);
  const all = evidence.letters.length === 0 ? [] : storiesOf(evidence, wanted, Number.POSITIVE_INFINITY);
  const letters = lettersWithout(all, evidence);
  if (stories.length === 0 && letters.length === 0) throw new CommandFailed(ExitCode.failed, nothingFound(evidence));
  for (const story of stories) {
    const decided = await decideAgain(place, wanted, story, now);
    if (decided !== undefined) story.now = decided;
  }
  return { stories, letters, journalIsTooLarge: evidence.journalIsTooLarge };
}

async function decideAgain({ store }: Place, { cses }: Wanted, { requests }: Story, now: number) {
  const last = requests.at(-1);
  const cse = last === undefined ? undefined : cses.get(last.head.cse);
  if (last === undefined || cse === undefined) return undefined;
  const { head } = last;
  // As if sent anew, and in time: an absolute rqet or rset that has passed meanwhile would hide everything else.
  const { requestExpirationTimestamp: _, resultExpirationTimestamp: __, ...request } = last.request;
  return decideNow(store, cse, request, { ...head, broker: head.reply.broker }, { now, receivedAt: now });
}

function nothingFound({ published, journalIsTooLarge }: Evidence): string {
  return [
    ...(journalIsTooLarge ? [journalNote] : []),
    'Nothing is found of such a request. It may be',
    '- older: try a larger --since (logs and journal keep only so much);',
    '- refused by ingress, which then answers by itself (unreadable, forged originator, limits): look for the rqi in its log lines;',
    '- not let through by the broker: look at its log, and at "in-cse credentials list";',
    published === undefined
      ? '- a read: an embedded CSE keeps the answers of what changed something only.'
      : '- not sent under this rqi or originator.',
    'With --originator, --operation and --to you are told what would be decided now.',
  ].join('\n');
}
