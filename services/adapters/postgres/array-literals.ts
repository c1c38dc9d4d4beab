/**
 * Arrays as Postgres reads them (`{1,2,"three"}`), built column by column: one parameter for a column of a whole flight, and
 * cheaper than what a client does with arrays, element by element.
 */
export function numberArray(values: readonly (number | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : value)).join(',')}}`;
}

/** Without nulls. */
export function plainNumberArray(values: readonly number[]): string {
  return `{${values.join(',')}}`;
}

export function booleanArray(values: readonly boolean[]): string {
  return `{${values.join(',')}}`;
}

export function textArray(values: readonly (string | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : quoted(value))).join(',')}}`;
}

/**
 * Of JSON texts. Such a text has no control characters and no lone surrogates, so that JSON's own quoting escapes exactly what
 * an array needs escaped, a good deal faster than a search with a replacement.
 */
export function jsonTextArray(values: readonly (string | null)[]): string {
  return `{${values.map((value) => (value === null ? 'NULL' : JSON.stringify(value))).join(',')}}`;
}

function quoted(text: string): string {
  return text.includes('"') || text.includes('\\') ? `"${text.replace(/["\\]/g, '\\$&')}"` : `"${text}"`;
}
