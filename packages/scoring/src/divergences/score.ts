import type { ComponentScore } from '../component.ts';
import { missingComponent } from '../component.ts';
import { valueAt } from '../indicators/indicator-series.ts';
import { macd } from '../indicators/macd.ts';
import { rsi } from '../indicators/rsi.ts';
import { clampUnit, scoreFromOffset, words } from '../internal/micro-points.ts';
import type { Divergence, DivergencePoint } from './pivots.ts';
import { checkFade, fade } from '../patterns/fade.ts';

/** What {@link divergenceLines} reads. */
export interface DivergenceLinesInput {
  /** Oldest first, all of one length. */
  readonly highs: ArrayLike<number>;
  readonly lows: ArrayLike<number>;
  readonly closes: Float64Array;
  /** Traded size of each bar; leave out where it is unknown, and OBV is left out. */
  readonly volumes?: ArrayLike<number> | undefined;
  /** Buy − sell volume of each bar from trades; leave out where it is unknown, and CVD is left out. */
  readonly deltas?: ArrayLike<number> | undefined;
}

/** The price beside each line that is known. */
export type DivergenceLines = Readonly<Partial<Record<'cvd' | 'macd' | 'obv' | 'rsi', readonly DivergencePoint[]>>>;

/**
 * The points of RSI (14), MACD (12/26 line), OBV and CVD beside one price, ready for `divergences`. Every line looks back
 * only.
 *
 * @throws {@link ScoringError} `bad-value` with the index of a close that is not finite.
 */
export function divergenceLines(input: DivergenceLinesInput): DivergenceLines {
  const { highs, lows, closes, volumes, deltas } = input;
  const beside = (line: (i: number) => number | undefined): DivergencePoint[] =>
    Array.from(closes, (_, i) => ({ high: highs[i]!, low: lows[i]!, line: line(i) }));
  const strength = rsi(closes);
  const difference = macd(closes).macd;
  const obv =
    volumes && running(closes.length, (i) => (i > 0 ? Math.sign(closes[i]! - closes[i - 1]!) : 0) * volumes[i]!);
  const cvd = deltas && running(closes.length, (i) => deltas[i]!);
  return {
    rsi: beside((i) => valueAt(strength, i)),
    macd: beside((i) => valueAt(difference, i)),
    ...(obv && { obv: beside((i) => obv[i]) }),
    ...(cvd && { cvd: beside((i) => cvd[i]) }),
  };
}

/** Options of {@link scoreDivergences}. */
export interface ScoreDivergencesOptions {
  /**
   * Bars after which a divergence has faded.
   * @defaultValue 20
   */
  readonly fadeBars?: number;
}

/**
 * The component `divergence` at the close of bar `at`: 50, and up to 50 points for the mean of the lines' latest
 * divergences. A fresh regular one counts 1, a hidden one 0.5, both fade with age; `bull` for, `bear` against. Where one
 * bar is a high and a low pivot at once, what it says for and against is added.
 *
 * `missing` while no line has a divergence that has not faded: no pattern is no opinion.
 *
 * @throws {@link ScoringError} `bad-option` for a fading that is no number of bars.
 * @param found - What `divergences` gave, by line; an empty list for a line without any.
 * @example
 * ```ts
 * const bull = { side: 'bull', kind: 'regular', from: 3, at: 9, confirmedAt: 12, prices: [10, 9], lines: [20, 30] } as const;
 * scoreDivergences({ rsi: [bull], obv: [] }, 17, { fadeBars: 10 }).score; // => 62.5
 * ```
 */
export function scoreDivergences(
  found: Readonly<Record<string, readonly Divergence[]>>,
  at: number,
  { fadeBars = 20 }: ScoreDivergencesOptions = {},
): ComponentScore {
  checkFade('fadeBars', fadeBars);
  const inputs = new Map<string, number | undefined>();
  const reasons: string[] = [];
  let sum = 0;
  const lines = Object.keys(found).sort();
  for (const line of lines) {
    const latest = latestOf(found[line]!, at);
    const strength = latest.length > 0 ? fade(at - latest[0]!.confirmedAt, fadeBars) : 0;
    if (strength === 0) {
      inputs.set(line, undefined);
      continue;
    }
    // Halves and ones: the sum is exact, so its order does not matter.
    const value = strength * latest.reduce((total, one) => total + worthOf(one), 0) + 0;
    inputs.set(line, value);
    sum += value;
    for (const { kind, side, prices, lines: values, confirmedAt } of latest) {
      reasons.push(
        `${kind} ${side} divergence of ${line}: price ${prices.map(words).join(' to ')}, ` +
          `line ${values.map(words).join(' to ')}, ${at - confirmedAt} bars known`,
      );
    }
  }
  const named = Object.fromEntries(inputs);
  if (reasons.length === 0) return missingComponent('divergence', 'no divergence that has not faded', named);
  return {
    ...{ name: 'divergence', score: scoreFromOffset(50 * clampUnit(sum / lines.length)) },
    ...{ quality: 'measured', reasons, inputs: named },
    rule: `50 + 50 × Σ inputs ÷ ${lines.length} lines, a line without one counts 0`,
  };
}

/** What was known last at the close of bar `at`: two where one bar is a high and a low pivot. */
function latestOf(found: readonly Divergence[], at: number): readonly Divergence[] {
  let confirmed = -1;
  for (const { confirmedAt } of found) if (confirmedAt <= at && confirmedAt > confirmed) confirmed = confirmedAt;
  return found.filter(({ confirmedAt }) => confirmedAt === confirmed);
}

function worthOf({ side, kind }: Divergence): number {
  return (side === 'bull' ? 1 : -1) * (kind === 'regular' ? 1 : 0.5);
}

function running(length: number, step: (i: number) => number): Float64Array {
  const sums = new Float64Array(length);
  let sum = 0;
  for (let i = 0; i < length; i++) sums[i] = sum += step(i);
  return sums;
}
