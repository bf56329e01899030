/** Imbalance and runs bars whose threshold follows what earlier bars let expect (López de Prado 2018, chapter 2). */
import { addExact, exactFromJson, exactToJson, subtractExact, type ExactIntJson } from '@tapekit/orderflow/exact';
import { FootprintError } from '../../errors.ts';
import { checkWhole } from '../option-checks.ts';
import type { BarClock } from './clock.ts';
import { checkMeasure, signOf, weightOf, type FlowMeasure } from './flow-clocks.ts';

/** What {@link imbalanceClock} and {@link runsClock} start from and learn by. */
export interface ExpectedFlowOptions {
  /** What a print weighs: 1, its lots, or |price| × size. */
  readonly of: FlowMeasure;
  /** Prints that the first bar is expected to have, a whole number. */
  readonly expectedTrades: number;
  /**
   * Share of one side that the first bar is expected to show, from 0 to 1: of the imbalance, how far one side is ahead of
   * the other; of runs, how much of all is the larger side. The other bars' is learnt.
   * @defaultValue 0 for imbalance, 0.5 for runs
   */
  readonly expectedShare?: number;
  /**
   * Mean weight of a print that the first bar is expected to have: lots, or ticks × lots. Not used with `of: 'trades'`.
   * @defaultValue the weight of the first print
   */
  readonly expectedSize?: number;
  /**
   * Span of the moving average over the lengths of bars: the newest bar has the weight 2 ÷ (span + 1).
   * @defaultValue 20
   */
  readonly spanBars?: number;
  /**
   * Span of the moving averages over prints.
   * @defaultValue `spanBars` × `expectedTrades`
   */
  readonly spanTrades?: number;
  /**
   * No bar ends with fewer prints, and the expected length is never below. Without it, a market whose sides come in runs
   * makes ever shorter bars: each short bar lets the next threshold fall.
   * @defaultValue a tenth of `expectedTrades`, at least 1
   */
  readonly minTrades?: number;
  /**
   * A bar ends with this print at the latest.
   * @defaultValue ten times `expectedTrades`
   */
  readonly maxTrades?: number;
}

/** The defaults of {@link ExpectedFlowOptions} that are numbers of their own. */
export const expectedFlowDefaults = { spanBars: 20 } as const satisfies Partial<ExpectedFlowOptions>;

/** What an expecting clock remembers. */
export interface ExpectedFlowState {
  /** Weight of the bar's buys and sells, and its prints. */
  readonly buy: ExactIntJson;
  readonly sell: ExactIntJson;
  readonly trades: number;
  /** Where the bar ends; null before the first print of all. */
  readonly threshold: number | null;
  /** Moving average of the bars' lengths. */
  readonly expectedTrades: number;
  /** Moving averages per print that begin at 0: of the weight, of the buys' and of the sells'. */
  readonly means: readonly [all: number, buy: number, sell: number];
  /** What the averages still owe to their beginning: a mean divided by 1 − this is unbiased. */
  readonly debt: number;
}

/**
 * Imbalance bars: a bar ends when |Σ b·w| ≥ E[T] × |E[b·w]|, with b = +1 for a buy and −1 for a sell (the aggressor of the
 * tape, not the tick rule; unknown counts 0), w the weight of a print, T the prints of a bar. E[T] is the exponential
 * moving average over the bars before, E[b·w] that over their prints; the threshold is fixed while a bar lasts. Prints stay
 * whole. Averages are floating point, sums are exact.
 *
 * The threshold cannot die: it is never below √E[T] × E[w], the imbalance that a fair coin reaches in E[T] prints, and E[T]
 * and a bar are never below `minTrades`. It cannot explode: a bar ends at `maxTrades` prints, so E[T] is never above.
 * @throws FootprintError `bad-option`.
 */
export function imbalanceClock(options: ExpectedFlowOptions): BarClock<ExpectedFlowState> {
  return expectingClock(
    'imbalance',
    options,
    0,
    (buy, sell) => Math.abs(Number(subtractExact(buy, sell))),
    (buy, sell) => Math.abs(buy - sell),
  );
}

/**
 * Runs bars: a bar ends when max(Σ buys, Σ sells) ≥ E[T] × max(E[buys], E[sells]), weights as in {@link imbalanceClock}, E
 * per print. A run is what one side did in the bar, whether the other came between or not. Bounded as
 * {@link imbalanceClock}: the threshold is never below √E[T] × E[w].
 * @throws FootprintError `bad-option`.
 */
export function runsClock(options: ExpectedFlowOptions): BarClock<ExpectedFlowState> {
  return expectingClock(
    'runs',
    options,
    0.5,
    (buy, sell) => Number(buy > sell ? buy : sell),
    (buy, sell) => Math.max(buy, sell),
  );
}

