/** What is a bar on the grid, for the reducers that take bars. */
import type { ExactInt } from '@tapekit/orderflow/exact';
import { FootprintError } from '../errors.ts';

/** Where a bar lies in time. */
interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** Whether these are times of the clock, in their order. */
export function isSpan(startMs: number, endMs: number): boolean {
  // `isFinite` is false for text, too.
  return [startMs, endMs].every((timeMs) => Number.isFinite(timeMs) && Math.abs(timeMs) <= 8.64e15) && endMs >= startMs;
}

/** Whether this is a number of ticks, prints or lots. */
export function isWhole(value: ExactInt): boolean {
  return typeof value === 'bigint' || Number.isSafeInteger(value);
}

/**
 * Refuses what no grid can produce: a price between two ticks, a NaN.
 * @param names - The fields that are whole numbers.
 * @throws FootprintError `bad-trade`.
 */
export function checkBar<Name extends string>(
  bar: Span & Readonly<Record<Name, ExactInt>>,
  names: readonly Name[],
): void {
  if (!isSpan(bar.startMs, bar.endMs)) {
    const message = `Bar from "${bar.startMs}" to "${bar.endMs}" is not a stretch of time in epoch milliseconds.`;
    throw new FootprintError('bad-trade', message, bar.startMs);
  }
  for (const name of names) {
    if (isWhole(bar[name])) continue;
    throw new FootprintError(
      'bad-trade',
      `Bar ${name} "${bar[name]}" is not a whole number. Pass bars in ticks and lots of the grid.`,
      bar[name],
    );
  }
}
