/**
 * Amihud's illiquidity, after Amihud 2002 (doi 10.1016/S1386-4181(01)00024-6): the mean of |return| ÷ traded value, how
 * far a unit of currency moves the price. Bars without volume have no ratio; they are left out and counted.
 */
import { rowCount } from './columns.ts';
import type { BarColumns, NumberColumn } from './columns.ts';
import { OrderflowError } from './errors.ts';
import type { DecimalInput } from './market.ts';
import { requireFinite, requireFlag } from './internal/shared/checks.ts';
import { parseDecimal } from './internal/numbers/decimal-literal.ts';
import { excerpt } from './internal/shared/excerpt.ts';
import { requireSameOptions } from './internal/shared/same-options.ts';
import { amount, countsOf, fields, orNull, where } from './internal/shared/shapes.ts';
import { restored, storedOptions } from './internal/shared/snapshot.ts';
import { createWindowMean, requireLength, windowMeanShape } from './internal/numbers/window-mean.ts';
import type { WindowLength, WindowMeanJson } from './internal/numbers/window-mean.ts';

export type { WindowLength, WindowMeanJson } from './internal/numbers/window-mean.ts';

/** Options of {@link createAmihud}. */
export interface AmihudOptions {
  /**
   * Number of bars with a ratio that the mean is over; `'all'` for all of them since the start.
   * @defaultValue 'all'
   */
  readonly window?: WindowLength;
  /**
   * How the return of a bar is taken from the close before: `simple` is `c ÷ c′ − 1`, `log` is `ln(c ÷ c′)`.
   * @defaultValue 'simple'
   */
  readonly returns?: 'simple' | 'log';
  /**
   * Gives the illiquidity × 10⁶, as is customary: the return that a million of currency makes.
   * @defaultValue false
   */
  readonly perMillion?: boolean;
}

/** What {@link createAmihud} uses where an option is left out. */
export const amihudDefaults: Required<AmihudOptions> = { window: 'all', returns: 'simple', perMillion: false };

/** The part of a bar that the illiquidity reads. */
export interface AmihudBar {
  readonly close: DecimalInput;
  /** Traded size, in the venue's unit. */
  readonly volume: DecimalInput;
  /** Traded value in the quote currency; left out, it is close × volume. */
  readonly quoteVolume?: DecimalInput;
}

/** What became of the bars. */
export interface AmihudCounts {
  /** Bars with a ratio, since the start. */
  readonly bars: number;
  /** Bars left out because nothing traded; the close of such a bar is the next one's close before. */
  readonly zeroVolumeBars: number;
  /** Bars with a close of 0 or below (the bar after such a one has no return), or a ratio beyond all doubles. */
  readonly unusableBars: number;
  /** Bars that were not known; the bar after one has no return. */
  readonly unknownBars: number;
}

/** A running illiquidity. Made by {@link createAmihud}. */
export interface Amihud {
  /**
   * Adds a bar, `undefined` for one that is not known, and gives the illiquidity with it; `undefined` before the first
   * ratio.
   * @throws {@link OrderflowError} `bad-bar` for a value that is no finite number or a negative volume; the state is as
   *   before.
   */
  push(bar: AmihudBar | undefined): number | undefined;
  /** Holds nothing back. */
  flush(): undefined;
  /** The illiquidity so far. */
  readonly value: number | undefined;
  readonly counts: AmihudCounts;
  /** The state as plain JSON: the ratios of the window, or their mean. */
  snapshot(): AmihudSnapshot;
}

/** The state of an {@link Amihud}. */
export interface AmihudSnapshot {
  readonly v: 1;
  readonly kind: 'amihud';
  readonly options: Required<AmihudOptions>;
  readonly close: number | null;
  readonly window: WindowMeanJson;
  readonly counts: AmihudCounts;
}

/**
 * The illiquidity of returns and the values that traded at them: the mean of `|r| ÷ value` over those with a value above
 * 0, and how many had none.
 *
 * @example
 * ```ts
 * amihud([0.01], [1_000_000]).illiquidity; // => 1e-8
 * amihud([0.01], [1_000_000], { perMillion: true }).illiquidity; // => 0.01
 * ```
 * @throws {@link OrderflowError} `bad-columns` when the two differ in length, `bad-value` for a value that is not finite
 *   or a negative quote volume.
 */
export function amihud(
  returns: ArrayLike<number>,
  quoteVolumes: ArrayLike<number>,
  options: Pick<AmihudOptions, 'perMillion'> = {},
): { readonly illiquidity: number | undefined; readonly bars: number; readonly zeroVolumeBars: number } {
  if (returns.length !== quoteVolumes.length) {
    throw new OrderflowError(
      'bad-columns',
      `returns has ${returns.length} values, quoteVolumes has ${quoteVolumes.length}. Pass one of each a bar.`,
    );
  }
  const mean = createWindowMean('all');
  let zeroVolumeBars = 0;
  for (let i = 0; i < returns.length; i += 1) {
    requireFinite('return', returns[i]!);
    requireFinite('quote volume', quoteVolumes[i]! < 0 ? NaN : quoteVolumes[i]!);
    if (quoteVolumes[i] === 0) zeroVolumeBars += 1;
    else {
      const ratio = scaled(Math.abs(returns[i]!) / quoteVolumes[i]!, options.perMillion);
      if (Number.isFinite(ratio)) mean.push(ratio);
    }
  }
  return { illiquidity: mean.mean(), bars: mean.n, zeroVolumeBars };
}

