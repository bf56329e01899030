/** What a bar signal is: options, result, and the decision over a bar and those before it. */
import { compareExact, multiplyExact, type ExactInt } from '@tapekit/orderflow/exact';
import type { Side } from '@tapekit/orderflow/market';
import { FootprintError } from '../errors.ts';
import type { FootprintBar } from '../footprint-bar.ts';
import {
  imbalancePresets,
  imbalances,
  stackedImbalances,
  type ImbalanceRow,
  type ImbalanceRule,
  type ImbalanceZone,
} from '../imbalances.ts';
import { breakouts, type DivergenceBar, type DivergenceEvent } from './divergence-rule.ts';
import { checkImbalanceRule } from './imbalance-rule.ts';
import { checkWhole, exactRatio, type Ratio } from './option-checks.ts';
import { checkRowTicks } from './rows.ts';

/** What `barSignal` counts with. */
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

/** What `barSignal` finds in a bar. */
export interface BarSignal {
  /** Start of the bar, epoch milliseconds UTC. */
  readonly startMs: number;
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

/** The columns of a bar that `barSignal` reads. */
export type BarSignalBar = DivergenceBar &
  Pick<FootprintBar, 'openTicks' | 'closeTicks' | 'volumeLots' | 'trades'> & { readonly rows: readonly ImbalanceRow[] };

/** Options as they were checked. */
export interface CheckedSignal {
  /** Plain data, in one order of fields. */
  readonly options: Required<BarSignalOptions>;
  /** `minDeltaShare`. */
  readonly share: Ratio;
}

/** Throws for the first option outside its domain. */
export function checkBarSignalOptions(given: BarSignalOptions): CheckedSignal {
  const all = { ...barSignalDefaults, ...given };
  checkImbalanceRule(all.imbalance);
  checkRowTicks(all.rowTicks);
  checkWhole('minStackRows', all.minStackRows, 1);
  checkWhole('lookbackBars', all.lookbackBars, 1);
  checkWhole('minVolumeLots', all.minVolumeLots, 0);
  checkWhole('minBodyTicks', all.minBodyTicks, 1);
  checkWhole('stackPoints', all.stackPoints, 0);
  checkWhole('divergencePoints', all.divergencePoints, 0);
  checkWhole('deltaPoints', all.deltaPoints, 0);
  const share = exactRatio('minDeltaShare', all.minDeltaShare);
  if (share.numerator > share.denominator) {
    const message = `minDeltaShare "${all.minDeltaShare}" is above 1. Pass 0.25 for 25 %.`;
    throw new FootprintError('bad-option', message, all.minDeltaShare);
  }
  const { imbalance, rowTicks, minStackRows, lookbackBars, minVolumeLots, minDeltaShare, minBodyTicks } = all;
  const { stackPoints, divergencePoints, deltaPoints } = all;
  return {
    options: {
      ...{ imbalance: { ...imbalance }, rowTicks, minStackRows, lookbackBars, minVolumeLots, minDeltaShare },
      ...{ minBodyTicks, stackPoints, divergencePoints, deltaPoints },
    },
    share,
  };
}

/**
 * The signal of a bar.
 * @param before - The bars before it, oldest first; the latest `lookbackBars` are read.
 */
export function signalOf(bar: BarSignalBar, before: readonly DivergenceBar[], checked: CheckedSignal): BarSignal {
  const { imbalance, rowTicks, minStackRows, lookbackBars, minBodyTicks } = checked.options;
  const { stackPoints, divergencePoints, deltaPoints } = checked.options;
  const marks = imbalances(bar.rows, { ...imbalance, rowTicks });
  const zones = stackedImbalances(marks, { minRows: minStackRows, rowTicks });
  const isKnown = bar.trades > 0 && before.length >= lookbackBars;
  const divergences = isKnown ? breakouts([...before.slice(-lookbackBars), bar]) : [];
  const deltaSide = deltaSignal(bar, checked);
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
    startMs: bar.startMs,
    score: parts.reduce((sum, { points }) => sum + points, 0),
    parts,
    tags: parts.flatMap(({ tag }) => tag ?? []),
    deltaSide,
    label: !deltaSide ? undefined : against >= minBodyTicks ? 'ABS' : 'ACC',
    zones,
    divergences,
  };
}

function deltaSignal({ deltaLots, volumeLots }: BarSignalBar, { options, share }: CheckedSignal): Side | undefined {
  if (compareExact(deltaLots, 0) === 0 || volumeLots < options.minVolumeLots) return undefined;
  const size: ExactInt = deltaLots < 0 ? -deltaLots : deltaLots;
  const [part, whole] = [multiplyExact(size, share.denominator), multiplyExact(volumeLots, share.numerator)];
  if (compareExact(part, whole) < 0) return undefined;
  return deltaLots > 0 ? 'buy' : 'sell';
}
