/** Topics of the binding (TS-0010 6.4), right and wrong. Never one that no client may publish on (empty, NUL, wildcards). */
import type { Random } from '../simulation/random.ts';

const kinds = ['req', 'req', 'req', 'req', 'reg_req', 'resp', 'resp', 'reg_resp', 'REQ', '', 'probe'];
const levels = [
  'Cfuzz',
  'CAdmin',
  'Sfuzz',
  'C',
  'S',
  'id-in',
  'id-in:Cfuzz',
  ':sp.example:id-in',
  ':sp.example:id-in:Cfuzz',
  'sp.example:id-in',
  'mn-1',
  '',
  ' ',
  ':',
  '::',
  'Cfuzz:',
  '$SYS',
  '__proto__',
  'constructor',
  '%2F',
  '\u{1f600}',
  'C'.repeat(300),
  '..',
  'id-in ',
  '\ud800',
  '\u202e',
  'C\\u0000',
];
const types = ['json', 'json', 'json', 'xml', 'cbor', 'JSON', '', 'yaml', 'json ', 'constructor'];

/** `own` is an originator level that nobody else uses. */
export function topicOf(random: Random, own: string, cse: string): string {
  const roots = random.chance(0.95)
    ? ['', 'oneM2M']
    : random.pick([['oneM2M'], ['', '', 'oneM2M'], ['', 'onem2m'], ['x', 'oneM2M']]);
  const from = random.chance(0.7) ? own : random.pick(levels);
  const to = random.chance(0.85) ? cse : random.pick(levels);
  const kind = random.pick(kinds);
  const ends = kind === 'resp' ? [to, from] : [from, to];
  const all = [...roots, kind, ...ends, random.pick(types)];
  if (random.chance(0.05)) all.splice(random.whole(0, all.length), 1);
  if (random.chance(0.05)) all.splice(random.whole(0, all.length), 0, random.pick(levels));
  const topic = all.join('/').replace(/[+#\0]/g, '-');
  // A topic of the broker ends the connection of who publishes on it: that is not the reader's affair.
  return topic === '' || topic.startsWith('$') ? `/${topic}` : topic;
}
