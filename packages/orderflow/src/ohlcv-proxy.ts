/**
 * Order-flow proxies from bars, for instruments without a tape or a book.
 *
 * A bar knows where it closed, not who crossed the spread. These numbers are guesses from shape and volume; keep their
 * label `quality: 'proxy'` with them. Bars without range (a stock locked at its limit price) look neutral however
 * one-sided the queue was.
 */
import { OrderflowError } from './errors.ts';
import { divideExact } from './exact.ts';
import type { DecimalInput } from './market.ts';
import { formatScaled, parseDecimal } from './internal/decimal-literal.ts';
import { excerpt } from './internal/excerpt.ts';

/** Options of {@link orderflowInputsFromOhlcv}. */
export interface OhlcvProxyOptions {
  /**
   * Number of bars to look at, counted back from the last.
   * @defaultValue 60
   */
  readonly window?: number;
}

/** What {@link orderflowInputsFromOhlcv} uses where an option is left out. */
export const ohlcvProxyDefaults: Required<OhlcvProxyOptions> = { window: 60 };

/** Stand-ins for order book imbalance and the trend of order flow. */
export interface OrderflowProxyInputs {
  /** From −1 (all sold) to 1 (all bought); `undefined` when nothing traded in the window. */
  readonly obi: number | undefined;
  /** From −1 to 1; `undefined` with fewer than two bars, or when nothing traded in one half of the window. */
  readonly ofiTrend: number | undefined;
  /** Always `proxy`: not measured on a book or a tape. */
  readonly quality: 'proxy';
}

/** The volume of one bar, split by where it closed. `buy + sell` is the volume, to the last digit. */
export interface BarVolumeSplit {
  /** Decimal string. */
  readonly buy: string;
  /** Decimal string. */
  readonly sell: string;
  /** buy − sell, decimal string. */
  readonly delta: string;
}

/**
 * Where a bar closed in its range, as a stand-in for (buy − sell) ÷ (buy + sell): the money flow multiplier
 * `((C − L) − (H − C)) ÷ (H − L)`, from −1 (at the low) to 1 (at the high). 0 for a bar without range or volume.
 *
 * @example
 * ```ts
 * calculateOhlcImbalanceProxy(110, 100, 109, 1000); // => 0.8
 * calculateOhlcImbalanceProxy(110, 100, 101, 1000); // => -0.8
 * ```
 * @throws {@link OrderflowError} `bad-bar` when a value is not finite, the high is below the low, the close is outside
 *   of the range, or the volume is negative.
 */
export function calculateOhlcImbalanceProxy(high: number, low: number, close: number, volume: number): number {
  const range = high - low;
  if (!(Number.isFinite(range) && low <= close && close <= high && volume >= 0 && volume < Infinity)) {
    throw badBar(high, low, close, volume);
  }
  if (range === 0 || volume === 0) return 0;
  return clamp((close - low - (high - close)) / range);
}

/**
 * How far a series moved from its first to its last value, cut to −1…1; 0 for fewer than two values.
 *
 * @example
 * ```ts
 * calculateTrendNormalized([0.1, 0.9, 0.4]); // => 0.30000000000000004
 * calculateTrendNormalized([5]); // => 0
 * ```
 * @throws {@link OrderflowError} `bad-option` when the first or the last value is not finite.
 */
export function calculateTrendNormalized(series: ArrayLike<number>): number {
  if (series.length < 2) return 0;
  const first = series[0]!;
  const last = series[series.length - 1]!;
  if (!Number.isFinite(first) || !Number.isFinite(last)) {
    const bad = Number.isFinite(first) ? last : first;
    throw new OrderflowError(
      'bad-option',
      `series has the value ${excerpt(bad)} at its end, expected finite numbers. Leave unknown values out.`,
      bad,
    );
  }
  return clamp(last - first);
}

/**
 * Stand-ins for OBI and OFI trend from the last bars, oldest first, with {@link calculateOhlcImbalanceProxy} m of each
 * bar weighted by its volume V:
 *
 * - `obi` = Σ V·m ÷ Σ V over the window, that is (buy − sell) ÷ (buy + sell) of the window's split volume;
 * - `ofiTrend` = {@link calculateTrendNormalized} of two values: that imbalance over the older half of the window and
 *   over the newer half (which has the middle bar). Above 0 the buying gains.
 *
 * @throws {@link OrderflowError} `bad-bar` for a bar in the window as in {@link calculateOhlcImbalanceProxy};
 *   `bad-option` when the arrays differ in length or `window` is not a positive integer.
 */