function expectingClock(
  kind: string,
  options: ExpectedFlowOptions,
  defaultShare: number,
  reached: (buy: number | bigint, sell: number | bigint) => number,
  expected: (buy: number, sell: number) => number,
): BarClock<ExpectedFlowState> {
  const { of, expectedTrades, expectedShare, expectedSize, spanBars, spanTrades, minTrades, maxTrades } = checked(
    options,
    defaultShare,
  );
  const [perBar, perTrade] = [2 / (spanBars + 1), 2 / (spanTrades + 1)];
  const thresholdOf = (length: number, size: number, ahead: number): number =>
    Math.max(length * ahead, Math.sqrt(length) * size);

  return {
    kind,
    options: {
      ...{ of, expectedTrades, expectedShare, spanBars, spanTrades, minTrades, maxTrades },
      ...(expectedSize === undefined ? {} : { expectedSize }),
    },
    start: { buy: 0, sell: 0, trades: 0, threshold: null, expectedTrades, means: [0, 0, 0], debt: 1 },
    isState,
    step(state, print, { open }) {
      const weight = weightOf(print, of);
      const size = Number(weight);
      const sign = signOf(print.side);
      // A flush ends the bar and is no bar to learn from.
      const held = open === undefined ? { buy: 0, sell: 0, trades: 0 } : state;
      const buy = sign > 0 ? addExact(exactFromJson(held.buy), weight) : exactFromJson(held.buy);
      const sell = sign < 0 ? addExact(exactFromJson(held.sell), weight) : exactFromJson(held.sell);
      const trades = held.trades + 1;
      const keep = 1 - perTrade;
      const means = [
        keep * state.means[0] + perTrade * size,
        keep * state.means[1] + (sign > 0 ? perTrade * size : 0),
        keep * state.means[2] + (sign < 0 ? perTrade * size : 0),
      ] as const;
      const debt = keep * state.debt;
      const first = of === 'trades' ? 1 : (expectedSize ?? size);
      const threshold = state.threshold ?? thresholdOf(expectedTrades, first, expectedShare * first);

      const done = reached(buy, sell);
      if ((done > 0 && done >= threshold && trades >= minTrades) || trades >= maxTrades) {
        const average = (1 - perBar) * state.expectedTrades + perBar * trades;
        const length = Math.min(Math.max(average, minTrades), maxTrades);
        const [all, buys, sells] = means.map((mean) => mean / (1 - debt)) as [number, number, number];
        const next = thresholdOf(length, all, expected(buys, sells));
        return {
          state: { buy: 0, sell: 0, trades: 0, threshold: next, expectedTrades: length, means, debt },
          plan: 'close',
        };
      }
      return {
        state: {
          buy: exactToJson(buy),
          sell: exactToJson(sell),
          trades,
          threshold,
          expectedTrades: state.expectedTrades,
          means,
          debt,
        },
        plan: 'keep',
      };
    },
  };
}

/** What the clock can have come to; sums that are none throw. */
function isState(stored: unknown): boolean {
  const { buy, sell, trades, threshold, expectedTrades, means, debt } = stored as ExpectedFlowState;
  const isAmount = (value: unknown): boolean => typeof value === 'number' && value >= 0 && value < Infinity;
  return (
    exactFromJson(buy) >= 0 &&
    exactFromJson(sell) >= 0 &&
    Number.isSafeInteger(trades) &&
    trades >= 0 &&
    (threshold === null || isAmount(threshold)) &&
    isAmount(expectedTrades) &&
    (means as readonly unknown[]).length === 3 &&
    means.every(isAmount) &&
    isAmount(debt) &&
    debt <= 1
  );
}

type Checked = Required<Omit<ExpectedFlowOptions, 'expectedSize'>> & Pick<ExpectedFlowOptions, 'expectedSize'>;

function checked(options: ExpectedFlowOptions, defaultShare: number): Checked {
  const { expectedTrades, spanBars } = { ...expectedFlowDefaults, ...options };
  checkMeasure(options.of);
  checkWhole('expectedTrades', expectedTrades);
  const all = {
    expectedShare: defaultShare,
    spanTrades: spanBars * expectedTrades,
    minTrades: Math.ceil(expectedTrades / 10),
    maxTrades: 10 * expectedTrades,
    ...options,
    spanBars,
  };
  checkWhole('spanBars', spanBars);
  checkWhole('spanTrades', all.spanTrades);
  checkWhole('minTrades', all.minTrades);
  checkWhole('maxTrades', all.maxTrades, all.minTrades);
  if (!(all.expectedShare >= 0 && all.expectedShare <= 1)) {
    const message = `expectedShare "${all.expectedShare}" is not a number from 0 to 1.`;
    throw new FootprintError('bad-option', message, all.expectedShare);
  }
  const { expectedSize } = all;
  if (expectedSize !== undefined && !(expectedSize > 0 && expectedSize < Infinity)) {
    const message = `expectedSize "${expectedSize}" is not a number above 0. Leave it out to take the first print's.`;
    throw new FootprintError('bad-option', message, expectedSize);
  }
  return all;
}
