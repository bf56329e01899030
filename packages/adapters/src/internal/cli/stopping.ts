/** How a process that is told to stop ends. */

/** What {@link createStopping} does to the process. */
export interface StoppingOptions {
  readonly stderr: (text: string) => void;
  /** Ends the process with this exit code. */
  readonly exit: (code: number) => void;
  /** Calls after this many milliseconds, without keeping the process. */
  readonly later: (work: () => void, ms: number) => void;
}

/** How long a run may take to reach its next step and to store its report; what waits for 30 seconds need not kill it. */
export const stopWithinMs = 20_000;

/** The signal for {@link CliIo}, and what to call when the process is told to stop. */
export function createStopping({ stderr, exit, later }: StoppingOptions): {
  readonly signal: AbortSignal;
  readonly stop: (by: string) => void;
} {
  const stopping = new AbortController();
  return {
    signal: stopping.signal,
    stop(by) {
      if (stopping.signal.aborted) return;
      stopping.abort(new Error(`Stopped by ${by}.`));
      later(() => {
        stderr(
          `Stopped by ${by}, but a request to the store did not end within ${stopWithinMs / 1_000} seconds: ended without ` +
            'a report. Nothing is lost by that; run again.\n',
        );
        exit(5);
      }, stopWithinMs);
    },
  };
}
