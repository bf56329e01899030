/**
 * Delta divergence: the price makes a new extreme that the delta does not confirm. Two rules, as data:
 *
 * - **pivots**: a pivot high is a bar whose high is above those of the `leftBars` before it and not exceeded by the
 *   `rightBars` after it (mirrored for lows). It is known only when those have closed, and so is the divergence: a
 *   pivot high above the one before with a lower delta (or CVD) is `bear`, a pivot low below the one before with a higher
 *   one is `bull`. What was said never changes when more bars come.
 * - **breakout**: a bar whose high is above those of the `lookbackBars` before it, with delta ≤ 0, is `bear`; one whose
 *   low is below them, with delta ≥ 0, is `bull`. Known when the bar closes.
 *
 * Delta is buy − sell; unknown volume is on neither side.
 */
import { addExact, exactFromJson, exactToJson, subtractExact, type ExactIntJson } from '@tapekit/orderflow/exact';
import type { FootprintBar } from './footprint-bar.ts';
import { checkBar, isWhole } from './internal/bar-check.ts';
import {
  breakouts,
  checkDivergenceOptions,
  pivotDivergences,
  windowBars,
  type DivergenceBar,
  type DivergenceEvent,
  type DivergenceOptions,
  type DivergencePoint,
  type Pivots,
} from './internal/divergence-rule.ts';
import {
  areKeptBars,
  keptBarFromJson,
  keptBarOf,
  keptBarToJson,
  keptNumbers,
  type DivergenceBarJson,
  type KeptBar,
} from './internal/kept-bar.ts';
import { areCounts, checkSnapshotOf, requireSound, restored } from './internal/snapshot-checks.ts';

export type {
  BreakoutDivergenceOptions,
  DivergenceEvent,
  DivergenceOptions,
  DivergencePoint,
  PivotDivergenceOptions,
} from './internal/divergence-rule.ts';
export type { DivergenceBarJson } from './internal/kept-bar.ts';

/**
 * - `cvd`: pivots of two bars on either side, cumulative delta;
 * - `delta`: the same pivots, the delta of their own bar;
 * - `reference`: the 3-bar rule: a new high over 3 bars with delta ≤ 0, a new low with delta ≥ 0.
 */
export const divergencePresets = {
  cvd: { rule: 'pivots', leftBars: 2, rightBars: 2, measure: 'cvd' },
  delta: { rule: 'pivots', leftBars: 2, rightBars: 2, measure: 'delta' },
  reference: { rule: 'breakout', lookbackBars: 3 },
} as const satisfies Record<string, DivergenceOptions>;

/** What {@link createDivergence} takes without options: `divergencePresets.cvd`. */
export const divergenceDefaults: DivergenceOptions = divergencePresets.cvd;

/** The columns of a bar that {@link Divergence} reads. */
export type DivergenceInput = DivergenceBar & Pick<FootprintBar, 'trades' | 'revision'>;

/** What became of the bars. Pushed = `bars` + `revised` + `late` + `empty`. */
export interface DivergenceStats {
  /** Bars taken in, each once. */
  readonly bars: number;
  /** Bars that took the place of their former self. */
  readonly revised: number;
  /** Bars that came too late, or were revised too late; left out. */
  readonly late: number;
  /** Bars without trades; left out. */
  readonly empty: number;
}

/** `[startMs, priceTicks, deltaLots]`. */
export type DivergencePointJson = readonly [number, number, ExactIntJson];

/** The state of a {@link Divergence} as plain JSON, version 1. */
export interface DivergenceSnapshot {
  readonly v: 1;
  readonly kind: 'divergence';
  readonly options: DivergenceOptions;
  /** The latest bars, oldest first. */
  readonly bars: readonly DivergenceBarJson[];
  /** Sum of the deltas of all bars before those, in lots. */
  readonly cvdBefore: ExactIntJson;
  /** The latest pivots; absent before the first. */
  readonly pivots: Partial<Record<DivergenceEvent['side'], DivergencePointJson>>;
  readonly stats: DivergenceStats;
}

/** A running detector. Made by {@link createDivergence}. */
export interface Divergence {
  /**
   * Takes a closed bar and gives what is known with it: nothing, one divergence, or one at either end (`bear` first).
   * @throws FootprintError `bad-trade` for what no grid can produce.
   */
  push(bar: DivergenceInput): readonly DivergenceEvent[];
  /** Gives nothing: a pivot without the bars after it stays unknown. */
  flush(): readonly DivergenceEvent[];
  stats(): DivergenceStats;
  /** The state as plain JSON, for {@link restoreDivergence}. */
  snapshot(): DivergenceSnapshot;
}

