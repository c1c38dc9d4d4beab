/** Waiting between attempts: doubling from 50 ms to 1 s, with jitter, and ended at once by a signal. */
export function backOffTime(attempt: number): number {
  const full = Math.min(1000, 50 * 2 ** Math.min(attempt - 1, 10));
  return Math.round(full * (0.75 + Math.random() / 2));
}

/** Resolves after `milliseconds`, or at once when the signal aborts. Never rejects. */
export function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal.addEventListener('abort', end, { once: true });
  });
}

/** Repeats until it succeeds; rejects with the last error only when the signal has aborted. */
export async function persist<Result>(
  attempt: () => Promise<Result>,
  signal: AbortSignal,
  failed: (error: unknown, attempts: number, retryIn: number) => void,
): Promise<Result> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted) throw error;
      const retryIn = backOffTime(attempts);
      failed(error, attempts, retryIn);
      await pause(retryIn, signal);
      if (signal.aborted) throw error;
    }
  }
}
