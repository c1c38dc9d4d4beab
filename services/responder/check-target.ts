/** R27: where a record wants to go is checked again before it is sent. */
import type { OutboundHead } from '../contracts/records.ts';

/** What forbids publishing, or undefined. Hosts are judged by who opens connections to them. */
export function targetProblem(head: OutboundHead): string | undefined {
  const { topic } = head;
  if (topic === '' || topic.includes('\0')) return 'the topic is empty or holds U+0000';
  if (topic.includes('+') || topic.includes('#')) return 'the topic holds a wildcard';
  if (topic.startsWith('$')) return 'the topic belongs to the broker ($)';
  if (!isFreeTopic(head)) return undefined;
  if (topic.includes('$')) return 'a notification topic must not hold $';
  return topic.split('/').includes('oneM2M') ? 'a notification topic must not have a level oneM2M' : undefined;
}

/** A URL's topic is the subscriber's choice; what is done at PUBACK is such (R27). */
function isFreeTopic(head: OutboundHead): boolean {
  return head.report?.when === 'always';
}

/** The URL of a foreign broker, as against the name of an own one. */
export function isForeign(broker: string): boolean {
  return broker.includes('://');
}
