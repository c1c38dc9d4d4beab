/** Segments up to this length are sought by the engine's own search, whose worst case is then a small constant a character. */
const shortSegment = 32;

/**
 * Whether a text matches a pattern in which `*` stands for any characters, also none (TS-0004 7.3.3.17.9). Linear in the
 * lengths of both, so that nobody can make it slow.
 */
export function matchesPattern(pattern: string, text: string): boolean {
  if (!pattern.includes('*')) return pattern === text;
  const segments = pattern.split('*');
  const head = segments[0]!;
  const tail = segments.at(-1)!;
  if (text.length < head.length + tail.length || !text.startsWith(head) || !text.endsWith(tail)) return false;
  let at = head.length;
  const end = text.length - tail.length;
  for (let index = 1; index < segments.length - 1; index++) {
    const segment = segments[index]!;
    if (segment === '') continue;
    const found = segment.length <= shortSegment ? text.indexOf(segment, at) : search(text, segment, at);
    if (found < 0 || found + segment.length > end) return false;
    at = found + segment.length;
  }
  return true;
}

/** The first place of a segment from `start` on, or -1 (Knuth, Morris and Pratt). */
function search(text: string, segment: string, start: number): number {
  const borders = bordersOf(segment);
  let matched = 0;
  for (let at = start; at < text.length; at++) {
    const code = text.charCodeAt(at);
    while (matched > 0 && segment.charCodeAt(matched) !== code) matched = borders[matched - 1]!;
    if (segment.charCodeAt(matched) === code) matched++;
    if (matched === segment.length) return at - matched + 1;
  }
  return -1;
}

/** For each prefix the length of its longest proper prefix that is also its suffix. */
function bordersOf(segment: string): Int32Array {
  const borders = new Int32Array(segment.length);
  let matched = 0;
  for (let at = 1; at < segment.length; at++) {
    const code = segment.charCodeAt(at);
    while (matched > 0 && segment.charCodeAt(matched) !== code) matched = borders[matched - 1]!;
    if (segment.charCodeAt(matched) === code) matched++;
    borders[at] = matched;
  }
  return borders;
}
