import assert from 'node:assert/strict';

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits until a condition holds; fails after `limit` ms with what it was waiting for. */
export async function until(condition: () => boolean, what: string, limit = 10_000): Promise<void> {
  const end = performance.now() + limit;
  while (!condition()) {
    if (performance.now() > end) assert.fail(`waited ${limit} ms for: ${what}`);
    await pause(5);
  }
}
