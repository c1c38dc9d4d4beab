/** How many failures that devices bring about are recorded although their requests were not sampled: a token bucket. */

/** Failures a second, and at once. */
export const failuresPerSecond = 100;

/** TS-0004 6.6: from here on the receiver has failed, not the originator. */
const firstOwnFailure = 5000;

/** `now`: monotonic ms. Returns whether this failure is recorded. */
export function createFailureAllowance(now: () => number): (code: number) => boolean {
  let left = failuresPerSecond;
  let filledAt = now();
  return (code) => {
    if (code >= firstOwnFailure) return true;
    const at = now();
    left = Math.min(failuresPerSecond, left + ((at - filledAt) / 1000) * failuresPerSecond);
    filledAt = at;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}
