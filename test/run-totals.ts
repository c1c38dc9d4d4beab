/** Counting of tests, and how the counts are printed. */
export interface Counts {
  tests: number;
  passed: number;
  /** Also those that were cancelled. */
  failed: number;
  skipped: number;
  todo: number;
}

export interface SectionResult {
  name: string;
  counts: Counts;
  milliseconds: number;
}

export const noCounts: Counts = { tests: 0, passed: 0, failed: 0, skipped: 0, todo: 0 };

export function addCounts(a: Counts, b: Counts): Counts {
  return {
    tests: a.tests + b.tests,
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    skipped: a.skipped + b.skipped,
    todo: a.todo + b.todo,
  };
}

/** In the form in which Node's test runner ends its TAP output. */
export function countLines({ tests, passed, failed, skipped, todo }: Counts, milliseconds: number): string {
  const lines = { tests, pass: passed, fail: failed, skipped, todo, duration_ms: Math.round(milliseconds) };
  return Object.entries(lines)
    .map(([name, value]) => `# ${name} ${value}`)
    .join('\n');
}

export function totalLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
