/** Which credentials and passwords count at a moment. */

interface Dated {
  expiresAt?: number;
  revokedAt?: number;
}

/** Neither revoked nor expired at `now` (ms since 1970). */
export function isInForce({ expiresAt = Infinity, revokedAt = Infinity }: Dated, now: number): boolean {
  return now < expiresAt && now < revokedAt;
}

/** Those that are still accepted at `now`, the newest first as they came. */
export function passwordsInForce<P extends { until?: number }>(passwords: readonly P[], now: number): P[] {
  return passwords.filter(({ until = Infinity }) => now < until);
}
