/**
 * All patterns of one symbol in one stream: Wyckoff's schematics, chart shapes, and divergences of RSI, MACD, OBV and CVD,
 * with the components that they make. Each bar costs the same, however many came before it.
 */
import type { ComponentScore } from './component.ts';
import type { Divergence, DivergenceOptions } from './divergences.ts';
import { scoreDivergences } from './divergences.ts';
import type { ShapeMatch, Shapes, ShapesOptions, ShapesSnapshot } from './dtw.ts';
import { createShapes, restoreShapes, scoreShapes, shapesDefaults } from './dtw.ts';
import { withDefaults } from './internal/options.ts';
import { fromSnapshot } from './internal/snapshots.ts';
import { checkFade } from './patterns/fade.ts';
import type { DivergenceLineName, LinesSnapshot, LineStreams } from './patterns/lines.ts';
import { createLines, divergenceLineNames } from './patterns/lines.ts';
import { readLines, readPatterns } from './patterns/snapshot.ts';
import type { Wyckoff, WyckoffEvent, WyckoffOptions, WyckoffReading, WyckoffSnapshot } from './wyckoff.ts';
import { createWyckoff, restoreWyckoff, scoreWyckoff } from './wyckoff.ts';

export { divergenceLineNames } from './patterns/lines.ts';
export type { DivergenceLineName } from './patterns/lines.ts';

/** A bar as patterns read it. */
export interface PatternBar {
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Traded size, in the venue's unit. */
  readonly volume: number;
  /** Buy − sell volume from trades; leave out where it is unknown. The CVD starts anew after a bar without one. */
  readonly delta?: number | undefined;
}

/** Options of {@link createPatterns}. */
export interface PatternsOptions {
  readonly wyckoff?: WyckoffOptions;
  readonly shapes?: ShapesOptions;
  readonly divergences?: DivergenceOptions;
  /**
   * Bars after which a chart shape has faded.
   * @defaultValue 10
   */
  readonly shapeFadeBars?: number;
  /**
   * Bars after which a divergence has faded.
   * @defaultValue 20
   */
  readonly divergenceFadeBars?: number;
}

/** What is known at the close of a bar. */
export interface PatternReading {
  /** The bar, counted from 0. */
  readonly at: number;
  /** Events of Wyckoff's schematics that this bar confirmed. */
  readonly events: readonly WyckoffEvent[];
  /** Chart shapes that this bar completed. */
  readonly shapes: readonly ShapeMatch[];
  /** Divergences that this bar confirmed. */
  readonly divergences: readonly (Divergence & { readonly line: DivergenceLineName })[];
  /** `wyckoff`, `shape` and `divergence`, each `missing` while there is no such pattern. */
  readonly components: readonly ComponentScore[];
}

/** A streaming search for patterns. Made by {@link createPatterns}. */
export interface Patterns {
  /**
   * Takes the next bar.
   * @throws {@link ScoringError} `bad-value`; the state stays as it was.
   */
  push(bar: PatternBar): PatternReading;
  /**
   * Puts another bar in the place of the last one; the reading before is void.
   * @throws {@link ScoringError} `bad-value`, or `no-open-bar` before the first push.
   */
  replaceLast(bar: PatternBar): PatternReading;
  /** The reading of the last bar; `undefined` before the first. */
  readonly reading: PatternReading | undefined;
  /** The state as plain JSON; {@link restorePatterns} carries on from it. */
  snapshot(): PatternsSnapshot;
}

/** State of a streaming search for patterns, version 1. */
export interface PatternsSnapshot {
  readonly v: 1;
  readonly indicator: 'patterns';
  readonly count: number;
  /** The last bar, which is read again when the stream is restored. */
  readonly last: PatternBar | null;
  readonly wyckoff: WyckoffSnapshot;
  readonly shapes: ShapesSnapshot;
  readonly lines: LinesSnapshot;
  /** Shapes before the last bar that have not faded. */
  readonly liveShapes: readonly ShapeMatch[];
  /** The latest divergences of each line before the last bar: two where one bar is a high and a low pivot. */
  readonly liveDivergences: Readonly<Partial<Record<DivergenceLineName, readonly Divergence[]>>>;
}

/** The options of fading that apply where none are given. */
export const patternsDefaults: Required<Pick<PatternsOptions, 'divergenceFadeBars' | 'shapeFadeBars'>> = {
  shapeFadeBars: 10,
  divergenceFadeBars: 20,
};

/**
 * The reading of every bar.
 *
 * @example
 * ```ts
 * const vee = [9, 8, 7, 6, 5, 4, 5, 6, 7, 6, 5, 4, 5, 6, 7, 8, 9];
 * const bars = vee.map((close) => ({ high: close + 1, low: close - 1, close, volume: 5 }));
 * const last = patterns(bars, { shapes: { lengths: [17] } }).at(-1)!;
 * last.shapes.map(({ name }) => name); // => ['double-bottom']
 * last.components.map(({ name, quality }) => `${name} ${quality}`); // => ['wyckoff missing', 'shape measured', 'divergence missing']
 * ```
 * @throws {@link ScoringError} `bad-option`, or `bad-value` naming the bar.
 */
