/** CPU time of processes, from the kernel's own count. */
import { readFileSync } from 'node:fs';

/** Clock ticks a second in /proc: fixed on Linux. */
const ticksPerSecond = 100;

/** CPU seconds (user and system) that a process has used; 0 for one that is gone. */
export function cpuSeconds(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name in parentheses may hold blanks: fields are counted from behind it.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
  } catch {
    return 0;
  }
}

/** CPU seconds by kind of process. */
export function cpuByKind(processes: readonly { kind: string; pid: number }[]): Record<string, number> {
  const byKind: Record<string, number> = {};
  for (const { kind, pid } of processes) byKind[kind] = (byKind[kind] ?? 0) + cpuSeconds(pid);
  return byKind;
}
