/** What became of a request, as a line of JSON. Times in ms since 1970. */
import type { DeadLetter } from '../dead-letters/dead-letter.ts';
import type { Story } from './story.ts';

export function storyJson(story: Story, { showContent }: { showContent: boolean }): string {
  const { requests, letters, ...rest } = story;
  const [first] = requests;
  const { operation, to, resourceType, content } = first?.request ?? {};
  const request =
    first === undefined
      ? undefined
      : {
          operation,
          to,
          resourceType,
          broker: first.head.reply.broker,
          topicLevel: first.head.topicLevel,
          credential: first.head.credential,
          places: requests.map(({ place }) => place),
          ...(showContent ? { content } : {}),
        };
  return JSON.stringify({ ...rest, request, letters: letters.map(letterOf) });
}

export function letterOf({ number, head }: DeadLetter): object {
  return { number, step: head.step, reason: head.reason, at: head.at, from: head.from };
}
