/** A bound on how often something may happen: `burst` at once, `perSecond` in the long run. */
export interface TokenBucket {
  /** True if it may happen now. */
  take(nowMs: number): boolean;
}

/** A full bucket. */
export function createTokenBucket(burst: number, perSecond: number, nowMs: number): TokenBucket {
  let tokens = burst;
  let filledMs = nowMs;
  return {
    take(now) {
      tokens = Math.min(burst, tokens + (Math.max(0, now - filledMs) * perSecond) / 1_000);
      filledMs = Math.max(filledMs, now);
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
