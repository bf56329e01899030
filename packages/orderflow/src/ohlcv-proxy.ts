/**
 * Order-flow proxies from bars, for instruments without a tape or a book.
 *
 * A bar knows where it closed, not who crossed the spread. These numbers are guesses from shape and volume; keep their
 * label `quality: 'proxy'` with them. Bars without range (a stock locked at its limit price) look neutral however
 * one-sided the queue was.
 */
import { rowCount } from './columns.ts';
import type { BarColumns } from './columns.ts';
import { OrderflowError } from './errors.ts';
import { flowOf, inputsOf, ohlcvProxyOptions, startOhlcvProxy } from './internal/bars/running-proxy.ts';
import type {
  OhlcvProxy,
  OhlcvProxyOptions,
  OhlcvProxySnapshot,
  OrderflowProxyInputs,
} from './internal/bars/running-proxy.ts';
import { requireSameOptions } from './internal/shared/same-options.ts';
import { amount, countsOf, fields, finite, listOf } from './internal/shared/shapes.ts';
import { restored, storedOptions } from './internal/shared/snapshot.ts';

export { calculateOhlcImbalanceProxyExact, splitBarLots, splitBarVolume } from './internal/bars/bar-split.ts';
export type { BarLotsSplit, BarVolumeSplit } from './internal/bars/bar-split.ts';
export { calculateOhlcImbalanceProxy, calculateTrendNormalized } from './internal/bars/ohlc-imbalance.ts';
export { ohlcvProxyDefaults } from './internal/bars/running-proxy.ts';
export type {
  OhlcvProxy,
  OhlcvProxyBar,
  OhlcvProxyCounts,
  OhlcvProxyOptions,
  OhlcvProxySnapshot,
  OrderflowProxyInputs,
} from './internal/bars/running-proxy.ts';

/**
 * Stand-ins for OBI and OFI trend from the last bars, oldest first, with {@link calculateOhlcImbalanceProxy} m of each
 * bar weighted by its volume V:
 *
 * - `obi` = Σ V·m ÷ Σ V over the window, that is (buy − sell) ÷ (buy + sell) of the window's split volume;
 * - `ofiTrend` = {@link calculateTrendNormalized} of two values: that imbalance over the older half of the window and
 *   over the newer half (which has the middle bar). Above 0 the buying gains.
 *
 * Volumes that sum to less than 1e-200, or to more than a double holds, count as not known.
 *
 * @example
 * ```ts
 * orderflowInputsFromOhlcv([110, 110], [100, 100], [104, 106], [500, 500]);
 * // => { obi: 0, ofiTrend: 0.4, quality: 'proxy' }
 * ```
 * @throws {@link OrderflowError} `bad-bar` for a bar in the window as in {@link calculateOhlcImbalanceProxy};
 *   `bad-columns` when the arrays differ in length, `bad-option` when `window` is not a positive integer.
 */
export function orderflowInputsFromOhlcv(
  highs: ArrayLike<number>,
  lows: ArrayLike<number>,
  closes: ArrayLike<number>,
  volumes: ArrayLike<number>,
  options: OhlcvProxyOptions = {},
): OrderflowProxyInputs {
  const { window } = ohlcvProxyOptions(options);
  const { length } = closes;
  if (highs.length !== length || lows.length !== length || volumes.length !== length) {
    throw new OrderflowError(
      'bad-columns',
      `highs, lows, closes and volumes have ${highs.length}, ${lows.length}, ${length} and ${volumes.length} values. ` +
        `Pass one of each for every bar.`,
    );
  }
  const flow: number[] = [];
  const volume: number[] = [];
  for (let i = Math.max(0, length - window); i < length; i += 1) {
    flow.push(flowOf(highs[i]!, lows[i]!, closes[i]!, volumes[i]!));
    volume.push(volumes[i]!);
  }
  return inputsOf(flow, volume);
}

/**
 * {@link orderflowInputsFromOhlcv} bar by bar. Memory is bounded by `window`.
 *
 * @example
 * ```ts
 * const proxy = createOhlcvProxy();
 * proxy.push({ high: '110', low: '100', close: '104', volume: '500' }).ofiTrend; // => undefined
 * proxy.push({ high: '110', low: '100', close: '106', volume: '500' }); // => { obi: 0, ofiTrend: 0.4, quality: 'proxy' }
 * ```
 * @throws {@link OrderflowError} `bad-option` when `window` is not a positive integer.
 */
export function createOhlcvProxy(options: OhlcvProxyOptions = {}): OhlcvProxy {
  return startOhlcvProxy(ohlcvProxyOptions(options), undefined);
}

const shape = fields({
  flows: listOf(finite),
  volumes: listOf(amount),
  counts: countsOf('bars', 'zeroVolumeBars', 'unknownBars'),
});

/**
 * The proxy that a snapshot was taken of; its options are in the snapshot, and those given must be the same.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or options.
 */
export function restoreOhlcvProxy(snapshot: OhlcvProxySnapshot, options?: OhlcvProxyOptions): OhlcvProxy {
  return restored(snapshot, 'ohlcv-proxy', shape, () => {
    if (options) requireSameOptions('ohlcv-proxy', snapshot.options, ohlcvProxyOptions(options));
    return startOhlcvProxy(storedOptions(ohlcvProxyOptions, snapshot.options), snapshot);
  });
}

/**
 * {@link createOhlcvProxy} over columns: row by row what `push` gives. A `NaN` in one of the four columns says that the
 * bar is not known.
 * @throws {@link OrderflowError} as `push` does, and `bad-columns` when the columns differ in length.
 */
export function ohlcvProxyOfColumns(bars: BarColumns, options: OhlcvProxyOptions = {}): OrderflowProxyInputs[] {
  const rows = rowCount(bars);
  const { high, low, close, volume } = bars;
  const proxy = createOhlcvProxy(options);
  const values = new Array<OrderflowProxyInputs>(rows);
  for (let i = 0; i < rows; i += 1) {
    const bar = { high: high[i]!, low: low[i]!, close: close[i]!, volume: volume[i]! };
    values[i] = proxy.push(Object.values(bar).some(Number.isNaN) ? undefined : bar);
  }
  return values;
}
