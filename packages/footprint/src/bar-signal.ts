/**
 * One number for a bar, and where it comes from: stacked imbalances, divergence and delta, as parts that add up to it.
 *
 * The defaults are those of the system that this replaces. Its minima (6 against 3, 100) are in contracts: set them from
 * your grid where a lot is not a contract.
 */
import { FootprintError } from './errors.ts';
import type { FootprintBar } from './footprint-bar.ts';
import { checkBar } from './internal/bar-check.ts';
import {
  barSignalDefaults,
  checkBarSignalOptions,
  signalOf,
  type BarSignal,
  type BarSignalBar,
  type BarSignalOptions,
  type CheckedSignal,
} from './internal/bar-signal-rule.ts';
import type { DivergenceBar } from './internal/divergence-rule.ts';
import {
  areKeptBars,
  keptBarFromJson,
  keptBarOf,
  keptBarToJson,
  keptNumbers,
  type DivergenceBarJson,
  type KeptBar,
} from './internal/kept-bar.ts';
import { checkWhole } from './internal/option-checks.ts';
import { areCounts, checkSnapshotOf, requireSound, restored } from './internal/snapshot-checks.ts';

export {
  barSignalDefaults,
  type BarSignal,
  type BarSignalBar,
  type BarSignalOptions,
  type BarSignalPart,
  type BarSignalTag,
} from './internal/bar-signal-rule.ts';

/** What {@link createBarSignals} is made with. */
export interface BarSignalsOptions extends BarSignalOptions {
  /**
   * How many of the latest bars may still be revised; `retainBars + 1` of the bars that are pushed.
   * @defaultValue 3
   */
  readonly revisableBars?: number;
}

/** The defaults of {@link BarSignalsOptions}. */
export const barSignalsDefaults = {
  ...barSignalDefaults,
  revisableBars: 3,
} as const satisfies Required<BarSignalsOptions>;

/** The columns of a bar that {@link BarSignals} reads. */
export type BarSignalInput = BarSignalBar & Pick<FootprintBar, 'revision'>;

/** What became of the bars. Pushed = `bars` + `revised` + `late` + `empty`. */
export interface BarSignalsStats {
  /** Bars taken in, each once. */
  readonly bars: number;
  /** Bars that took the place of their former self. */
  readonly revised: number;
  /** Bars that came, or were revised, too late, and revisions that are no newer than what is known; left out. */
  readonly late: number;
  /** Bars without trades: they have a signal without parts, and no bar after them looks back at them. */
  readonly empty: number;
}

/** The state of {@link BarSignals} as plain JSON, version 1. */
export interface BarSignalsSnapshot {
  readonly v: 1;
  readonly kind: 'bar-signals';
  readonly options: Required<BarSignalsOptions>;
  /** The latest bars, oldest first. */
  readonly bars: readonly DivergenceBarJson[];
  readonly stats: BarSignalsStats;
}

/** A running signal. Made by {@link createBarSignals}. */
export interface BarSignals {
  /**
   * Takes a closed bar and gives its signal; nothing for one that came too late.
   * @throws FootprintError `bad-trade` for what no grid can produce, `bad-option` for rows that do not fit `rowTicks`.
   */
  push(bar: BarSignalInput): readonly BarSignal[];
  /** Gives nothing: every signal is known when its bar has closed. */
  flush(): readonly BarSignal[];
  stats(): BarSignalsStats;
  /** The state as plain JSON, for {@link restoreBarSignals}. */
  snapshot(): BarSignalsSnapshot;
}

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
  const checked = checkBarSignalOptions(options);
  return signalOf(bar, latestTraded(previous, bar, checked.options.lookbackBars), checked);
}

