/** What /proc tells about a process and its descendants. On systems without /proc: nothing. */
import { readdirSync, readFileSync } from 'node:fs';

/** Ticks a second in which Linux counts processor time (USER_HZ, the same on all its platforms). */
const ticksPerSecond = 100;

interface Entry {
  state: string;
  parent: number;
  ticks: number;
}

function readEntry(pid: number): Entry | undefined {
  let line: string;
  try {
    line = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The name, in parentheses, may hold anything. Behind it: state, ppid, …; utime, stime, cutime, cstime are 14 to 17.
  const fields = line.slice(line.lastIndexOf(')') + 2).split(' ');
  const field = (number: number) => Number(fields[number - 3]);
  return { state: fields[0] ?? '', parent: field(4), ticks: field(14) + field(15) + field(16) + field(17) };
}

/** `pid` and all its living descendants. */
export function processTree(pid: number): number[] {
  let names: string[];
  try {
    names = readdirSync('/proc');
  } catch {
    return [pid];
  }
  const children = new Map<number, number[]>();
  for (const name of names) {
    const entry = /^\d+$/.test(name) ? readEntry(Number(name)) : undefined;
    if (entry !== undefined) children.set(entry.parent, [...(children.get(entry.parent) ?? []), Number(name)]);
  }
  const tree = [pid];
  for (const member of tree) tree.push(...(children.get(member) ?? []));
  return tree;
}

/** Seconds of processor time of a process, its living descendants and those that it has waited for; 0 if it is gone. */
export function processorSeconds(pid: number): number {
  const ticks = processTree(pid).map((member) => readEntry(member)?.ticks ?? 0);
  return ticks.reduce((sum, each) => sum + each, 0) / ticksPerSecond;
}

/** A zombie that nobody collects (pid 1 of a container may not) counts as gone. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return readEntry(pid)?.state !== 'Z';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
