/** Where the time goes: the functions that took most of a CPU profile. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
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
