import { ScoringError } from '../errors.ts';
import type { BarColumns, IndicatorBar, PriceBar, VolumeBar } from '../indicators/bar-columns.ts';
import { areBarsUsable, checkValue, checkValues, toColumn } from './checks.ts';

type Field = keyof BarColumns;

/** The columns of one length, checked: usable numbers, highs not below lows, volumes and times that can be. */
export function readColumns<F extends Field>(
  columns: Pick<BarColumns, F>,
  fields: readonly F[],
): Record<F, Float64Array> {
  const read: Partial<Record<Field, Float64Array>> = {};
  for (const field of fields) {
    const given = (columns as Partial<BarColumns> | null | undefined)?.[field];
    if (!Array.isArray(given) && !(given instanceof Float64Array)) {
      const message = `column ${field} "${String(given)}" is not a list of numbers. Pass one value per bar, as toBarColumns does.`;
      throw new ScoringError('bad-value', message, given);
    }
    read[field] = given instanceof Float64Array ? given : toColumn(given);
  }
  const length = read[fields[0]!]!.length;
  for (const field of fields) {
    if (read[field]!.length === length) continue;
    throw new ScoringError(
      'bad-value',
      `column ${field} has "${read[field]!.length}" values, expected the ${length} of ${fields[0]!}. ` +
        'Pass one value per bar in every column.',
      read[field]!.length,
    );
  }
  // Piece by piece through all columns: what was checked against one is still in the cache for the next.
  for (let start = 0; start < length; start += 1_024) checkPiece(read, start, Math.min(length, start + 1_024));
  return read as Record<F, Float64Array>;
}

function checkPiece(columns: Partial<Record<Field, Float64Array>>, start: number, end: number): void {
  const { high, low, close, volume, startMs } = columns;
  const isSure = high && low && areBarsUsable(high, low, close ?? low, start, end);
  for (const column of Object.values(columns)) {
    if (!isSure || (column !== high && column !== low && column !== close)) checkValues(column, start, end);
  }
  if (high && low && !isSure) {
    const i = firstInverted(high, low, start, end);
    if (i < end) refuseRange(high[i]!, low[i]!, i);
  }
  if (volume) {
    const i = firstNegative(volume, start, end);
    if (i < end) refuseVolume(volume[i]!, i);
  }
  if (startMs) {
    const i = firstFalling(startMs, Math.max(1, start), end);
    if (i < end) refuseTime(startMs[i]!, i);
  }
}

function firstInverted(high: Float64Array, low: Float64Array, start: number, end: number): number {
  for (let i = start; i < end; i++) if (high[i]! < low[i]!) return i;
  return end;
}

function firstNegative(volume: Float64Array, start: number, end: number): number {
  for (let i = start; i < end; i++) if (volume[i]! < 0) return i;
  return end;
}

function firstFalling(startMs: Float64Array, start: number, end: number): number {
  for (let i = start; i < end; i++) if (startMs[i]! < startMs[i - 1]!) return i;
  return end;
}

/** How a stream reads its inputs: checked copies in, and numbers for its snapshot. */
export interface InputKind<Input> {
  /** A copy that nobody else holds; throws `bad-value` for what cannot be. */
  copy(input: Input, index: number): Input;
  /** Throws `bad-value` for a bar that starts before the last one. */
  checkNext(input: Input, last: Input, index: number): void;
  /** Throws `bad-value` for a replacement that starts at another time than the open bar. */
  checkSame(input: Input, last: Input, index: number): void;
  toNumbers(input: Input): number[];
  fromNumbers(numbers: readonly number[]): Input;
}

/** Inputs that are one number each. */
export const numberInput: InputKind<number> = {
  copy(value, index) {
    checkValue(value, index);
    return value + 0;
  },
  checkNext: () => undefined,
  checkSame: () => undefined,
  toNumbers: (value) => [value],
  fromNumbers: ([value]) => value!,
};

type RangeBar = Pick<IndicatorBar, 'high' | 'low'>;
type CloseVolume = Pick<IndicatorBar, 'close' | 'volume'>;
type Traded = Pick<IndicatorBar, 'volume'>;

const noOrder = { checkNext: (): void => undefined, checkSame: (): void => undefined } as const;

