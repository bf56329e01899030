/** Waits of clients that share a server: random, so that they do not come back together. */

/** A wait drawn from 0 to `baseMs × 2^(attempt − 1)`, at most to `maxMs` ("full jitter"). */
export function fullJitter(attempt: number, baseMs: number, maxMs: number, random: () => number): number {
  return Math.floor(random() * Math.min(maxMs, baseMs * 2 ** Math.min(attempt - 1, 50)));
}
