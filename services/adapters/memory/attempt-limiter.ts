import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { AttemptLimiter } from '../../ports/attempt-limiter.ts';

export interface AttemptLimits {
  /** Failed attempts a minute with one name from one address. */
  perName: number;
  /** Failed attempts a minute from one address with any names. */
  perPeer: number;
}

/**
 * How many more may fail with one name from all addresses together: a single address must not be able to lock a name out
 * for everybody.
 */
const fromAnywhere = 10;
/** Seconds. */
const window = 60;

/** Counts attempts of this process. */
export function createMemoryAttemptLimiter({ perName, perPeer }: AttemptLimits): AttemptLimiter {
  const byNameAndPeer = new RateLimiterMemory({ points: perName, duration: window });
  const byName = new RateLimiterMemory({ points: perName * fromAnywhere, duration: window });
  const byPeer = new RateLimiterMemory({ points: perPeer, duration: window });

  /** The narrowest first: what it stops is not charged to the others. */
  const counts = (name: string, peer: string | undefined): [RateLimiterMemory, string][] =>
    peer === undefined
      ? [[byName, name]]
      : [
          [byNameAndPeer, `${peer} ${name}`],
          [byPeer, peer],
          [byName, name],
        ];

  return {
    async charge(name, peer) {
      for (const [limiter, key] of counts(name, peer)) if (!(await isConsumed(limiter, key))) return false;
      return true;
    },
    async refund(name, peer) {
      await Promise.all(counts(name, peer).map(([limiter, key]) => limiter.reward(key)));
    },
  };
}

async function isConsumed(limiter: RateLimiterMemory, key: string): Promise<boolean> {
  try {
    await limiter.consume(key);
    return true;
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return false;
    throw refused;
  }
}
