/** The one timer of this package: as long as it is asked for, where the platform's own end at 31 bits. */

/** The part of a clock that calls back. */
export interface Timers {
  /** Calls back once, after `ms`. */
  setTimeout(run: () => void, ms: number): unknown;
  clearTimeout(timer: unknown): void;
}

/** Beyond 2,147,483,647 ms the platform's timers fire at once. */
const longestMs = 2_000_000_000;

const platformTimers: Timers = {
  setTimeout: (run, ms) => setTimeout(run, ms),
  clearTimeout: (timer) => clearTimeout(timer as ReturnType<typeof setTimeout>),
};

/** Calls back once, after `ms`; `Infinity` is never. What it returns takes the call back. */
export function after(ms: number, run: () => void, timers: Timers = platformTimers): () => void {
  if (ms === Infinity) return () => {};
  let timer: unknown;
  const wait = (leftMs: number): void => {
    const partMs = Math.min(leftMs, longestMs);
    timer = timers.setTimeout(() => (leftMs > partMs ? wait(leftMs - partMs) : run()), partMs);
  };
  wait(ms);
  return () => timers.clearTimeout(timer);
}

/** Resolves after `ms`; rejects with the signal's reason. */
export function sleep(ms: number, signal?: AbortSignal, timers?: Timers): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const stop = (): void => {
      cancel();
      reject(signal!.reason as Error);
    };
    const cancel = after(
      ms,
      () => {
        signal?.removeEventListener('abort', stop);
        resolve();
      },
      timers,
    );
    signal?.addEventListener('abort', stop, { once: true });
  });
}
