/** Runs test files with Node's runner, each in a process of its own, and prints a line for each. */
import { relative } from 'node:path';
import { run } from 'node:test';
import { inspect } from 'node:util';
import { addCounts, type Counts, noCounts, seconds } from './run-totals.ts';

/** ms that a file may take: more means that it hangs. */
const fileTimeout = 600_000;

interface RunOptions {
  root: string;
  concurrency: number;
  signal: AbortSignal;
}

/** What one file said and what failed in it, shown when it is done. */
interface FileNotes {
  output: string[];
  failures: string[];
  /** Their reasons. */
  skippedSuites: string[];
}

export async function runFiles(files: string[], { root, concurrency, signal }: RunOptions): Promise<Counts> {
  let counts = noCounts;
  const notes = new Map<string, FileNotes>();
  const notesOf = (file = ''): FileNotes => {
    const found = notes.get(file) ?? { output: [], failures: [], skippedSuites: [] };
    notes.set(file, found);
    return found;
  };
  const conclude = (file: string, found: Counts, duration: number) => {
    const kept = notesOf(file);
    notes.delete(file);
    const all = addCounts(found, unseenCounts(found, kept));
    counts = addCounts(counts, all);
    console.log(fileLines(relative(root, file), all, duration, kept).join('\n'));
  };
  const stream = run({ files, concurrency, timeout: fileTimeout, signal });
  for await (const { type, data } of stream as AsyncIterable<RunnerEvent>) {
    if (type === 'test:stdout' || type === 'test:stderr') notesOf(data.file).output.push(data.message ?? '');
    else if (type === 'test:diagnostic' && data.file !== undefined) console.log(`     ${data.message}`);
    else if (type === 'test:fail' && !isEcho(data)) notesOf(data.file).failures.push(describeFailure(data));
    else if (type === 'test:pass' && isSkippedSuite(data)) notesOf(data.file).skippedSuites.push(skipReason(data));
    else if (type === 'test:summary' && data.file !== undefined) {
      conclude(data.file, countsOf(data.counts), data.duration_ms ?? 0);
    }
  }
  // Files that died before they could sum up: the runner counts each as one test that failed.
  for (const [file, kept] of notes) {
    if (kept.failures.length > 0) conclude(file, { ...noCounts, tests: 1, failed: 1 }, 0);
  }
  return counts;
}

/** What the runner does not count: a suite that is skipped whole, and a hook that fails where every test passed. */
function unseenCounts({ failed }: Counts, { failures, skippedSuites }: FileNotes): Counts {
  const hooks = failures.length > 0 && failed === 0 ? 1 : 0;
  return { ...noCounts, tests: hooks + skippedSuites.length, failed: hooks, skipped: skippedSuites.length };
}

interface RunnerEvent {
  type: string;
  data: {
    file?: string;
    name?: string;
    classname?: string;
    message?: string;
    counts?: { tests: number; passed: number; failed: number; cancelled: number; skipped: number; todo: number };
    duration_ms?: number;
    line?: number;
    skip?: string | boolean;
    details?: { type?: string; error?: Error & { failureType?: string; cause?: unknown } };
  };
}

/** A suite or a file fails because something in it did, which has been told. */
function isEcho({ details }: RunnerEvent['data']): boolean {
  return details?.error?.failureType === 'subtestsFailed';
}

function isSkippedSuite({ skip, details }: RunnerEvent['data']): boolean {
  return details?.type === 'suite' && skip !== undefined && skip !== false;
}

function skipReason({ name, skip }: RunnerEvent['data']): string {
  return typeof skip === 'string' && skip !== '' ? skip : `${name}`;
}

function describeFailure({ name, classname, line, details }: RunnerEvent['data']): string {
  const cause = details?.error?.cause ?? details?.error;
  const path = classname === undefined ? name : `${classname}: ${name}`;
  return `  ✖ ${path} (line ${line ?? '?'})\n${indent(inspect(cause, { depth: 4 }))}`;
}

function indent(text: string): string {
  return text.replace(/^/gm, '      ');
}

function countsOf(counts: RunnerEvent['data']['counts']): Counts {
  if (counts === undefined) return noCounts;
  const { tests, passed, failed, cancelled, skipped, todo } = counts;
  return { tests, passed, failed: failed + cancelled, skipped, todo };
}

function fileLines(file: string, counts: Counts, duration: number, kept: FileNotes): string[] {
  const skipped = counts.skipped > 0 ? `, ${counts.skipped} skipped` : '';
  const line = `${file} (${counts.passed}/${counts.tests}${skipped}, ${seconds(duration)})`;
  const reasons = [...new Set(kept.skippedSuites)].map((reason) => `     skipped: ${reason}`);
  if (counts.failed === 0) return [`ok   ${line}`, ...reasons];
  const said = kept.output.join('').trimEnd();
  return [`FAIL ${line}`, ...reasons, ...(said === '' ? [] : [indent(said)]), ...kept.failures];
}
