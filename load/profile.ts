/** Where the time goes: the functions that took most of a CPU profile. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Profile {
  nodes: {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number };
    children?: number[];
  }[];
  samples: number[];
  timeDeltas: number[];
}

export function topTen(profile: Profile): { name: string; share: number }[] {
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]));
  const self = new Map<string, number>();
  let total = 0;
  profile.samples.forEach((id, index) => {
    const frame = nodes.get(id)?.callFrame;
    if (frame === undefined || frame.functionName === '(idle)' || frame.functionName === '(program)') return;
    const place = frame.url === '' ? '' : ` ${frame.url.split('/').slice(-2).join('/')}:${frame.lineNumber + 1}`;
    const name = `${frame.functionName || '(anonymous)'}${place}`;
    const spent = profile.timeDeltas[index] ?? 0;
    self.set(name, (self.get(name) ?? 0) + spent);
    total += spent;
  });
  return [...self]
    .sort(([, a], [, b]) => b - a)
    .slice(0, 10)
    .map(([name, spent]) => ({ name, share: spent / total }));
}

/** Of every profile in a folder. */
export function printTopTen(folder: string): void {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))) {
    const profile = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Profile;
    console.log(`\n${file}`);
    for (const { name, share } of topTen(profile)) console.log(`  ${(share * 100).toFixed(1).padStart(5)} %  ${name}`);
  }
}

/**
 * Share of the busy time of every profile in a folder that was spent in files whose URL matches, or in what they called; the
 * time of the collector of garbage, which belongs to nobody, is left out above and below.
 */
export function printShareOf(folder: string, files: RegExp): void {
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.cpuprofile'))) {
    const profile = JSON.parse(readFileSync(join(folder, file), 'utf8')) as Profile;
    const { inside, busy } = shareOf(profile, files);
    console.log(`${file}: ${((inside / busy) * 100).toFixed(2)} % of ${(busy / 1e6).toFixed(1)} s`);
  }
}

const nobodys = ['(idle)', '(program)', '(garbage collector)'];

export function shareOf({ nodes, samples, timeDeltas }: Profile, files: RegExp): { inside: number; busy: number } {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const within = new Set<number>();
  const waiting = nodes.filter(({ callFrame }) => files.test(callFrame.url)).map(({ id }) => id);
  for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
    if (within.has(id)) continue;
    within.add(id);
    waiting.push(...(byId.get(id)?.children ?? []));
  }
  let [inside, busy] = [0, 0];
  samples.forEach((id, index) => {
    const spent = timeDeltas[index] ?? 0;
    if (nobodys.includes(byId.get(id)?.callFrame.functionName ?? '(idle)')) return;
    busy += spent;
    if (within.has(id)) inside += spent;
  });
  return { inside, busy };
}

/** `node load/profile.ts DIR PATTERN`: for profiles that `bench.ts --profile DIR` has left. */
if (import.meta.main) printShareOf(process.argv[2] ?? '.', new RegExp(process.argv[3] ?? '.'));
