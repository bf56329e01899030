/**
 * Kyle's λ, how far the price moves per unit of signed volume, after Kyle 1985 (doi 10.2307/1913210): the slope of the
 * line `Δp = a + λ·x` by ordinary least squares, x being bought minus sold volume. High values say: illiquid.
 */
import { rowCount } from './columns.ts';
import type { TradeColumns } from './columns.ts';
import { OrderflowError } from './errors.ts';
import type { ExactInt } from './exact.ts';
import type { Grid } from './grid.ts';
import type { TickTrade } from './market.ts';
import { requireFinite, requireWhole } from './internal/shared/checks.ts';
import { tradeAt } from './internal/shared/column-rows.ts';
import { createFlowIntervals, flowIntervalsShape } from './internal/costs/flow-intervals.ts';
import type { FlowInterval, FlowIntervalsJson } from './internal/costs/flow-intervals.ts';
import { createKyleWindow, kyleFitOf, requireKyleLength, kyleWindowShape } from './internal/costs/kyle-window.ts';
import type { KyleFit, KyleLength, KyleWindowJson } from './internal/costs/kyle-window.ts';
import { fitLine } from './internal/numbers/least-squares.ts';
import { requireSameOptions } from './internal/shared/same-options.ts';
import { fields } from './internal/shared/shapes.ts';
import { restored, storedOptions } from './internal/shared/snapshot.ts';

export type { FlowInterval, FlowIntervalsJson } from './internal/costs/flow-intervals.ts';
export type { KyleFit, KyleLength, KyleWindowJson } from './internal/costs/kyle-window.ts';
export type { LineSumsJson } from './internal/numbers/line-sums.ts';

/** Options of {@link createKyle}. */
export interface KyleOptions {
  /**
   * Length of an interval in milliseconds; intervals are aligned to the epoch.
   * @defaultValue 1000
   */
  readonly everyMs?: number;
  /**
   * Number of intervals that λ is taken over, from 3 on; `'all'` for all of them since the start.
   * @defaultValue 60
   */
  readonly window?: KyleLength;
}

/** What {@link createKyle} uses where an option is left out. */
export const kyleDefaults: Required<KyleOptions> = { everyMs: 1000, window: 60 };

/** An interval that ended, with λ at its end. */
export interface KyleInterval extends FlowInterval {
  /** λ in ticks per lot over the window that ends with this interval; `undefined` before the flow has varied. */
  readonly fit: KyleFit | undefined;
}

/** A running λ. Made by {@link createKyle}. */
export interface Kyle {
  /**
   * Adds a print; gives the interval that it ends, `undefined` while the interval goes on. A print of an earlier
   * interval is late: counted and left out. Inside an interval prints count in order of arrival.
   * @throws {@link OrderflowError} `bad-trade` for what is no print on a grid; the state is as before.
   */
  push(trade: TickTrade): KyleInterval | undefined;
  /** Ends the open interval, which counts like any other; `undefined` when it has no print. */
  flush(): KyleInterval | undefined;
  /** λ over the intervals that have ended. */
  fit(): KyleFit | undefined;
  /** Number of late prints. */
  readonly lateTrades: number;
  /** Volume of the late prints, in lots. */
  readonly lateLots: ExactInt;
  /** The state as plain JSON: one point an interval of the window. */
  snapshot(): KyleSnapshot;
}

/** The state of a {@link Kyle}. */
export interface KyleSnapshot {
  readonly v: 1;
  readonly kind: 'kyle';
  readonly options: Required<KyleOptions>;
  readonly open: FlowIntervalsJson;
  readonly window: KyleWindowJson;
}

/**
 * Kyle's λ over pairs of signed volume and price change; its unit is that of the price changes per that of the volume.
 * `undefined` with fewer than two pairs, a volume that never varies, or numbers beyond what a double can square.
 *
 * @example
 * ```ts
 * kyleLambda([1, 2, -1, 0], [0.5, 1, -0.5, 0])?.lambda; // => 0.5
 * ```
 * @throws {@link OrderflowError} `bad-columns` when the two differ in length, `bad-value` for a value that is not finite.
 */
