/** Real time and real chance, in the shape of the ports' Clock and Chance. */
import { randomBytes } from 'node:crypto';

/** See the Clock port. */
export function createSystemClock() {
  return {
    now: (): number => Date.now(),
    monotonic: (): number => performance.now(),
    after(ms: number, callback: () => void): () => void {
      const timer = setTimeout(callback, ms);
      timer.unref();
      return () => clearTimeout(timer);
    },
    soon(callback: () => void): void {
      setImmediate(callback);
    },
  };
}

/** See the Chance port. */
export function createSystemChance() {
  return {
    token(bits: number): string {
      const bytes = randomBytes(8);
      return BigInt.asUintN(bits, bytes.readBigUInt64BE())
        .toString(36)
        .padStart(Math.ceil(bits / Math.log2(36)), '0');
    },
    fraction: (): number => Math.random(),
  };
}
