/** Payloads for the codecs: case `index` of a seed is always the same bytes. */
import type { Payload } from '../../services/codecs/ingress-batch.ts';
import { primitives } from '../fixtures/codecs/primitives.ts';
import { Random } from '../simulation/random.ts';
import { attacks } from './corpus.ts';
import { jsonPrimitive } from './json-grammar.ts';
import { mutated } from './mutate.ts';
import { xmlPrimitive } from './xml-grammar.ts';

export function payloadCase(seed: number, index: number): Payload {
  const attack = attacks[index];
  if (attack !== undefined) return attack;
  const random = new Random(seed * 1_000_003 + index);
  const serialization = random.chance(0.65) ? 'json' : 'xml';
  const whole = Buffer.from(textOf(random, serialization, `f${index}`));
  return { serialization, payload: random.chance(0.45) ? mutated(whole, random) : whole };
}

function textOf(random: Random, serialization: 'json' | 'xml', identifier: string): string {
  if (random.chance(0.1)) return random.pick(primitives)[serialization];
  return serialization === 'json' ? jsonPrimitive(random, identifier) : xmlPrimitive(random, identifier);
}
