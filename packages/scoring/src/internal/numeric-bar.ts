import { ScoringError } from '../errors.ts';
import type { NumericBar } from '../tape.ts';
import { isUsable } from './checks.ts';
import { checkObject } from './objects.ts';

const fields = ['startMs', 'endMs', 'open', 'high', 'low', 'close', 'volume'] as const;

/** Throws `bad-value` for bar `i` when it cannot be, or does not start after the bar before it. */
export function checkBar(bar: NumericBar, i: number, before: NumericBar | undefined): void {
  checkObject(`bar ${i}`, bar);
  for (const field of fields) {
    if (typeof bar[field] === 'number' && isUsable(bar[field])) continue;
    throw new ScoringError(
      'bad-value',
      `${field} "${String(bar[field])}" of bar ${i} is not a finite number within ±1e150. ` +
        'Leave the bar out, or mend it where it comes from.',
      bar[field],
    );
  }
  checkTimes(bar, i);
  checkShape(bar, i);
  if (!before || before.startMs < bar.startMs) return;
  throw new ScoringError(
    'bad-value',
    `startMs "${bar.startMs}" of bar ${i} is not after "${before.startMs}" of the bar before it. ` +
      'Sort the bars by startMs, oldest first, without duplicates.',
    bar.startMs,
  );
}

/** Times are whole, and a bar is not over before it began: its end is the moment that a score is for. */
function checkTimes(bar: NumericBar, i: number): void {
  for (const field of ['startMs', 'endMs'] as const) {
    if (Number.isSafeInteger(bar[field])) continue;
    throw new ScoringError(
      'bad-value',
      `${field} "${bar[field]}" of bar ${i} is not a whole number of milliseconds. Pass epoch milliseconds UTC.`,
      bar[field],
    );
  }
  if (bar.endMs >= bar.startMs) return;
  throw new ScoringError(
    'bad-value',
    `endMs "${bar.endMs}" of bar ${i} is not at or after its startMs "${bar.startMs}". ` +
      'Leave the bar out, or mend it where it comes from.',
    bar.endMs,
  );
}

/** No market trades below its low, above its high, or less than nothing. */
function checkShape(bar: NumericBar, i: number): void {
  const { open, high, low, close, volume } = bar;
  const fault =
    high < low
      ? (['high', high, `at or above its low "${low}"`] as const)
      : open < low || open > high
        ? (['open', open, `from its low "${low}" to its high "${high}"`] as const)
        : close < low || close > high
          ? (['close', close, `from its low "${low}" to its high "${high}"`] as const)
          : volume < 0
            ? (['volume', volume, 'at or above 0'] as const)
            : undefined;
  if (!fault) return;
  const [field, value, expected] = fault;
  throw new ScoringError(
    'bad-value',
    `${field} "${value}" of bar ${i} is not ${expected}. Leave the bar out, or mend it where it comes from.`,
    value,
  );
}
