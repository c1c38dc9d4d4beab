/** Time and chance as one simulated process has them. */
import type { TraceSource } from '../../services/platform/trace-context.ts';
import type { Chance, Clock } from '../../services/ports/clock.ts';
import type { Life } from './life.ts';
import { beginning } from './world.ts';

/** `skew`: how far its wall clock is wrong, ms. */
export function simClock(life: Life, skew: number): Clock {
  const { world } = life;
  return {
    now: () => Math.floor(world.now + skew),
    monotonic: () => world.now - beginning,
    after: (ms, callback) => life.after(ms, `${life.name} timer`, callback),
    soon: (callback) => void life.after(world.random.between(0, 0.05), `${life.name} soon`, callback),
  };
}

export function simChance(life: Life): Chance {
  const random = life.world.random.fork();
  return {
    token(bits) {
      const number = (BigInt(random.bits()) << 32n) | BigInt(random.bits());
      return BigInt.asUintN(bits, number)
        .toString(36)
        .padStart(Math.ceil(bits / Math.log2(36)), '0');
    },
    fraction: () => random.fraction(),
  };
}

export function simTraces(): TraceSource {
  const trace = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00';
  return { begin: () => trace };
}
