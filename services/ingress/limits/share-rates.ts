/**
 * Several ingress processes each let in what a rate allows; here they tell each other. What was let in is reported now and
 * then, and whoever has sent in this second, by all processes together, what it may send at once is refused until it is over. So a rate
 * may be passed by what all of them let in between two reports, and nobody ever waits for an answer.
 */
import type { Clock } from '../../ports/clock.ts';
import type { RateLimiter } from '../../ports/rate-limiter.ts';
import type { Admission } from './admission.ts';
import type { Budget } from './budget.ts';

/** ms. */
export const reportPeriod = 250;

/** Reporting who is far from any limit would cost a round trip for every quiet device: share of a period's rate. */
const worthReporting = 0.25;

export interface RateSharing {
  /** Reports once; resolves when all is heard. */
  report(): Promise<void>;
  /** Reports every period until the returned function is called. */
  start(): () => void;
}

export function shareRates(admission: Admission, limiter: RateLimiter, clock: Clock): RateSharing {
  async function reportOne(budget: Budget): Promise<void> {
    const { spent } = budget;
    budget.spent = 0;
    const sum = await limiter.spend(budget.key, spent);
    if (sum !== undefined && sum.total >= budget.mostASecond) budget.closedUntil = clock.monotonic() + sum.endsIn;
  }

  async function report(): Promise<void> {
    const busy = admission.takeActive().filter((budget) => {
      if (budget.spent >= (budget.rate * worthReporting * reportPeriod) / 1000) return true;
      budget.spent = 0;
      return false;
    });
    await Promise.all(busy.map(reportOne));
  }

  return {
    report,
    start() {
      let isOver = false;
      let cancel = () => {};
      const again = () => {
        cancel = clock.after(reportPeriod, () => {
          void report().finally(() => {
            if (!isOver) again();
          });
        });
      };
      again();
      return () => {
        isOver = true;
        cancel();
      };
    },
  };
}
