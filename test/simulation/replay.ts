/** Replays one history with its trace: `node test/simulation/replay.ts SEED [--quiet]`. */
import { runHistory } from './history.ts';

const seed = Number(process.argv[2]);
if (!Number.isInteger(seed)) {
  process.stderr.write('usage: node test/simulation/replay.ts SEED [--quiet]\n');
  process.exit(2);
}
const isQuiet = process.argv.includes('--quiet');
const began = performance.now();
const result = await runHistory({
  seed,
  ...(isQuiet ? {} : { tracer: (line: string) => process.stdout.write(`${line}\n`) }),
});
const { problems, ...numbers } = result;
process.stdout.write(`${JSON.stringify({ seed, ms: Math.round(performance.now() - began), ...numbers })}\n`);
for (const problem of problems) process.stdout.write(`BROKEN ${problem}\n`);
process.exit(problems.length === 0 ? 0 : 1);
