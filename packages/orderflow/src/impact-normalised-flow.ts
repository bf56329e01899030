/**
 * Impact-normalised flow: what flow did to the price, against what flow of that size did before. The yardstick is
 * Kyle's λ (1985, doi 10.2307/1913210) over the intervals *before* the one that is judged, so no interval judges itself.
 * The ratios are this library's own definition; no public standard exists.
 *
 * For an interval with signed volume x (lots), price change y (ticks) and λ of the intervals before it:
 *
 * - expected impact `λ·x`;
 * - `impactRatio = y ÷ (λ·x)`: 1 as expected, above 1 thin, between 0 and 1 absorbed, below 0 the price went against the flow;
 * - `normalisedFlow = λ·x ÷ max(|y|, minMoveTicks)`: the flow in units of the move that it met; +3 is buying that used
 *   to move the price three times as far as it moved now;
 * - `absorbedLots = x − y ÷ λ`: the part of the flow that the price does not show.
 */
import { rowCount } from './columns.ts';
import type { TradeColumns } from './columns.ts';
import type { ExactInt } from './exact.ts';
import type { TickTrade } from './market.ts';
import { requireBetween, requireWhole } from './internal/shared/checks.ts';
import { tradeAt } from './internal/shared/column-rows.ts';
import { createFlowIntervals, flowIntervalsShape } from './internal/costs/flow-intervals.ts';
import type { FlowInterval, FlowIntervalsJson } from './internal/costs/flow-intervals.ts';
import { createKyleWindow, requireKyleLength, kyleWindowShape } from './internal/costs/kyle-window.ts';
import type { KyleFit, KyleLength, KyleWindowJson } from './internal/costs/kyle-window.ts';
import { requireSameOptions } from './internal/shared/same-options.ts';
import { fields } from './internal/shared/shapes.ts';
import { restored, storedOptions } from './internal/shared/snapshot.ts';

export type { FlowInterval, FlowIntervalsJson } from './internal/costs/flow-intervals.ts';
export type { KyleFit, KyleLength, KyleWindowJson } from './internal/costs/kyle-window.ts';
export type { LineSumsJson } from './internal/numbers/line-sums.ts';

/** Options of {@link createImpactNormalisedFlow}. */
export interface ImpactNormalisedFlowOptions {
  /**
   * Length of an interval in milliseconds; intervals are aligned to the epoch.
   * @defaultValue 1000
   */
  readonly everyMs?: number;
  /**
   * Number of past intervals that λ is taken over, from 3 on; `'all'` for all of them since the start.
   * @defaultValue 60
   */
  readonly window?: KyleLength;
  /**
   * Fewest past intervals that a λ is believed from.
   * @defaultValue 20
   */
  readonly warmUp?: number;
  /**
   * Least t-statistic of a λ that is used: below it flow does not explain the price, and there is nothing to expect.
   * @defaultValue 2
   */
  readonly minT?: number;
  /**
   * Smallest move that flow is divided by, in ticks. A price moves by whole ticks, so less than one cannot be seen.
   * @defaultValue 1
   */
  readonly minMoveTicks?: number;
}

/** What {@link createImpactNormalisedFlow} uses where an option is left out. */
export const impactNormalisedFlowDefaults: Required<ImpactNormalisedFlowOptions> = {
  everyMs: 1000,
  window: 60,
  warmUp: 20,
  minT: 2,
  minMoveTicks: 1,
};

/** An interval that ended, judged by the λ of those before. */
export interface ImpactNormalisedInterval extends FlowInterval {
  /** Lots per tick, `x ÷ y`; `undefined` when the price did not move. Needs no λ. */
  readonly lotsPerTick: number | undefined;
  /** λ over the intervals before this one; `undefined` in the warm-up, when it is not above 0, or below `minT`. */
  readonly fit: KyleFit | undefined;
  /** `λ·x` in ticks; `undefined` without a λ. */
  readonly expectedTicks: number | undefined;
  /** `y ÷ (λ·x)`; `undefined` without a λ, a change or flow. */
  readonly impactRatio: number | undefined;
  /** `λ·x ÷ max(|y|, minMoveTicks)`, signed like the flow; `undefined` without a λ or a change. */
  readonly normalisedFlow: number | undefined;
  /** `x − y ÷ λ` in lots; `undefined` without a λ or a change. */
  readonly absorbedLots: number | undefined;
}

/** A running measure. Made by {@link createImpactNormalisedFlow}. */
export interface ImpactNormalisedFlow {
  /**
   * Adds a print; gives the interval that it ends, `undefined` while the interval goes on. A print of an earlier
   * interval is late: counted and left out.
   * @throws {@link OrderflowError} `bad-trade` for what is no print on a grid; the state is as before.
   */
  push(trade: TickTrade): ImpactNormalisedInterval | undefined;
  /** Ends the open interval, which counts like any other; `undefined` when it has no print. */
  flush(): ImpactNormalisedInterval | undefined;
  /** Number of late prints. */
  readonly lateTrades: number;
  /** Volume of the late prints, in lots. */
  readonly lateLots: ExactInt;
  /** The state as plain JSON: one point an interval of the window. */
  snapshot(): ImpactNormalisedFlowSnapshot;
}

