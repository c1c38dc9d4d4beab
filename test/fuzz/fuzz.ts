/**
 * Throws what nobody sane sends at the codecs, the topic reader and a whole embedded CSE.
 *
 *   node test/fuzz/fuzz.ts [--cases 1000000] [--seed 7] [--target payloads|topics|path|packets]
 *   node test/fuzz/fuzz.ts --target payloads --seed 7 --case 4711        one case again
 */
import { parseArgs } from 'node:util';
import { startEmbeddedProcess } from '../system/embedded-process.ts';
import { fuzzPackets } from './fuzz-packets.ts';
import { fuzzPath } from './fuzz-path.ts';
import { fuzzPayloads, replayPayload } from './fuzz-payloads.ts';
import { fuzzTopics } from './fuzz-topics.ts';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '200000' },
    seed: { type: 'string', default: `${Math.floor(Math.random() * 1_000_000)}` },
    target: { type: 'string', default: 'all' },
    case: { type: 'string' },
  },
});
const cases = Number(values.cases);
const seed = Number(values.seed);

async function onEmbedded(run: (system: Awaited<ReturnType<typeof startEmbeddedProcess>>) => Promise<unknown>) {
  const system = await startEmbeddedProcess({ keep: false });
  try {
    return await run(system);
  } finally {
    await system.stop();
  }
}

const targets: Record<string, () => Promise<unknown>> = {
  payloads: async () => fuzzPayloads({ seed, cases }),
  topics: async () => fuzzTopics({ seed, cases }),
  path: () => onEmbedded((system) => fuzzPath(system, { seed, cases: Math.ceil(cases / 10) })),
  packets: () => onEmbedded((system) => fuzzPackets(system, { seed, cases: Math.ceil(cases / 100) })),
};

async function main(): Promise<void> {
  if (values.case !== undefined) {
    replayPayload(seed, Number(values.case));
    return;
  }
  const chosen = values.target === 'all' ? Object.keys(targets) : [values.target];
  for (const name of chosen) {
    const target = targets[name];
    if (target === undefined)
      throw new Error(`no target ${name}; there are ${Object.keys(targets).join(', ')} and all`);
    const begun = performance.now();
    const outcome = await target();
    console.log(
      `${name}: seed ${seed}, ${((performance.now() - begun) / 1000).toFixed(1)} s, ${JSON.stringify(outcome)}`,
    );
  }
}

await main();
