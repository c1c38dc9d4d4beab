/** Topic filters compared with each other (MQTT 4.7). */

/** Whether a text is a filter at all: a wildcard is a whole level, and `#` the last (MQTT 4.7.1). */
export function isFilter(text: string): boolean {
  if (text === '' || text.includes('\0')) return false;
  const levels = text.split('/');
  return levels.every((level, at) => (level === '#' ? at === levels.length - 1 : level === '+' || !/[+#]/.test(level)));
}

/**
 * Whether every topic that `asked` matches is matched by `granted` too. A topic name is a filter without wildcards. As MQTT
 * has it, `a/#` covers `a`, and a wildcard in first place covers nothing that begins with `$`. Both must be filters.
 */
export function coversFilter(granted: string, asked: string): boolean {
  const wanted = asked.split('/');
  const given = granted.split('/');
  if (wanted[0]?.startsWith('$') && (given[0] === '#' || given[0] === '+')) return false;
  for (const [index, level] of given.entries()) {
    if (level === '#') return true;
    const other = wanted[index];
    if (other === undefined || other === '#') return false;
    if (level === '+') continue;
    if (level !== other) return false;
  }
  return wanted.length === given.length;
}