export function kyleLambda(signedLots: ArrayLike<number>, priceChanges: ArrayLike<number>): KyleFit | undefined {
  if (signedLots.length !== priceChanges.length) {
    throw new OrderflowError(
      'bad-columns',
      `signedLots has ${signedLots.length} values, priceChanges has ${priceChanges.length}. Pass one of each a pair.`,
    );
  }
  for (let i = 0; i < signedLots.length; i += 1) {
    requireFinite('signed volume', signedLots[i]!);
    requireFinite('price change', priceChanges[i]!);
  }
  return kyleFitOf(fitLine(signedLots, priceChanges));
}

/**
 * A λ in ticks per lot as quote currency per unit of size.
 *
 * @example
 * ```ts
 * kyleLambdaInPrice(createGrid({ tickSize: '0.5', lotSize: '0.1' }), 2); // => 10
 * ```
 */
export function kyleLambdaInPrice({ tickSize, lotSize }: Pick<Grid, 'tickSize' | 'lotSize'>, lambda: number): number {
  return (lambda * Number(tickSize)) / Number(lotSize);
}

/**
 * A running λ over the prints of a tape: signed volume of each interval against the change of the last price since the
 * interval before. Intervals without a print are no observations; the first one has no change. Volume whose aggressor
 * is unknown is told apart and is no part of x, which biases λ where there is much of it.
 *
 * The sums are integers, so that a window never drifts. Memory is bounded by `window`; `'all'` holds sums alone.
 *
 * @example
 * ```ts
 * const kyle = createKyle({ everyMs: 1000 });
 * const prints = [[0, 100, 1, 'buy'], [1000, 102, 1, 'buy'], [2000, 106, 2, 'buy'], [3000, 104, 1, 'sell']] as const;
 * for (const [timeMs, priceTicks, sizeLots, side] of prints) kyle.push({ timeMs, priceTicks, sizeLots, side });
 * kyle.flush()?.fit?.lambda; // => 2
 * ```
 * @throws {@link OrderflowError} `bad-option`.
 */
export function createKyle(options: KyleOptions = {}): Kyle {
  return startKyle(kyleOptions(options), undefined);
}

const shape = fields({ open: flowIntervalsShape, window: kyleWindowShape });

/**
 * The λ that a snapshot was taken of; its options are in the snapshot, and those given must be the same.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or options.
 */
export function restoreKyle(snapshot: KyleSnapshot, options?: KyleOptions): Kyle {
  return restored(snapshot, 'kyle', shape, () => {
    if (options) requireSameOptions('kyle', snapshot.options, kyleOptions(options));
    return startKyle(storedOptions(kyleOptions, snapshot.options), snapshot);
  });
}

/** {@link createKyle} over columns: in `values` row by row what `push` gives, in `last` what `flush` gives. */
export function kyleOfColumns(
  trades: TradeColumns,
  options: KyleOptions = {},
): { readonly values: (KyleInterval | undefined)[]; readonly last: KyleInterval | undefined } {
  const rows = rowCount(trades);
  const kyle = createKyle(options);
  const values = new Array<KyleInterval | undefined>(rows);
  for (let i = 0; i < rows; i += 1) values[i] = kyle.push(tradeAt(trades, i));
  return { values, last: kyle.flush() };
}

function kyleOptions(options: KyleOptions): Required<KyleOptions> {
  const { everyMs, window } = { ...kyleDefaults, ...options };
  requireWhole('everyMs', everyMs);
  requireKyleLength('window', window);
  return { everyMs, window };
}

function startKyle(options: Required<KyleOptions>, from: KyleSnapshot | undefined): Kyle {
  const intervals = createFlowIntervals(options.everyMs, from?.open);
  const window = createKyleWindow(options.window, from?.window);
  const take = (ended: FlowInterval | undefined): KyleInterval | undefined => {
    if (!ended) return undefined;
    if (ended.priceChangeTicks !== undefined) window.push(ended.signedLots, ended.priceChangeTicks);
    return { ...ended, fit: window.fit() };
  };
  return {
    push: (trade) => take(intervals.push(trade)),
    flush: () => take(intervals.flush()),
    fit: () => window.fit(),
    get lateTrades() {
      return intervals.lateTrades;
    },
    get lateLots() {
      return intervals.lateLots;
    },
    snapshot: () => ({
      v: 1,
      kind: 'kyle',
      options: { ...options },
      open: intervals.toJson(),
      window: window.toJson(),
    }),
  };
}
