/** An HTTP client that keeps a distance between its requests: the politeness that a source asks for. */
import type { HttpClient } from '../http-client.ts';
import { sleep } from './after.ts';
import { type Elapsed, platformElapsed, steadyClock } from './steady-clock.ts';

/** How far apart the requests of one client are. */
export interface Pace {
  /** Least time between the starts of two requests, milliseconds; 0 for none. */
  readonly minIntervalMs?: number;
  /** Clock in milliseconds; its steps back do not count. @defaultValue the platform's, which nobody sets */
  readonly now?: () => number;
  /** Waits; rejects when aborted. @defaultValue a timer */
  readonly wait?: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** The same client, held back so that requests start at least `minIntervalMs` apart, in the order of the calls. */
export function pacedHttp(http: HttpClient, { minIntervalMs = 0, now, wait = sleep }: Pace): HttpClient {
  if (minIntervalMs <= 0) return http;
  const elapsed: Elapsed = now ? steadyClock(now) : platformElapsed;
  let freeAt = -Infinity;
  return {
    async send(request) {
      const startAt = Math.max(elapsed(), freeAt);
      freeAt = startAt + minIntervalMs;
      const ms = startAt - elapsed();
      if (ms > 0) {
        await wait(ms, request.signal);
        // A step back of the clock takes nothing of the wait away.
        elapsed();
      }
      return http.send(request);
    },
  };
}
