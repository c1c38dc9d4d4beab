/** Payloads through the codecs: none may break them, take long, leave memory behind or change what everybody shares. */
import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { checkPayload } from './check-payload.ts';
import { attacks } from './corpus.ts';
import { payloadCase } from './payload-case.ts';

export interface FuzzRun {
  seed: number;
  cases: number;
}

/** How many of each outcome. */
export type Outcomes = Record<string, number>;

/** What may be left on the heap after any number of cases, bytes: kept readings and compiled code, nothing that grows. */
const leftOver = 24 * 1024 * 1024;

/** Throws an error that names seed and case of the first that is wrong. */
export function fuzzPayloads({ seed, cases }: FuzzRun): Outcomes {
  const shared = fingerprint();
  const outcomes: Outcomes = {};
  // Warm, so that compiled code is not taken for a leak.
  for (let index = 0; index < Math.min(cases, 2000); index++) checkPayload(payloadCase(seed, index));
  const before = heapUsed();
  for (let index = 0; index < cases; index++) {
    const kind = checkCase(seed, index);
    outcomes[kind] = (outcomes[kind] ?? 0) + 1;
  }
  assert.equal(fingerprint(), shared, 'a prototype has changed');
  const grown = heapUsed() - before;
  assert.ok(grown < leftOver, `${grown} bytes are left on the heap`);
  return outcomes;
}

export function replayPayload(seed: number, index: number): void {
  const { serialization, payload } = payloadCase(seed, index);
  console.log(`${serialization}: ${JSON.stringify(Buffer.from(payload).toString('utf8'))}`);
  console.log(checkCase(seed, index));
}

function checkCase(seed: number, index: number): string {
  const item = payloadCase(seed, index);
  try {
    return checkPayload(item);
  } catch (cause) {
    const name = attacks[index]?.name ?? Buffer.from(item.payload).toString('base64').slice(0, 4000);
    throw new Error(`seed ${seed}, case ${index} (${item.serialization}): ${(cause as Error).message}\n${name}`, {
      cause,
    });
  }
}

/** Everything that hangs on the prototypes which all objects share. */
function fingerprint(): string {
  const shared = [Object, Array, String, Number, Boolean, Function, Map, Set, Promise, Error, Uint8Array, Buffer];
  return shared
    .map(({ prototype }) =>
      Reflect.ownKeys(prototype as object)
        .map(String)
        .sort()
        .join(),
    )
    .join(';');
}

function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}
