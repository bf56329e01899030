import type { AnomalyKind, AnomalyOptions } from './options.ts';

/** A bar, as the detector reads it. */
export interface AnomalyBar {
  /** Inclusive start, epoch milliseconds UTC. */
  readonly startMs: number;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** Traded size, in the venue's unit. */
  readonly volume: number;
}

/** Something out of the ordinary about a bar. */
export interface Anomaly {
  readonly kind: AnomalyKind;
  /** The bar, counted from 0. */
  readonly at: number;
  /** Its start, epoch milliseconds UTC. */
  readonly startMs: number;
  /** Return and gap as fractions (0.05 is 5 %), volume in its unit, true range as a fraction of the close before. */
  readonly value: number;
  /** Mean and population standard deviation over the bars before it. */
  readonly mean: number;
  readonly deviation: number;
  /** (Value − mean) ÷ deviation. */
  readonly zScore: number;
  /** 0.6 × |zScore| ÷ its limit, at most 1. */
  readonly severity: number;
  /** Mean ± 2 deviations. */
  readonly expected: readonly [low: number, high: number];
}

const kinds: readonly (readonly [AnomalyKind, 'gapZ' | 'rangeZ' | 'returnZ' | 'volumeZ', isOneSided: boolean])[] = [
  ['return', 'returnZ', false],
  ['volume', 'volumeZ', true],
  ['range', 'rangeZ', true],
  ['gap', 'gapZ', false],
];

/** The anomalies of the last of the bars, which has the index `at`; none until there are enough bars before it. */
export function scoresOf(
  bars: readonly AnomalyBar[],
  at: number,
  options: Required<AnomalyOptions>,
): readonly Anomaly[] {
  const last = bars.length - 1;
  const start = last - options.lookback;
  // The oldest of them needs the close before it.
  if (start < 1) return [];
  const { startMs } = bars[last]!;
  const found: Anomaly[] = [];
  for (const [kind, limitName, isOneSided] of kinds) {
    const value = valueOf(kind, bars, last);
    if (value === undefined) continue;
    let [sum, count] = [0, 0];
    for (let i = start; i < last; i++) {
      const past = valueOf(kind, bars, i);
      if (past === undefined) continue;
      sum += past;
      count += 1;
    }
    if (count < 2) continue;
    const mean = sum / count;
    let squares = 0;
    for (let i = start; i < last; i++) {
      const past = valueOf(kind, bars, i);
      if (past !== undefined) squares += (past - mean) ** 2;
    }
    const deviation = Math.sqrt(squares / count);
    const scale = Math.max(Math.abs(mean), Math.abs(value));
    // Bars that were all alike leave rounding noise: what they say is not how unusual something else is.
    if (!(deviation > 1e-12 * scale)) continue;
    const zScore = (value - mean) / deviation;
    const limit = options[limitName];
    if ((isOneSided ? zScore : Math.abs(zScore)) < limit) continue;
    found.push({
      ...{ kind, at, startMs, value, mean, deviation, zScore },
      severity: Math.min(1, (0.6 * Math.abs(zScore)) / limit),
      expected: [mean - 2 * deviation, mean + 2 * deviation],
    });
  }
  return found;
}

/** `undefined` where it is no ratio: the close before is not above 0. */
function valueOf(kind: AnomalyKind, bars: readonly AnomalyBar[], i: number): number | undefined {
  const { open, high, low, close, volume } = bars[i]!;
  if (kind === 'volume') return volume;
  const before = bars[i - 1]!.close;
  if (!(before > 0)) return undefined;
  if (kind === 'return') return (close - before) / before;
  if (kind === 'gap') return (open - before) / before;
  return (Math.max(high, before) - Math.min(low, before)) / before;
}