/** The state of an {@link ImpactNormalisedFlow}. */
export interface ImpactNormalisedFlowSnapshot {
  readonly v: 1;
  readonly kind: 'impact-normalised-flow';
  readonly options: Required<ImpactNormalisedFlowOptions>;
  readonly open: FlowIntervalsJson;
  readonly window: KyleWindowJson;
}

/** What the columns give: in `values` row by row what `push` gives, in `last` what `flush` gives. */
export interface ImpactNormalisedBatch {
  readonly values: (ImpactNormalisedInterval | undefined)[];
  readonly last: ImpactNormalisedInterval | undefined;
}

/**
 * A running impact-normalised flow. Memory is bounded by `window`.
 *
 * @example
 * ```ts
 * const flow = createImpactNormalisedFlow({ everyMs: 1000, warmUp: 3, minT: 0 });
 * const tape = [[100, 1, 'buy'], [102, 1, 'buy'], [106, 2, 'buy'], [104, 1, 'sell'], [105, 3, 'buy']] as const;
 * tape.forEach(([priceTicks, sizeLots, side], i) => flow.push({ timeMs: i * 1000, priceTicks, sizeLots, side }));
 * // λ was 2 ticks a lot: 3 lots should have moved the price by 6 ticks, they moved it by 1.
 * const { normalisedFlow, absorbedLots } = flow.flush()!;
 * normalisedFlow; // => 6
 * absorbedLots; // => 2.5
 * ```
 * @throws {@link OrderflowError} `bad-option`.
 */
export function createImpactNormalisedFlow(options: ImpactNormalisedFlowOptions = {}): ImpactNormalisedFlow {
  return startFlow(flowOptions(options), undefined);
}

const shape = fields({ open: flowIntervalsShape, window: kyleWindowShape });

/**
 * The measure that a snapshot was taken of; its options are in the snapshot, and those given must be the same.
 * @throws {@link OrderflowError} `bad-snapshot` for the snapshot of another module, version or options.
 */
export function restoreImpactNormalisedFlow(
  snapshot: ImpactNormalisedFlowSnapshot,
  options?: ImpactNormalisedFlowOptions,
): ImpactNormalisedFlow {
  return restored(snapshot, 'impact-normalised-flow', shape, () => {
    if (options) requireSameOptions('impact-normalised-flow', snapshot.options, flowOptions(options));
    return startFlow(storedOptions(flowOptions, snapshot.options), snapshot);
  });
}

/** {@link createImpactNormalisedFlow} over columns. */
export function impactNormalisedFlowOfColumns(
  trades: TradeColumns,
  options: ImpactNormalisedFlowOptions = {},
): ImpactNormalisedBatch {
  const rows = rowCount(trades);
  const flow = createImpactNormalisedFlow(options);
  const values = new Array<ImpactNormalisedInterval | undefined>(rows);
  for (let i = 0; i < rows; i += 1) values[i] = flow.push(tradeAt(trades, i));
  return { values, last: flow.flush() };
}

function flowOptions(options: ImpactNormalisedFlowOptions): Required<ImpactNormalisedFlowOptions> {
  const { everyMs, window, warmUp, minT, minMoveTicks } = { ...impactNormalisedFlowDefaults, ...options };
  requireWhole('everyMs', everyMs);
  requireKyleLength('window', window);
  requireWhole('warmUp', warmUp, 3);
  requireBetween('minT', minT, 0);
  requireBetween('minMoveTicks', minMoveTicks, Number.EPSILON);
  return { everyMs, window, warmUp, minT: minT + 0, minMoveTicks };
}

function startFlow(
  options: Required<ImpactNormalisedFlowOptions>,
  from: ImpactNormalisedFlowSnapshot | undefined,
): ImpactNormalisedFlow {
  const { everyMs, window: length, warmUp, minT, minMoveTicks } = options;
  const intervals = createFlowIntervals(everyMs, from?.open);
  const window = createKyleWindow(length, from?.window);

  const judge = (ended: FlowInterval | undefined): ImpactNormalisedInterval | undefined => {
    if (!ended) return undefined;
    const past = window.fit();
    // A perfect fit has no t: nothing could be surer.
    const fit = past && past.n >= warmUp && past.lambda > 0 && (past.t ?? Infinity) >= minT ? past : undefined;
    const x = Number(ended.signedLots);
    const y = ended.priceChangeTicks === undefined ? undefined : Number(ended.priceChangeTicks);
    const expected = fit && finite(fit.lambda * x);
    if (ended.priceChangeTicks !== undefined) window.push(ended.signedLots, ended.priceChangeTicks);
    const known = fit && expected !== undefined && y !== undefined;
    return {
      ...ended,
      lotsPerTick: y === undefined ? undefined : finite(x / y),
      fit,
      expectedTicks: expected,
      impactRatio: known ? finite(y / expected) : undefined,
      normalisedFlow: known ? finite(expected / Math.max(Math.abs(y), minMoveTicks)) : undefined,
      absorbedLots: known ? finite(x - y / fit.lambda) : undefined,
    };
  };

  return {
    push: (trade) => judge(intervals.push(trade)),
    flush: () => judge(intervals.flush()),
    get lateTrades() {
      return intervals.lateTrades;
    },
    get lateLots() {
      return intervals.lateLots;
    },
    snapshot: () => ({
      v: 1,
      kind: 'impact-normalised-flow',
      options: { ...options },
      open: intervals.toJson(),
      window: window.toJson(),
    }),
  };
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value + 0 : undefined;
}
