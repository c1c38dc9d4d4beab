/** Turns the primitives of a batch into what their receivers read. JSON is published as it stands in the record. */
import type { Encoded } from '../codecs/responder-batch.ts';
import type { Letter, OutboundEntry } from './outbound-entry.ts';
import type { ResponderCodec } from './parts.ts';

export type LetterOrProblem = Letter | { entry: OutboundEntry; problem: string };

/** In the order of the entries. Nothing is awaited if all are JSON: see `allJson`. */
export async function encodeLetters(
  entries: readonly OutboundEntry[],
  codec: ResponderCodec,
): Promise<LetterOrProblem[]> {
  const foreign = entries.filter((entry) => entry.head.serialization !== 'json');
  const encoded = await codec.encode(foreign.map(({ json, head }) => ({ json, serialization: head.serialization })));
  let next = 0;
  return entries.map((entry) =>
    entry.head.serialization === 'json' ? plain(entry) : letterOf(entry, encoded[next++]),
  );
}

export function allJson(entries: readonly OutboundEntry[]): boolean {
  return entries.every((entry) => entry.head.serialization === 'json');
}

export function plain(entry: OutboundEntry): Letter {
  return { entry, payload: entry.json };
}

export function isLetter(outcome: LetterOrProblem): outcome is Letter {
  return 'payload' in outcome;
}

function letterOf(entry: OutboundEntry, encoded: Encoded | undefined): LetterOrProblem {
  if (encoded !== undefined && 'payload' in encoded) return { entry, payload: encoded.payload };
  return { entry, problem: encoded?.problem ?? 'the codec gave nothing' };
}
