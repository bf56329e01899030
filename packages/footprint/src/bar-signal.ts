/**
 * One number for a bar, and where it comes from: stacked imbalances, divergence and delta, as parts that add up to it.
 *
 * The defaults are those of the system that this replaces. Its minima (6 against 3, 100) are in contracts: set them from
 * your grid where a lot is not a contract.
 */
import { compareExact, multiplyExact, type ExactInt } from '@tapekit/orderflow/exact';
import type { Side } from '@tapekit/orderflow/market';
import { FootprintError } from './errors.ts';
import type { FootprintBar } from './footprint-bar.ts';
import { imbalancePresets, imbalances, stackedImbalances } from './imbalances.ts';
import type { ImbalanceRow, ImbalanceRule, ImbalanceZone } from './imbalances.ts';
import { breakouts, type DivergenceBar, type DivergenceEvent } from './internal/divergence-rule.ts';
import { checkWhole, exactRatio, type Ratio } from './internal/option-checks.ts';

/** What {@link barSignal} counts with. */
export interface BarSignalOptions {
  /**
   * What an imbalance is.
   * @defaultValue imbalancePresets.reference
   */
  readonly imbalance?: ImbalanceRule;
  /**
   * Height of a row in ticks.
   * @defaultValue 1
   */
  readonly rowTicks?: number;
  /**
   * Least number of rows of a stack.
   * @defaultValue 3
   */
  readonly minStackRows?: number;
  /**
   * Bars before this one whose high or low it must exceed for a divergence.
   * @defaultValue 3
   */
  readonly lookbackBars?: number;
  /**
   * Least volume of a bar for a delta signal, in lots.
   * @defaultValue 100
   */
  readonly minVolumeLots?: number;
  /**
   * Least |delta| ÷ volume for a delta signal, 0 to 1, at most 6 decimals. Unknown volume is volume.
   * @defaultValue 0.25
   */
  readonly minDeltaShare?: number | string;
  /**
   * Least |close − open| against the delta for the label `ABS`, in ticks, at least 1.
   * @defaultValue 1
   */
  readonly minBodyTicks?: number;
  /** Points of a stack. @defaultValue 2 */
  readonly stackPoints?: number;
  /** Points of a divergence. @defaultValue 2 */
  readonly divergencePoints?: number;
  /** Points of a delta signal that agrees with a stack. @defaultValue 1 */
  readonly deltaPoints?: number;
}

/** The defaults of {@link BarSignalOptions}. */
export const barSignalDefaults = {
  imbalance: imbalancePresets.reference,
  rowTicks: 1,
  minStackRows: 3,
  lookbackBars: 3,
  minVolumeLots: 100,
  minDeltaShare: 0.25,
  minBodyTicks: 1,
  stackPoints: 2,
  divergencePoints: 2,
  deltaPoints: 1,
} as const satisfies Required<BarSignalOptions>;

/** What speaks for a side. */
export type BarSignalTag = 'STACK_BUY' | 'STACK_SELL' | 'DIV_BEAR' | 'DIV_BULL';

/** One reason for a score. */
export interface BarSignalPart {
  readonly reason: 'stack' | 'divergence' | 'delta';
  /** The side that it speaks for. */
  readonly side: Side;
  /** Above 0 for `buy`, below 0 for `sell`. */
  readonly points: number;
  /** Absent for `delta`. */
  readonly tag?: BarSignalTag;
}

/** What {@link barSignal} finds in a bar. */
export interface BarSignal {
  /** Sum of the points of `parts`. */
  readonly score: number;
  readonly parts: readonly BarSignalPart[];
  /** The tags of `parts`, in their order. */
  readonly tags: readonly BarSignalTag[];
  /** The side of the delta, if it is a signal: enough volume, and enough of it on one side. */
  readonly deltaSide: Side | undefined;
  /** For a bar with a delta signal: `ABS`orbed if the body goes against it, else `ACC`umulated; otherwise `undefined`. */
  readonly label: 'ABS' | 'ACC' | undefined;
  /** The stacked imbalances of the bar. */
  readonly zones: readonly ImbalanceZone[];
  /** The divergences of the bar from those before it: none, one, or one at either end. */
  readonly divergences: readonly DivergenceEvent[];
}

/** The columns of a bar that {@link barSignal} reads. */
export type BarSignalBar = DivergenceBar &
  Pick<FootprintBar, 'openTicks' | 'closeTicks' | 'volumeLots' | 'trades'> & { readonly rows: readonly ImbalanceRow[] };

/**
 * The signal of a bar:
 *
 * - stacked imbalances: `stackPoints` for `buy` if there is a buy zone, as many for `sell` if there is a sell zone;
 * - divergence from the `lookbackBars` before it (new high with delta ≤ 0, new low with delta ≥ 0): `divergencePoints`
 *   for `sell` or `buy`; none where fewer bars came before;
 * - a delta signal on the side of a zone: `deltaPoints`.
 *
 * @example
 * ```ts
 * const row = (priceTicks: number, sellLots: number, buyLots: number) => ({ priceTicks, buyLots, sellLots, unknownLots: 0 });
 * const bar = {
 *   ...{ startMs: 0, endMs: 60_000, openTicks: 100, highTicks: 103, lowTicks: 100, closeTicks: 103, trades: 40 },
 *   ...{ volumeLots: 136, deltaLots: 104 },
 *   rows: [row(100, 10, 0), row(101, 3, 30), row(102, 3, 30), row(103, 0, 60)],
 * };
 * const { score, parts, label } = barSignal(bar, []);
 * [score, label, parts.map(({ reason, points }) => `${reason} ${points}`)]; // => [3, 'ACC', ['stack 2', 'delta 1']]
 * ```
 * @param previous - The bars before it, oldest first; the latest `lookbackBars` with trades are read.
 * @throws FootprintError `bad-option`: also for previous bars that are out of order.
 */