export function orderflowInputsFromOhlcv(
  highs: ArrayLike<number>,
  lows: ArrayLike<number>,
  closes: ArrayLike<number>,
  volumes: ArrayLike<number>,
  options: OhlcvProxyOptions = {},
): OrderflowProxyInputs {
  const window = options.window ?? ohlcvProxyDefaults.window;
  if (!Number.isInteger(window) || window < 1) {
    throw new OrderflowError(
      'bad-option',
      `window ${excerpt(window)} is not a positive whole number of bars. Leave it out for ${ohlcvProxyDefaults.window}.`,
      window,
    );
  }
  const { length } = closes;
  if (highs.length !== length || lows.length !== length || volumes.length !== length) {
    throw new OrderflowError(
      'bad-option',
      `highs, lows, closes and volumes have ${highs.length}, ${lows.length}, ${length} and ${volumes.length} values. ` +
        `Pass one of each for every bar.`,
    );
  }
  const imbalance = (from: number, to: number): number | undefined => {
    let flow = 0;
    let traded = 0;
    for (let i = from; i < to; i += 1) {
      const volume = volumes[i]!;
      flow += volume * calculateOhlcImbalanceProxy(highs[i]!, lows[i]!, closes[i]!, volume);
      traded += volume;
    }
    return traded > 0 && traded < Infinity ? clamp(flow / traded) : undefined;
  };
  const start = Math.max(0, length - window);
  const middle = start + Math.floor((length - start) / 2);
  const older = imbalance(start, middle);
  const newer = imbalance(middle, length);
  return {
    obi: imbalance(start, length),
    ofiTrend: older === undefined || newer === undefined ? undefined : calculateTrendNormalized([older, newer]),
    quality: 'proxy',
  };
}

/**
 * The volume of a bar split by where it closed: `buy = V·(C − L) ÷ (H − L)`, half of it without range. Where that ratio
 * does not end, buy is rounded half to even to 16 significant digits, or to as many
 * as the volume has, and sell takes the rest, so nothing is lost.
 *
 * @example
 * ```ts
 * splitBarVolume(110, 100, 109, 1001); // => { buy: '900.9', sell: '100.1', delta: '800.8' }
 * ```
 * @throws {@link OrderflowError} `bad-bar` as in {@link calculateOhlcImbalanceProxy}.
 */
export function splitBarVolume(
  high: DecimalInput,
  low: DecimalInput,
  close: DecimalInput,
  volume: DecimalInput,
): BarVolumeSplit {
  const bar = [high, low, close, volume].map(parseDecimal);
  const scale = Math.max(...bar.map((value) => value?.scale ?? 0));
  const [h, l, c, v] = bar.map((value) => value && value.mantissa * 10n ** BigInt(scale - value.scale));
  if (h === undefined || l === undefined || c === undefined || v === undefined || l > c || c > h || v < 0n) {
    throw badBar(high, low, close, volume);
  }
  const [part, whole] = h === l ? [1n, 2n] : [c - l, h - l];
  // As many digits as the volume has, so that rounding cannot lift buy above it.
  const digits = Math.min(1000, Math.max(16, v.toString().length));
  const bought = parseDecimal(divideExact(v * part, whole * 10n ** BigInt(scale), digits))!;
  const common = Math.max(scale, bought.scale);
  const buy = bought.mantissa * 10n ** BigInt(common - bought.scale);
  const sell = v * 10n ** BigInt(common - scale) - buy;
  const text = (value: bigint): string => formatScaled(value, common);
  return { buy: text(buy), sell: text(sell), delta: text(buy - sell) };
}

function badBar(high: unknown, low: unknown, close: unknown, volume: unknown): OrderflowError {
  return new OrderflowError(
    'bad-bar',
    `bar with high ${excerpt(high)}, low ${excerpt(low)}, close ${excerpt(close)} and volume ${excerpt(volume)} is ` +
      `impossible: expected finite numbers with low ≤ close ≤ high and volume ≥ 0. Drop the bar or repair its source.`,
    [high, low, close, volume],
  );
}

function clamp(value: number): number {
  return Math.min(1, Math.max(-1, value));
}