/**
 * A detector of delta divergences over the bars of one instrument. Where the cumulative delta starts again with each
 * session, make one a session.
 *
 * Bars come in the order of their start; bars without trades are left out. A bar that comes again with a higher
 * `revision` takes the place of its former self while that is among the bars that the rule still looks at (the
 * cumulative delta is then that of the revised bars); pivots and divergences that were decided stay, and a bar that lost
 * its last print keeps its place, flat at the close before it. Any other bar that starts before the newest is counted in
 * `late` and left out. Memory: `leftBars + rightBars + 1` bars, or
 * `lookbackBars + 1`.
 *
 * @example
 * ```ts
 * const bar = (i: number, highTicks: number, deltaLots: number) => {
 *   const startMs = i * 60_000;
 *   return { startMs, endMs: startMs + 60_000, highTicks, lowTicks: 90, deltaLots, trades: 1, revision: 0 };
 * };
 * const divergence = createDivergence(divergencePresets.reference);
 * const events = [100, 101, 102, 103].flatMap((high, i) => [...divergence.push(bar(i, high, i < 3 ? 5 : -1))]);
 * events.map(({ side, to }) => [side, to.priceTicks]); // => [['bear', 103]]
 * ```
 * @throws FootprintError `bad-option`.
 */
export function createDivergence(options: DivergenceOptions = divergenceDefaults): Divergence {
  return divergenceOf(checkDivergenceOptions(options));
}

/**
 * The detector that a snapshot was taken of; the options must be those of the snapshot.
 * @throws FootprintError `bad-snapshot` or `bad-option`.
 */
export function restoreDivergence(
  snapshot: DivergenceSnapshot,
  options: DivergenceOptions = divergenceDefaults,
): Divergence {
  const checked = checkDivergenceOptions(options);
  checkSnapshotOf('divergence', snapshot, checked);
  return restored('divergence', snapshot, () => divergenceOf(checked, snapshot));
}

/**
 * All divergences of a list of bars: what {@link createDivergence} gives bar by bar.
 * @throws FootprintError `bad-option`.
 */
export function divergences(
  bars: readonly DivergenceInput[],
  options: DivergenceOptions = divergenceDefaults,
): DivergenceEvent[] {
  const divergence = createDivergence(options);
  return bars.flatMap((bar) => [...divergence.push(bar)]);
}

const NOTHING: readonly DivergenceEvent[] = [];

function divergenceOf(options: DivergenceOptions, snapshot?: DivergenceSnapshot): Divergence {
  const size = windowBars(options);
  const bars: KeptBar[] = snapshot ? snapshot.bars.map(keptBarFromJson) : [];
  let cvdBefore = exactFromJson(snapshot?.cvdBefore ?? 0);
  let pivots: Pivots = snapshot ? mapPivots(snapshot.pivots, pointFromJson) : {};
  const stats = { bars: 0, revised: 0, late: 0, empty: 0, ...snapshot?.stats };
  if (snapshot) {
    requireSound('divergence', snapshot, 'bars', areKeptBars(bars, size) && bars.length <= stats.bars);
    requireSound('divergence', snapshot, 'pivots', Object.values(pivots).every(isPoint));
    requireSound('divergence', snapshot, 'stats', areCounts(stats));
  }

  const revise = (at: number, bar: KeptBar): void => {
    const shift = subtractExact(bar.deltaLots, bars[at]!.deltaLots);
    bars[at] = bar;
    if (options.rule !== 'pivots' || options.measure !== 'cvd') return;
    pivots = mapPivots(pivots, (point) =>
      point.startMs < bar.startMs ? point : { ...point, deltaLots: addExact(point.deltaLots, shift) },
    );
  };
  return {
    push(input) {
      checkBar(input, keptNumbers);
      const { startMs, trades, revision } = input;
      const bar = keptBarOf(input);
      const at = revision > 0 ? bars.findLastIndex((kept) => kept.startMs === startMs) : -1;
      if (at >= 0 && bars[at]!.revision < revision) {
        stats.revised += 1;
        revise(at, bar);
        return NOTHING;
      }
      if (at >= 0 || startMs < (bars.at(-1)?.startMs ?? -Infinity)) {
        stats.late += 1;
        return NOTHING;
      }
      if (trades === 0) {
        stats.empty += 1;
        return NOTHING;
      }
      stats.bars += 1;
      bars.push(bar);
      if (bars.length > size) cvdBefore = addExact(cvdBefore, bars.shift()!.deltaLots);
      if (bars.length < size) return NOTHING;
      if (options.rule === 'breakout') return breakouts(bars);
      const decided = pivotDivergences(bars, cvdBefore, pivots, options);
      pivots = decided.pivots;
      return decided.events;
    },
    flush: () => NOTHING,
    stats: () => ({ ...stats }),
    snapshot: () => ({
      v: 1,
      kind: 'divergence',
      options,
      bars: bars.map(keptBarToJson),
      cvdBefore: exactToJson(cvdBefore),
      pivots: mapPivots(pivots, pointToJson),
      stats: { ...stats },
    }),
  };
}

function mapPivots<A, B>(pivots: { bear?: A; bull?: A }, map: (point: A) => B): { bear?: B; bull?: B } {
  const { bear, bull } = pivots;
  return { ...(bear === undefined ? {} : { bear: map(bear) }), ...(bull === undefined ? {} : { bull: map(bull) }) };
}

function isPoint({ startMs, priceTicks }: DivergencePoint): boolean {
  return Number.isFinite(startMs) && isWhole(priceTicks);
}

function pointToJson({ startMs, priceTicks, deltaLots }: DivergencePoint): DivergencePointJson {
  return [startMs, priceTicks, exactToJson(deltaLots)];
}

function pointFromJson([startMs, priceTicks, delta]: DivergencePointJson): DivergencePoint {
  return { startMs, priceTicks, deltaLots: exactFromJson(delta) };
}
