import type { Decision } from '../decision.ts';
import type { PrimitiveContent } from '../primitives.ts';
import { type Partial, respond } from './respond.ts';
import { type Effects, noEffects, type RequestSituation } from './situation.ts';

/** The decision that answers, with what it brings about. */
export function answer(
  { input }: RequestSituation,
  code: number,
  effects: Effects = noEffects(),
  content?: PrimitiveContent,
  options?: { receiver?: string; partial?: Partial },
): Decision {
  return { kind: 'answer', response: respond(input, code, content, options), ...effects };
}