export function barSignal(
  bar: BarSignalBar,
  previous: readonly (DivergenceBar & Pick<FootprintBar, 'trades'>)[],
  options: BarSignalOptions = {},
): BarSignal {
  const checked = checkOptions(options);
  return signalOf(bar, latestTraded(previous, bar, checked.lookbackBars), checked);
}

/**
 * {@link barSignal} of every bar of a list, each with the bars before it.
 * @param bars - In the order of their start, each once.
 * @throws FootprintError `bad-option`.
 */
export function barSignals(bars: readonly BarSignalBar[], options: BarSignalOptions = {}): BarSignal[] {
  const checked = checkOptions(options);
  const before: BarSignalBar[] = [];
  return bars.map((bar) => {
    const signal = signalOf(bar, latestTraded(before, bar, checked.lookbackBars), checked);
    if (bar.trades > 0) before.push(bar);
    if (before.length > checked.lookbackBars) before.shift();
    return signal;
  });
}

type Checked = Required<BarSignalOptions> & { readonly share: Ratio };

function checkOptions(options: BarSignalOptions): Checked {
  const all = { ...barSignalDefaults, ...options };
  checkWhole('lookbackBars', all.lookbackBars, 1);
  checkWhole('minVolumeLots', all.minVolumeLots, 0);
  checkWhole('minBodyTicks', all.minBodyTicks, 1);
  checkWhole('stackPoints', all.stackPoints, 0);
  checkWhole('divergencePoints', all.divergencePoints, 0);
  checkWhole('deltaPoints', all.deltaPoints, 0);
  const share = exactRatio('minDeltaShare', all.minDeltaShare);
  if (share.numerator <= share.denominator) return { ...all, share };
  throw new FootprintError(
    'bad-option',
    `minDeltaShare "${all.minDeltaShare}" is above 1. Pass 0.25 for 25 %.`,
    options,
  );
}

function signalOf(bar: BarSignalBar, before: readonly DivergenceBar[], options: Checked): BarSignal {
  const { imbalance, rowTicks, minStackRows, lookbackBars, stackPoints, divergencePoints, deltaPoints } = options;
  const zones = stackedImbalances(imbalances(bar.rows, { ...imbalance, rowTicks }), {
    minRows: minStackRows,
    rowTicks,
  });
  const divergences = bar.trades > 0 && before.length === lookbackBars ? breakouts([...before, bar]) : [];
  const deltaSide = deltaSignal(bar, options);
  const parts: BarSignalPart[] = [];
  const add = (reason: BarSignalPart['reason'], side: Side, points: number, tag?: BarSignalTag): void => {
    parts.push({ reason, side, points: (side === 'buy' ? points : -points) + 0, ...(tag ? { tag } : {}) });
  };
  const stacked = (side: Side): boolean => zones.some((zone) => zone.side === side);
  if (stacked('buy')) add('stack', 'buy', stackPoints, 'STACK_BUY');
  if (stacked('sell')) add('stack', 'sell', stackPoints, 'STACK_SELL');
  for (const { side } of divergences) {
    if (side === 'bear') add('divergence', 'sell', divergencePoints, 'DIV_BEAR');
    else add('divergence', 'buy', divergencePoints, 'DIV_BULL');
  }
  if (deltaSide && stacked(deltaSide)) add('delta', deltaSide, deltaPoints);
  const against = (deltaSide === 'buy' ? 1 : -1) * (bar.openTicks - bar.closeTicks);
  return {
    score: parts.reduce((sum, { points }) => sum + points, 0),
    parts,
    tags: parts.flatMap(({ tag }) => tag ?? []),
    deltaSide,
    label: !deltaSide ? undefined : against >= options.minBodyTicks ? 'ABS' : 'ACC',
    zones,
    divergences,
  };
}

function deltaSignal({ deltaLots, volumeLots }: BarSignalBar, { minVolumeLots, share }: Checked): Side | undefined {
  if (compareExact(deltaLots, 0) === 0 || volumeLots < minVolumeLots) return undefined;
  const size: ExactInt = deltaLots < 0 ? -deltaLots : deltaLots;
  const [part, whole] = [multiplyExact(size, share.denominator), multiplyExact(volumeLots, share.numerator)];
  if (compareExact(part, whole) < 0) return undefined;
  return deltaLots > 0 ? 'buy' : 'sell';
}

/** The latest bars with trades, oldest first. */
function latestTraded(
  previous: readonly (DivergenceBar & Pick<FootprintBar, 'trades'>)[],
  bar: DivergenceBar,
  count: number,
): readonly DivergenceBar[] {
  const latest: DivergenceBar[] = [];
  let { startMs } = bar;
  for (let i = previous.length - 1; i >= 0 && latest.length < count; i -= 1) {
    const at = previous[i]!;
    if (at.startMs > startMs) {
      const message = `Bar at "${at.startMs}" comes before the one at "${startMs}". Sort bars by startMs.`;
      throw new FootprintError('bad-option', message, at.startMs);
    }
    startMs = at.startMs;
    if (at.trades > 0) latest.unshift(at);
  }
  return latest;
}
