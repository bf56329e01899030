/** Which interval a time belongs to. */

/** Start of the interval `[start, start + intervalMs)` that holds the time; starts are multiples plus `offsetMs`. */
export function startOf(timeMs: number, intervalMs: number, offsetMs: number): number {
  const startMs = Math.floor((timeMs - offsetMs) / intervalMs) * intervalMs + offsetMs;
  // The difference may round up to the next start, and a time just below 0 to 0.
  return (startMs > timeMs ? startMs - intervalMs : startMs) + 0;
}
