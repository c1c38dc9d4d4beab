/** Bounds how often somebody may fail to authenticate, so that passwords cannot be tried out. */
export interface AttemptLimiter {
  /**
   * Counts an attempt as failed before it is made, so that many at a time are bounded too. False: too many failed lately for
   * this name or from this address, and it must not be made.
   */
  charge(name: string, peer: string | undefined): Promise<boolean>;
  /** It did not fail after all. */
  refund(name: string, peer: string | undefined): Promise<void>;
}
