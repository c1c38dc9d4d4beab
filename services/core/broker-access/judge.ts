/** Whether an identity's grants allow what it asks of a broker. Whatever is not understood is denied. */
import { coversFilter, isFilter } from './filters.ts';
import type { TopicGrant } from './topic-rules.ts';

/** A retained message is old by nature and no part of the binding (TS-0010 5.1): nobody publishes one. */
export function mayPublish(grants: readonly TopicGrant[], topic: string, retain: boolean): boolean {
  if (retain || topic === '' || /[+#\0]/.test(topic)) return false;
  return grants.some(({ action, filter }) => action === 'publish' && coversFilter(filter, topic));
}

/** `filter` as the SUBSCRIBE has it, `$share/…` included; `group` is the share group of ingress. */
export function maySubscribe(grants: readonly TopicGrant[], filter: string, group: string): boolean {
  const asked = readShared(filter);
  if (asked === undefined) return false;
  return grants.some(
    ({ action, filter: granted, share }) =>
      action === 'subscribe' && isGroupAllowed(share, asked.group, group) && coversFilter(granted, asked.filter),
  );
}

function isGroupAllowed(share: TopicGrant['share'], asked: string | undefined, ours: string): boolean {
  if (share === 'any') return true;
  return share === 'none' ? asked === undefined : asked === ours;
}

/** `$share/<group>/<filter>` taken apart; undefined for anything else that begins with `$` (`$queue/…`, `$SYS/…`). */
function readShared(text: string): { group?: string; filter: string } | undefined {
  if (!text.startsWith('$')) return isFilter(text) ? { filter: text } : undefined;
  const match = /^\$share\/([^/+#]+)\/(.+)$/s.exec(text);
  const [, group = '', filter = ''] = match ?? [];
  return filter.startsWith('$') || !isFilter(filter) ? undefined : { group, filter };
}