/**
 * The signals of the bars of one instrument, each from the bars before it.
 *
 * Bars come in the order of their start. One that comes again with a higher `revision`, or that belongs between the
 * others, is taken in while it is among the latest `revisableBars`, and has its signal (again): keep signals by
 * `startMs` and let the newest win. Signals of the bars after it stay as they were. Bars of one start and `revision` 0 are
 * bars of their own, as tick bars within a millisecond are. Memory: `lookbackBars` + `revisableBars` bars, without their
 * ladders.
 *
 * @example
 * ```ts
 * const bar = (minute: number, highTicks: number, deltaLots: number) => ({
 *   ...{ startMs: minute * 60_000, endMs: (minute + 1) * 60_000, trades: 9, volumeLots: 9, deltaLots, revision: 0 },
 *   ...{ openTicks: 90, highTicks, lowTicks: 90, closeTicks: highTicks, rows: [] },
 * });
 * const signals = createBarSignals();
 * const out = [100, 101, 102, 103].flatMap((high, i) => [...signals.push(bar(i, high, i < 3 ? 5 : -1))]);
 * out.map(({ score }) => score); // => [0, 0, 0, -2]
 * ```
 * @throws FootprintError `bad-option`.
 */
export function createBarSignals(options: BarSignalsOptions = {}): BarSignals {
  return barSignalsOf(checkOptions(options));
}

/**
 * The signals that a snapshot was taken of; the options must be those of the snapshot.
 * @throws FootprintError `bad-snapshot` or `bad-option`.
 */
export function restoreBarSignals(snapshot: BarSignalsSnapshot, options: BarSignalsOptions = {}): BarSignals {
  const checked = checkOptions(options);
  checkSnapshotOf('bar-signals', snapshot, checked.options);
  return restored('bar-signals', snapshot, () => barSignalsOf(checked, snapshot));
}

/**
 * The signals of a list of bars: what {@link createBarSignals} gives bar by bar.
 * @throws FootprintError `bad-option`.
 */
export function barSignals(bars: readonly BarSignalInput[], options: BarSignalsOptions = {}): BarSignal[] {
  const signals = createBarSignals(options);
  return bars.flatMap((bar) => [...signals.push(bar)]);
}

interface Checked extends CheckedSignal {
  readonly options: Required<BarSignalsOptions>;
}

const NOTHING: readonly BarSignal[] = [];

function checkOptions(given: BarSignalsOptions): Checked {
  const { revisableBars } = { ...barSignalsDefaults, ...given };
  const { options, share } = checkBarSignalOptions(given);
  checkWhole('revisableBars', revisableBars, 1);
  return { options: { ...options, revisableBars }, share };
}

function barSignalsOf(checked: Checked, snapshot?: BarSignalsSnapshot): BarSignals {
  const { lookbackBars, revisableBars } = checked.options;
  const most = lookbackBars + revisableBars;
  const kept: KeptBar[] = snapshot ? snapshot.bars.map(keptBarFromJson) : [];
  const stats = { bars: 0, revised: 0, late: 0, empty: 0, ...snapshot?.stats };
  if (snapshot) {
    requireSound('bar-signals', snapshot, 'bars', areKeptBars(kept, most));
    requireSound('bar-signals', snapshot, 'stats', areCounts(stats));
  }

  const countLate = (): readonly BarSignal[] => {
    stats.late += 1;
    return NOTHING;
  };
  return {
    push(bar) {
      checkBar(bar, [...keptNumbers, 'openTicks', 'closeTicks', 'volumeLots']);
      const known = bar.revision > 0 ? kept.findLastIndex(({ startMs }) => startMs === bar.startMs) : -1;
      const isKnown = known >= 0;
      const at = isKnown ? known : kept.findLastIndex(({ startMs }) => startMs <= bar.startMs) + 1;
      const newer = kept.length - at - (isKnown ? 1 : 0);
      if (newer >= revisableBars || (isKnown && kept[known]!.revision >= bar.revision)) return countLate();
      const signal = signalOf(bar, kept.slice(0, at), checked);
      if (isKnown) stats.revised += 1;
      else if (bar.trades > 0) stats.bars += 1;
      else stats.empty += 1;
      kept.splice(at, isKnown ? 1 : 0, ...(bar.trades > 0 ? [keptBarOf(bar)] : []));
      if (kept.length > most) kept.shift();
      return [signal];
    },
    flush: () => NOTHING,
    stats: () => ({ ...stats }),
    snapshot: () => ({
      v: 1,
      kind: 'bar-signals',
      options: checked.options,
      bars: kept.map(keptBarToJson),
      stats: { ...stats },
    }),
  };
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