/**
 * A running illiquidity over bars, in 1 ÷ quote currency: the first bar only gives a close to start from. Memory is
 * bounded by `window`; `'all'` holds a mean.
 *
 * @example
 * ```ts
 * const illiquidity = createAmihud({ perMillion: true });
 * illiquidity.push({ close: '100', volume: '5000' }); // => undefined
 * illiquidity.push({ close: '101', volume: '8000', quoteVolume: '1000000' }); // => 0.01
 * ```
 * @throws {@link OrderflowError} `bad-option`.
 */
export function createAmihud(options: AmihudOptions = {}): Amihud {
  return startAmihud(amihudOptions(options), undefined);
}

const shape = fields({
  close: orNull(where(amount, (close: number) => close > 0)),
  window: windowMeanShape,
  counts: countsOf('bars', 'zeroVolumeBars', 'unusableBars', 'unknownBars'),
});

/**
 * The illiquidity that a snapshot was taken of; its options are in the snapshot, and those given must be the same.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or options.
 */
export function restoreAmihud(snapshot: AmihudSnapshot, options?: AmihudOptions): Amihud {
  return restored(snapshot, 'amihud', shape, () => {
    if (options) requireSameOptions('amihud', snapshot.options, amihudOptions(options));
    return startAmihud(storedOptions(amihudOptions, snapshot.options), snapshot);
  });
}

/**
 * {@link createAmihud} over columns: row by row what `push` gives, and what became of the bars. A `NaN` says that the
 * bar is not known. With a column `quoteVolume` it is the value traded, else close × volume.
 */
export function amihudOfColumns(
  bars: Pick<BarColumns, 'close' | 'volume'> & { readonly quoteVolume?: NumberColumn },
  options: AmihudOptions = {},
): { readonly values: (number | undefined)[]; readonly counts: AmihudCounts } {
  const { close, volume, quoteVolume } = bars;
  const rows = rowCount({ close, volume, ...(quoteVolume && { quoteVolume }) } as unknown as BarColumns);
  const reducer = createAmihud(options);
  const values = new Array<number | undefined>(rows);
  for (let i = 0; i < rows; i += 1) {
    const bar = { close: close[i]!, volume: volume[i]!, ...(quoteVolume ? { quoteVolume: quoteVolume[i]! } : {}) };
    values[i] = reducer.push(Object.values(bar).some(Number.isNaN) ? undefined : bar);
  }
  return { values, counts: reducer.counts };
}

function amihudOptions(options: AmihudOptions): Required<AmihudOptions> {
  const { window, returns, perMillion } = { ...amihudDefaults, ...options };
  requireFlag('perMillion', perMillion);
  requireLength('window', window);
  if (!['simple', 'log'].includes(returns)) {
    throw new OrderflowError(
      'bad-option',
      `returns ${excerpt(returns)} is not "simple" or "log". Leave it out for "simple".`,
      returns,
    );
  }
  return { window, returns, perMillion };
}

function startAmihud(options: Required<AmihudOptions>, from: AmihudSnapshot | undefined): Amihud {
  const window = createWindowMean(options.window, from?.window);
  let before = from?.close ?? undefined;
  const counts = { ...(from?.counts ?? { bars: 0, zeroVolumeBars: 0, unusableBars: 0, unknownBars: 0 }) };

  const take = (close: number, value: number): void => {
    if (!(close > 0)) {
      counts.unusableBars += 1;
      before = undefined;
      return;
    }
    const last = before;
    before = close;
    if (value === 0) counts.zeroVolumeBars += 1;
    else if (last !== undefined) {
      const move = options.returns === 'log' ? Math.log(close / last) : (close - last) / last;
      const ratio = scaled(Math.abs(move) / value, options.perMillion);
      if (!Number.isFinite(ratio) || value === Infinity) counts.unusableBars += 1;
      else {
        window.push(ratio);
        counts.bars += 1;
      }
    }
  };

  return {
    push(bar) {
      if (bar) {
        const close = numberOf('close', bar.close, -Infinity);
        const volume = numberOf('volume', bar.volume, 0);
        take(close, bar.quoteVolume === undefined ? close * volume : numberOf('quoteVolume', bar.quoteVolume, 0));
      } else {
        counts.unknownBars += 1;
        before = undefined;
      }
      return window.mean();
    },
    flush: () => undefined,
    get value() {
      return window.mean();
    },
    get counts() {
      return { ...counts };
    },
    snapshot: () => ({
      v: 1,
      kind: 'amihud',
      options: { ...options },
      close: before ?? null,
      window: window.toJson(),
      counts: { ...counts },
    }),
  };
}

function scaled(ratio: number, perMillion = false): number {
  return perMillion ? ratio * 1e6 : ratio;
}

function numberOf(field: string, value: DecimalInput, least: number): number {
  const parsed = typeof value === 'number' ? value : parseDecimal(value) ? Number(String(value)) : NaN;
  if (Number.isFinite(parsed) && parsed >= least) return parsed + 0;
  throw new OrderflowError(
    'bad-bar',
    `${field} ${excerpt(value)} of a bar is not a finite number${least === 0 ? ' from 0 on' : ''}. ` +
      `Push undefined for a bar that is not known.`,
    value,
  );
}
