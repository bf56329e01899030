/** Time for waits and watchdogs: it only ever grows, whatever somebody does to the clock of the machine. */

/** Milliseconds since some moment. */
export type Elapsed = () => number;

/** The platform's own; it knows nothing of the time of day. */
export const platformElapsed: Elapsed = () => performance.now();

/** What passes on another clock, without its steps back. */
export function steadyClock(now: () => number): Elapsed {
  let last = now();
  let elapsedMs = 0;
  return () => {
    const at = now();
    if (at > last) elapsedMs += at - last;
    last = at;
    return elapsedMs;
  };
}
