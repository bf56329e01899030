/**
 * What is out of the ordinary: bars that differ from the bars before them, and signs of a price that is being pumped.
 *
 * A bar is measured against the bars before it only, and carries its own time; appending bars never changes what was said.
 */
import { checkAnomalies, anomalyDefaults, anomalyOptionNames } from './anomalies/options.ts';
import type { AnomalyOptions } from './anomalies/options.ts';
import { scoresOf } from './anomalies/z-scores.ts';
import type { Anomaly, AnomalyBar } from './anomalies/z-scores.ts';
import { ScoringError } from './errors.ts';
import { isUsable } from './internal/checks.ts';
import { withDefaults } from './internal/options.ts';
import { checkSnapshot, fromSnapshot } from './internal/snapshots.ts';
import { checkObject } from './internal/objects.ts';

export { anomalyDefaults } from './anomalies/options.ts';
export type { AnomalyKind, AnomalyOptions } from './anomalies/options.ts';
export { pumpDefaults, pumpRisk, pumpWords, scorePumpRisk } from './anomalies/pump.ts';
export type { PumpEvidence, PumpOptions, PumpPart, PumpRisk, PumpSign } from './anomalies/pump.ts';
export type { Anomaly, AnomalyBar } from './anomalies/z-scores.ts';

/** A streaming detector. Made by {@link createAnomalies}. */
export interface Anomalies {
  /**
   * Takes the next bar and gives what is out of the ordinary about it.
   * @throws {@link ScoringError} `bad-value`; the state stays as it was.
   */
  push(bar: AnomalyBar): readonly Anomaly[];
  /**
   * Puts another bar in the place of the last one; what the last push or replacement gave is void.
   * @throws {@link ScoringError} `bad-value`, or `no-open-bar` before the first push.
   */
  replaceLast(bar: AnomalyBar): readonly Anomaly[];
  /** The state as plain JSON; {@link restoreAnomalies} carries on from it. */
  snapshot(): AnomaliesSnapshot;
}

/** State of a streaming detector, version 1. Memory: `lookback` + 2 bars. */
export interface AnomaliesSnapshot extends Required<AnomalyOptions> {
  readonly v: 1;
  readonly indicator: 'anomalies';
  readonly count: number;
  /** The latest bars, oldest first. */
  readonly bars: readonly AnomalyBar[];
}

/**
 * The anomalies of every bar, in the order of the bars.
 *
 * @example
 * ```ts
 * const calm = Array.from({ length: 21 }, (_, i) => ({
 *   startMs: i * 60_000, open: 100, high: 101, low: 99, close: 100 + (i % 2), volume: 90 + 20 * (i % 2),
 * }));
 * const burst = { startMs: 21 * 60_000, open: 100, high: 101, low: 99, close: 100, volume: 160 };
 * anomalies([...calm, burst], { lookback: 20 }).map(({ kind, at, zScore }) => [kind, at, zScore]); // => [['volume', 21, 6]]
 * ```
 * @throws {@link ScoringError} `bad-option`, or `bad-value` with the index of the bar.
 */
export function anomalies(bars: readonly AnomalyBar[], options: AnomalyOptions = {}): Anomaly[] {
  const stream = createAnomalies(options);
  return bars.flatMap((bar) => stream.push(bar));
}

/**
 * A streaming detector; {@link anomalies} bar by bar.
 * @throws {@link ScoringError} `bad-option`.
 */
export function createAnomalies(options: AnomalyOptions = {}): Anomalies {
  return start(checkAnomalies(withDefaults(anomalyDefaults, options)), 0, []);
}

/**
 * A streaming detector that carries on from a snapshot. Options that are given must be the snapshot's own.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreAnomalies(snapshot: AnomaliesSnapshot, options: AnomalyOptions = {}): Anomalies {
  checkSnapshot(snapshot, 'anomalies', anomalyOptionNames, options);
  const { count, bars } = snapshot;
  const own = Object.fromEntries(anomalyOptionNames.map((name) => [name, snapshot[name]]));
  const checked = fromSnapshot('anomalies', () => checkAnomalies(own as unknown as Required<AnomalyOptions>));
  const isSound =
    Number.isSafeInteger(count) &&
    Array.isArray(bars) &&
    bars.length === Math.min(count, checked.lookback + 2) &&
    [...(bars as unknown[])].every(
      (bar: unknown, i) =>
        typeof bar === 'object' &&
        bar !== null &&
        fields.every((key) => Number.isFinite((bar as AnomalyBar)[key])) &&
        (i === 0 || (bar as AnomalyBar).startMs > (bars as readonly AnomalyBar[])[i - 1]!.startMs),
    );
  if (isSound) return start(checked, count, bars);
  throw new ScoringError(
    'bad-snapshot',
    `snapshot of "anomalies" has bars that no snapshot of "${String(count)}" bars has. Pass the snapshot as it was taken.`,
    snapshot,
  );
}

const fields = ['startMs', 'open', 'high', 'low', 'close', 'volume'] as const;

function start(options: Required<AnomalyOptions>, initialCount: number, initialBars: readonly AnomalyBar[]): Anomalies {
  const bars = [...initialBars];
  let count = initialCount;
  const read = (): readonly Anomaly[] => scoresOf(bars, count - 1, options);
  return {
    push(bar) {
      const kept = checkBar(bar, count);
      const before = bars.at(-1);
      if (before && kept.startMs <= before.startMs)
        throw badOrder(
          kept,
          count,
          `after "${before.startMs}" of the bar before it. Sort the bars by startMs, oldest first.`,
        );
      bars.push(kept);
      // The returns of `lookback` bars need the close before them, and the last bar may be replaced.
      if (bars.length > options.lookback + 2) bars.shift();
      count += 1;
      return read();
    },
    replaceLast(bar) {
      if (count === 0) {
        throw new ScoringError('no-open-bar', 'replaceLast was called before the first push. Push the open bar first.');
      }
      const kept = checkBar(bar, count - 1);
      const open = bars[bars.length - 1]!;
      if (kept.startMs !== open.startMs)
        throw badOrder(
          kept,
          count - 1,
          `the "${open.startMs}" of the open bar. Push a bar that starts later instead of replacing one.`,
        );
      bars[bars.length - 1] = kept;
      return read();
    },
    snapshot: () => ({ ...{ v: 1, indicator: 'anomalies' }, ...options, ...{ count, bars: [...bars] } }),
  };
}

function badOrder({ startMs }: AnomalyBar, index: number, expected: string): ScoringError {
  return new ScoringError('bad-value', `startMs "${startMs}" of bar ${index} is not ${expected}`, startMs);
}

/** A copy of what is read of the bar. */
function checkBar(bar: AnomalyBar, index: number): AnomalyBar {
  checkObject(`bar ${index}`, bar);
  const { startMs, open, high, low, close, volume } = bar;
  const kept = { startMs, open, high, low, close, volume };
  for (const name of fields) {
    if (typeof kept[name] === 'number' && isUsable(kept[name])) continue;
    throw new ScoringError(
      'bad-value',
      `${name} "${String(kept[name])}" of bar ${index} is not a finite number within ±1e150. ` +
        'Leave the bar out, or mend it where it comes from.',
      kept[name],
    );
  }
  if (low <= Math.min(open, close) && Math.max(open, close) <= high && volume >= 0) return kept;
  throw new ScoringError(
    'bad-value',
    `bar ${index} opens at "${open}" and closes at "${close}" with high "${high}", low "${low}" and volume "${volume}", ` +
      'expected prices from low to high and no negative volume. Leave the bar out, or mend it where it comes from.',
    close,
  );
}
