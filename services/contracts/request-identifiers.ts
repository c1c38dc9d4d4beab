/**
 * Identifiers of the requests that the CSE itself sends. They carry the shard that waits for the answer, so that ingress
 * routes an answer with no look-up, and 64 random bits, so that nobody guesses one (R19).
 */
import { shardDigits, shardInName } from '../core/sharding.ts';

/** A notification of a queue (subscription, target number, number in the queue) or a question of an exchange. */
export type OwnRequest =
  | { kind: 'notification'; shard: number; subscription: string; target: number; number: number; random: string }
  | { kind: 'exchange'; shard: number; exchange: string; question: number; random: string };

export function encodeOwnRequestIdentifier(request: OwnRequest): string {
  const shard = shardDigits(request.shard);
  return request.kind === 'notification'
    ? `n${shard}.${request.subscription}.${request.target}.${request.number}.${request.random}`
    : `x${shard}.${request.exchange}.${request.question}.0.${request.random}`;
}

/** The parts of one of our identifiers, or undefined for anything else. */
export function decodeOwnRequestIdentifier(text: string): OwnRequest | undefined {
  const match = /^([nx])([0-9a-v]{3})\.([A-Za-z0-9-]+)\.(\d{1,9})\.(\d{1,15})\.([0-9a-z]{8,16})$/.exec(text);
  if (match === null) return undefined;
  const shard = shardInName(`r${match[2]}-0-0-0-0`)!;
  const random = match[6]!;
  return match[1] === 'n'
    ? {
        kind: 'notification',
        shard,
        subscription: match[3]!,
        target: Number(match[4]),
        number: Number(match[5]),
        random,
      }
    : { kind: 'exchange', shard, exchange: match[3]!, question: Number(match[4]), random };
}
