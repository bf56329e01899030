import { type Elapsed, platformElapsed, steadyClock } from '../steady-clock.ts';

/** Time, as a live source needs it; tests bring one that they move themselves. */
export interface LiveClock {
  /** Epoch milliseconds UTC. */
  now(): number;
  /** Milliseconds that nobody can set back, for waits and watchdogs. @defaultValue `now` without its steps back */
  elapsed?(): number;
  /** Calls back once, after `ms`. */
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** The platform's clock. */
export const platformClock: LiveClock = {
  now: () => Date.now(),
  elapsed: platformElapsed,
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

/** What passes on a clock, whoever sets it. */
export function elapsedOf(clock: LiveClock): Elapsed {
  return clock.elapsed ? () => clock.elapsed!() : steadyClock(() => clock.now());
}
