/** How a value stands in Redis, and the script that writes it unless a newer one is there. */

/** `<version>\n` is a tombstone, `<version>\nv<text>` a value. */
export function storedForm(version: number, value: string | null): string {
  return value === null ? `${version}\n` : `${version}\nv${value}`;
}

/** The text of a value; undefined for a tombstone and for what is not there. */
export function textOf(stored: string | null): string | undefined {
  if (stored === null) return undefined;
  const end = stored.indexOf('\n');
  return end < 0 || end + 1 === stored.length ? undefined : stored.slice(end + 2);
}

/**
 * KEYS: the key. ARGV: version, stored form, life in ms. Only the head of what is there is read: longer than any version.
 * Of the same version a tombstone is the last word.
 */
export const putNewerScript = `
local head = redis.call('GETRANGE', KEYS[1], 0, 31)
local stop = string.find(head, '\\n', 1, true)
if stop then
  local known = tonumber(string.sub(head, 1, stop - 1))
  local version = tonumber(ARGV[1])
  if known > version or (known == version and #head == stop) then return 0 end
end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
`;