/** Bars of which high and low are read. */
export const rangeInput: InputKind<RangeBar> = {
  ...noOrder,
  copy({ high, low }, index) {
    checkRange(high, low, index);
    return { high: high + 0, low: low + 0 };
  },
  toNumbers: ({ high, low }) => [high, low],
  fromNumbers: ([high, low]) => ({ high: high!, low: low! }),
};

/** Bars of which high, low and close are read. */
export const priceInput: InputKind<PriceBar> = {
  ...noOrder,
  copy({ high, low, close }, index) {
    checkRange(high, low, index);
    checkValue(close, index);
    return { high: high + 0, low: low + 0, close: close + 0 };
  },
  toNumbers: ({ high, low, close }) => [high, low, close],
  fromNumbers: ([high, low, close]) => ({ high: high!, low: low!, close: close! }),
};

/** Bars of which high, low, close and volume are read. */
export const volumeInput: InputKind<VolumeBar> = {
  ...noOrder,
  copy({ high, low, close, volume }, index) {
    checkRange(high, low, index);
    checkValue(close, index);
    checkVolume(volume, index);
    return { high: high + 0, low: low + 0, close: close + 0, volume: volume + 0 };
  },
  toNumbers: ({ high, low, close, volume }) => [high, low, close, volume],
  fromNumbers: ([high, low, close, volume]) => ({ high: high!, low: low!, close: close!, volume: volume! }),
};

/** Bars of which close and volume are read. */
export const closeVolumeInput: InputKind<CloseVolume> = {
  ...noOrder,
  copy({ close, volume }, index) {
    checkValue(close, index);
    checkVolume(volume, index);
    return { close: close + 0, volume: volume + 0 };
  },
  toNumbers: ({ close, volume }) => [close, volume],
  fromNumbers: ([close, volume]) => ({ close: close!, volume: volume! }),
};

/** Bars of which the volume is read. */
export const tradedInput: InputKind<Traded> = {
  ...noOrder,
  copy({ volume }, index) {
    checkVolume(volume, index);
    return { volume: volume + 0 };
  },
  toNumbers: ({ volume }) => [volume],
  fromNumbers: ([volume]) => ({ volume: volume! }),
};

/** Bars of which everything is read, in the order of their time. */
export const fullInput: InputKind<IndicatorBar> = {
  copy({ startMs, high, low, close, volume }, index) {
    checkValue(startMs, index);
    checkRange(high, low, index);
    checkValue(close, index);
    checkVolume(volume, index);
    return { startMs: startMs + 0, high: high + 0, low: low + 0, close: close + 0, volume: volume + 0 };
  },
  checkNext(bar, last, index) {
    if (bar.startMs < last.startMs) refuseTime(bar.startMs, index);
  },
  checkSame(bar, last, index) {
    if (bar.startMs === last.startMs) return;
    throw new ScoringError(
      'bad-value',
      `startMs "${bar.startMs}" at index ${index} is not the "${last.startMs}" of the open bar. ` +
        'Push a bar that starts later instead of replacing one.',
      bar.startMs,
    );
  },
  toNumbers: ({ startMs, high, low, close, volume }) => [startMs, high, low, close, volume],
  fromNumbers: ([startMs, high, low, close, volume]) => ({
    startMs: startMs!,
    high: high!,
    low: low!,
    close: close!,
    volume: volume!,
  }),
};

function checkRange(high: number, low: number, index: number): void {
  checkValue(high, index);
  checkValue(low, index);
  if (high < low) refuseRange(high, low, index);
}

function checkVolume(volume: number, index: number): void {
  checkValue(volume, index);
  if (volume < 0) refuseVolume(volume, index);
}

function refuseRange(high: number, low: number, index: number): never {
  throw new ScoringError(
    'bad-value',
    `high "${high}" at index ${index} is below the low "${low}" of the same bar. ` +
      'Leave the bar out, or mend it where it comes from.',
    high,
  );
}

function refuseVolume(volume: number, index: number): never {
  throw new ScoringError(
    'bad-value',
    `volume "${volume}" at index ${index} is below 0. Leave the bar out, or mend it where it comes from.`,
    volume,
  );
}

function refuseTime(startMs: number, index: number): never {
  throw new ScoringError(
    'bad-value',
    `startMs "${startMs}" at index ${index} is before that of the bar before it. Pass the bars oldest first.`,
    startMs,
  );
}
