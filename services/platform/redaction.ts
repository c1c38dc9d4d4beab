/** What never gets into a log line: contents of devices, credentials, and URLs with credentials in them. */

/** Names of fields whose values nobody may read in a log, however deep they stand. */
const secretNames =
  /^(pass(word|wd|phrase)?|secret|token|authorization|credentials?|payload|content|pc|con|body|input|frame|connectionstring|dsn)$/i;

const hidden = '[hidden]';
const deepest = 4;

/** Without user and password of URLs, and without the text that an error of JSON.parse quotes. */
export function redactText(text: string): string {
  if (text.length < 8) return text;
  const withoutCredentials = text.includes('://') ? hideCredentials(text) : text;
  if (!withoutCredentials.includes('JSON')) return withoutCredentials;
  // V8 quotes the beginning of what it could not read.
  return withoutCredentials.replace(
    /Unexpected token .{0,12}, (?:\.{3})?"[\s\S]*?"(?:\.{3})? is not valid JSON/g,
    'not valid JSON',
  );
}

/** Also of a URL that was cut off before its `@`: what stands behind a colon there is a port, or a part of a password. */
function hideCredentials(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s"'<>]*@/gi, `$1${hidden}@`)
    .replace(
      /([a-z][a-z0-9+.-]*:\/\/)[^\s"'<>/@[:]+:(?!\d{1,5}(?:[/?#,;:"'<>)\]]|\.?(?:\s|$)))[^\s"'<>]*/gi,
      `$1${hidden}`,
    );
}

/** A copy of a line's fields as they may be written. Errors keep class, message, code, stack and causes, and nothing else. */
export function redactFields(fields: Record<string, unknown>): Record<string, unknown> {
  return redactMembers(fields, 0);
}

function redactMembers(value: object, depth: number): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const [name, member] of Object.entries(value)) {
    result[name] = secretNames.test(name) ? hidden : redactValue(member, depth + 1);
  }
  return result;
}

function redactValue(value: unknown, depth: number): unknown {
  switch (typeof value) {
    case 'string':
      return redactText(value);
    case 'object':
      break;
    case 'function':
    case 'symbol':
      return undefined;
    default:
      return value;
  }
  if (value === null) return null;
  if (value instanceof Error) return redactError(value, depth);
  // Bytes are always somebody's content.
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return hidden;
  if (depth > deepest) return '…';
  if (Array.isArray(value)) return value.map((each) => redactValue(each, depth + 1));
  return redactMembers(value, depth);
}

function redactError(error: Error, depth: number): Record<string, unknown> {
  const { code } = error as { code?: unknown };
  const result: Record<string, unknown> = { type: error.name, message: redactText(error.message) };
  if (typeof code === 'string' || typeof code === 'number') result.code = code;
  if (error.stack !== undefined) result.stack = redactText(error.stack);
  if (error.cause !== undefined && depth <= deepest) result.cause = redactValue(error.cause, depth + 1);
  return result;
}
