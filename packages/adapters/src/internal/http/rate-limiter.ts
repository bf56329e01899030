/** A token bucket for each host, kept as one number: the time at which it will be full again. */

/** How many requests a host gets. */
export interface RateLimit {
  readonly requestsPerSecond: number;
  readonly burst: number;
}

/** Says how long to wait before each request. */
export interface RateLimiter {
  /** Takes a token, also one of the future; milliseconds until it may be used. Callers come in order. */
  take(host: string): number;
  /** Milliseconds for which the server wants no request; 0 when it has not said so. */
  heldBack(host: string): number;
  /** No request to the host for so long: the server asked for it. */
  holdBack(host: string, ms: number): void;
}

/** @param now - a clock that is never set back */
export function createRateLimiter({ requestsPerSecond, burst }: RateLimit, now: () => number): RateLimiter {
  const intervalMs = 1_000 / requestsPerSecond;
  const hosts = new Map<string, { fullAt: number; closedUntil: number }>();
  const hostOf = (name: string): { fullAt: number; closedUntil: number } => {
    let host = hosts.get(name);
    if (!host) hosts.set(name, (host = { fullAt: -Infinity, closedUntil: -Infinity }));
    return host;
  };
  return {
    take(name) {
      const host = hostOf(name);
      const at = now();
      const free = Math.max(at, host.closedUntil, host.fullAt - (burst - 1) * intervalMs);
      host.fullAt = Math.max(host.fullAt, free) + intervalMs;
      return free - at;
    },
    heldBack: (name) => Math.max(0, hostOf(name).closedUntil - now()),
    holdBack(name, ms) {
      const host = hostOf(name);
      host.closedUntil = Math.max(host.closedUntil, now() + ms);
    },
  };
}