export function patterns(bars: readonly PatternBar[], options: PatternsOptions = {}): PatternReading[] {
  const stream = createPatterns(options);
  return bars.map((bar) => stream.push(bar));
}

/**
 * A streaming search; {@link patterns} bar by bar.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createPatterns(options: PatternsOptions = {}): Patterns {
  return start(options, {
    count: 0,
    last: null,
    wyckoff: createWyckoff(options.wyckoff),
    shapes: createShapes(options.shapes),
    lines: createLines(options.divergences),
    liveShapes: [],
    liveDivergences: {},
  });
}

/**
 * A streaming search that carries on from a snapshot, with the options that it was made with.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restorePatterns(snapshot: PatternsSnapshot, options: PatternsOptions = {}): Patterns {
  const { count, last, liveShapes, liveDivergences } = readPatterns(snapshot, options);
  return fromSnapshot('patterns', () =>
    start(options, {
      ...{ count, last, liveShapes, liveDivergences },
      wyckoff: restoreWyckoff(snapshot.wyckoff, options.wyckoff),
      shapes: restoreShapes(snapshot.shapes, options.shapes),
      lines: createLines(options.divergences, readLines(snapshot.lines, count)),
    }),
  );
}

interface Initial extends Pick<PatternsSnapshot, 'count' | 'last' | 'liveDivergences' | 'liveShapes'> {
  readonly wyckoff: Wyckoff;
  readonly shapes: Shapes;
  readonly lines: LineStreams;
}

function start(options: PatternsOptions, initial: Initial): Patterns {
  const { shapeFadeBars, divergenceFadeBars } = withDefaults(patternsDefaults, options);
  checkFade('shapeFadeBars', shapeFadeBars);
  checkFade('divergenceFadeBars', divergenceFadeBars);
  const maxCost = options.shapes?.maxCost ?? shapesDefaults.maxCost;
  const { wyckoff, shapes, lines } = initial;
  let { count, last, liveShapes, liveDivergences } = initial;
  let reading: PatternReading | undefined;

  const read = (
    schematic: WyckoffReading,
    matches: readonly ShapeMatch[],
    found: PatternReading['divergences'],
  ): PatternReading => {
    const at = count - 1;
    const latest = latestOf(liveDivergences, found);
    const known = divergenceLineNames.filter((name) => name !== 'cvd' || lines.hasCvd());
    const ofLines = Object.fromEntries(known.map((name) => [name, latest[name] ?? []]));
    return {
      ...{ at, events: schematic.events, shapes: matches, divergences: found },
      components: [
        scoreWyckoff(schematic),
        scoreShapes([...liveShapes, ...matches], at, { fadeBars: shapeFadeBars, maxCost }),
        scoreDivergences(ofLines, at, { fadeBars: divergenceFadeBars }),
      ],
    };
  };
  const replace = (bar: PatternBar): PatternReading => {
    // Wyckoff refuses first what is no bar, before anything has changed.
    const schematic = wyckoff.replaceLast(bar);
    last = kept(bar);
    reading = read(schematic, shapes.replaceLast(bar.close), lines.replaceLast(bar));
    return reading;
  };
  const stream = {
    push(bar: PatternBar): PatternReading {
      lines.check(bar, count);
      const schematic = wyckoff.push(bar);
      const settled = reading;
      if (settled) {
        liveShapes = [...liveShapes, ...settled.shapes].filter(
          ({ confirmedAt }) => count - confirmedAt < shapeFadeBars,
        );
        liveDivergences = latestOf(liveDivergences, settled.divergences);
      }
      last = kept(bar);
      count += 1;
      reading = read(schematic, shapes.push(bar.close), lines.push(bar));
      return reading;
    },
    replaceLast(bar: PatternBar): PatternReading {
      lines.check(bar, Math.max(0, count - 1));
      return replace(bar);
    },
    get reading() {
      return reading;
    },
    snapshot: (): PatternsSnapshot => ({
      ...{ v: 1, indicator: 'patterns', count, last },
      ...{ wyckoff: wyckoff.snapshot(), shapes: shapes.snapshot(), lines: lines.snapshot() },
      ...{ liveShapes, liveDivergences },
    }),
  };
  if (last) replace(last);
  return stream;
}

function latestOf(
  before: PatternsSnapshot['liveDivergences'],
  found: PatternReading['divergences'],
): PatternsSnapshot['liveDivergences'] {
  if (found.length === 0) return before;
  const latest: Partial<Record<DivergenceLineName, readonly Divergence[]>> = { ...before };
  for (const name of divergenceLineNames) {
    const now = found.flatMap(({ line, ...divergence }) => (line === name ? [divergence] : []));
    if (now.length > 0) latest[name] = now;
  }
  return latest;
}

function kept({ high, low, close, volume, delta }: PatternBar): PatternBar {
  return { high, low, close, volume, ...(delta === undefined ? {} : { delta }) };
}
