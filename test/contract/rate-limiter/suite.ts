/** What every RateLimiter must do. Each adapter's test file runs it over its own. */
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { RateLimiter } from '../../../services/ports/rate-limiter.ts';
import { reportContract } from '../../parts/contract-report.ts';

export interface RateLimiterUnderTest {
  /** As it stands in the report. */
  name: string;
  /** `again` shares its counts with `limiter`, as another process does. */
  open(): Promise<{ limiter: RateLimiter; again: RateLimiter }>;
}

export function rateLimiterContract(under: RateLimiterUnderTest): void {
  describe(`RateLimiter: ${under.name}`, () => {
    reportContract('rate-limiter', under.name);
    let limiter: RateLimiter;
    let again: RateLimiter;
    let keys = 0;
    const freshKey = () => `test/${process.pid}/${++keys}`;
    before(async () => {
      ({ limiter, again } = await under.open());
    });
    after(async () => {
      await limiter.close();
      await again.close();
    });

    it('adds up what all have spent under a key, and says when the second ends', async () => {
      const key = freshKey();
      const first = await limiter.spend(key, 3);
      assert.equal(first?.total, 3);
      assert.ok(first.endsIn > 0 && first.endsIn <= 1000, `${first.endsIn}`);
      assert.equal((await again.spend(key, 40))?.total, 43);
      assert.equal((await limiter.spend(key, 0))?.total, 43);
    });

    it('keeps keys apart', async () => {
      const [one, other] = [freshKey(), freshKey()];
      await limiter.spend(one, 5);
      assert.equal((await limiter.spend(other, 1))?.total, 1);
    });

    it('begins anew with the next second', async () => {
      const key = freshKey();
      const spent = await limiter.spend(key, 5);
      await pause((spent?.endsIn ?? 0) + 50);
      assert.equal((await again.spend(key, 2))?.total, 2);
    });

    it('loses nothing of several at the same time', async () => {
      const key = freshKey();
      await Promise.all(Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? limiter : again).spend(key, 1)));
      const sum = await limiter.spend(key, 0);
      // Unless the second ended meanwhile, in which case less is right.
      assert.ok(sum !== undefined && (sum.total === 20 || sum.endsIn > 900), JSON.stringify(sum));
    });
  });
}
