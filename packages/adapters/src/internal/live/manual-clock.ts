/** A clock that stands still until it is moved: timers run in their order, and nothing waits. */
import type { LiveClock } from './clock.ts';

export interface ManualClock extends LiveClock {
  /** Moves the time; runs every timer that falls due, also those that are set on the way. */
  advance(ms: number): void;
  /** Sets the time of day, forth or back; timers know nothing of it. */
  set(byMs: number): void;
}

export function createManualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  const timers = new Map<number, { readonly atMs: number; readonly run: () => void }>();
  let nowMs = startMs;
  let setMs = 0;
  let last = 0;
  return {
    now: () => nowMs + setMs,
    set: (byMs) => void (setMs += byMs),
    setTimeout(run, ms) {
      timers.set((last += 1), { atMs: nowMs + Math.max(0, ms), run });
      return last;
    },
    clearTimeout: (timer) => void timers.delete(timer as number),
    advance(ms) {
      const endMs = nowMs + ms;
      for (;;) {
        let due: [number, { readonly atMs: number; readonly run: () => void }] | undefined;
        for (const entry of timers) if (entry[1].atMs <= endMs && (!due || entry[1].atMs < due[1].atMs)) due = entry;
        if (!due) break;
        timers.delete(due[0]);
        nowMs = Math.max(nowMs, due[1].atMs);
        due[1].run();
      }
      nowMs = endMs;
    },
  };
}
