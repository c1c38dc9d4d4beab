/** What `in-cse usage` says, as an operator runs it. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const launcher = join(import.meta.dirname, '..', '..', 'services', 'cli', 'launch.mjs');

export interface Figures {
  cse: string;
  used: { applicationEntities: number; resources: number; bytes: number };
  quotas: Record<string, number>;
}

export async function usageFigures(...options: string[]): Promise<Figures[]> {
  const { stdout } = await run(process.execPath, [launcher, 'usage', '--json', ...options]);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Figures);
}
