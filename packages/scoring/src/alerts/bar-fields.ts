import { createBollinger, restoreBollinger } from '../indicators/bollinger.ts';
import type { BollingerSnapshot } from '../indicators/bollinger.ts';
import type { VolumeBar } from '../indicators/bar-columns.ts';
import { createEma, restoreEma } from '../indicators/ema.ts';
import type { IndicatorSnapshot } from '../indicators/indicator-stream.ts';
import { createMacd, restoreMacd } from '../indicators/macd.ts';
import type { MacdSnapshot } from '../indicators/macd.ts';
import { createRsi, restoreRsi } from '../indicators/rsi.ts';
import type { RsiSnapshot } from '../indicators/rsi.ts';
import { createRvol, restoreRvol } from '../indicators/rvol.ts';
import { createSupportResistance, restoreSupportResistance } from '../indicators/support-resistance.ts';
import { ScoringError } from '../errors.ts';
import { volumeInput } from '../internal/bar-input.ts';
import { checkReplaceable } from '../internal/open-bar.ts';
import { fromSnapshot } from '../internal/snapshots.ts';
import type { AlertValue } from './conditions.ts';

/** What bars say, for observations. Made by {@link createBarFields}. */
export interface BarFields {
  /**
   * Takes the next bar and gives the fields that are known at its close.
   * @throws {@link ScoringError} `bad-value`; the state stays as it was.
   */
  push(bar: VolumeBar): Record<string, AlertValue>;
  /**
   * Puts another bar in the place of the last one, for a bar that is still open.
   * @throws {@link ScoringError} `bad-value`, or `no-open-bar` before the first push.
   */
  replaceLast(bar: VolumeBar): Record<string, AlertValue>;
  /** The state as plain JSON; {@link restoreBarFields} carries on from it. */
  snapshot(): BarFieldsSnapshot;
}

/** State of {@link BarFields}, version 1. */
export interface BarFieldsSnapshot {
  readonly v: 1;
  readonly indicator: 'barFields';
  /** Bars taken. */
  readonly count: number;
  readonly rsi: RsiSnapshot;
  readonly macd: MacdSnapshot;
  readonly ema20: IndicatorSnapshot;
  readonly ema50: IndicatorSnapshot;
  readonly bollinger: BollingerSnapshot;
  readonly rvol: IndicatorSnapshot;
  readonly levels: IndicatorSnapshot;
}

/** The fields that {@link createBarFields} gives. */
export const barFieldNames: readonly string[] = [
  ...['close', 'rsi', 'macdHistogram', 'ema20', 'ema50', 'bollingerBandwidth'],
  ...['relativeVolume', 'support', 'resistance'],
];

/**
 * What bars say, for observations, at the same cost for every bar; what is not known yet is left out: `close`, `rsi` (14),
 * `macdHistogram` (12, 26, 9), `ema20`, `ema50`, `bollingerBandwidth` ((upper − lower) ÷ middle of 20 closes, 2
 * deviations), `relativeVolume` (volume ÷ mean of the 20 bars before), `support` and `resistance` (nearest pivots).
 *
 * @example
 * ```ts
 * const fields = createBarFields();
 * const bars = Array.from({ length: 21 }, (_, i) => ({ high: i + 101, low: i + 99, close: i + 100, volume: i < 20 ? 5 : 15 }));
 * const { close, rsi, relativeVolume } = bars.map((bar) => fields.push(bar)).at(-1)!;
 * [close, rsi, relativeVolume]; // => [120, 100, 3]
 * ```
 */
export function createBarFields(): BarFields {
  return start(undefined);
}

/**
 * Fields that carry on from a snapshot.
 * @throws {@link ScoringError} `bad-snapshot`.
 */
export function restoreBarFields(snapshot: BarFieldsSnapshot): BarFields {
  const { v, indicator, count } = (snapshot as Partial<BarFieldsSnapshot> | null) ?? {};
  if (v !== 1 || indicator !== 'barFields' || !Number.isSafeInteger(count) || count! < 0) {
    throw new ScoringError(
      'bad-snapshot',
      `snapshot of "${String(indicator)}" version "${String(v)}" is not one of "barFields" version 1. ` +
        'Pass the snapshot as it was taken.',
      snapshot,
    );
  }
  const restored = fromSnapshot('barFields', () => start(snapshot));
  const { rsi, macd, ema20, ema50, bollinger, rvol, levels } = snapshot;
  const counts = [rsi.state, macd.state, ema20, ema50, bollinger, rvol, levels].map((inner) => inner.count);
  if (counts.every((inner) => inner === count)) return restored;
  throw new ScoringError(
    'bad-snapshot',
    `snapshot of "barFields" has indicators of "${counts.join(', ')}" bars, expected "${count}" of each. ` +
      'Pass the snapshot as it was taken.',
    snapshot,
  );
}

function start(saved: BarFieldsSnapshot | undefined): BarFields {
  const rsi = saved ? restoreRsi(saved.rsi, { period: 14 }) : createRsi({ period: 14 });
  const macd = saved ? restoreMacd(saved.macd) : createMacd();
  const ema20 = saved ? restoreEma(saved.ema20, { period: 20 }) : createEma({ period: 20 });
  const ema50 = saved ? restoreEma(saved.ema50, { period: 50 }) : createEma({ period: 50 });
  const bollinger = saved ? restoreBollinger(saved.bollinger) : createBollinger();
  const rvol = saved ? restoreRvol(saved.rvol) : createRvol();
  const levels = saved ? restoreSupportResistance(saved.levels) : createSupportResistance();
  let count = saved?.count ?? 0;

  const take = (bar: VolumeBar, method: 'push' | 'replaceLast'): Record<string, AlertValue> => {
    const { close } = bar;
    const bands = bollinger[method](close);
    const { supports = [], resistances = [] } = levels[method](bar) ?? {};
    const fields: Record<string, number | undefined> = {
      close,
      rsi: rsi[method](close),
      macdHistogram: macd[method](close)?.histogram,
      ema20: ema20[method](close),
      ema50: ema50[method](close),
      bollingerBandwidth: bands && bands.middle > 0 ? (bands.upper - bands.lower) / bands.middle : undefined,
      relativeVolume: rvol[method](bar),
      support: supports[0],
      resistance: resistances[0],
    };
    return Object.fromEntries(
      Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
  };
  return {
    push(bar) {
      const copy = volumeInput.copy(bar, count);
      count++;
      return take(copy, 'push');
    },
    replaceLast(bar) {
      checkReplaceable(count);
      return take(volumeInput.copy(bar, count - 1), 'replaceLast');
    },
    snapshot: () => ({
      ...{ v: 1, indicator: 'barFields', count, rsi: rsi.snapshot(), macd: macd.snapshot() },
      ...{ ema20: ema20.snapshot(), ema50: ema50.snapshot(), bollinger: bollinger.snapshot() },
      ...{ rvol: rvol.snapshot(), levels: levels.snapshot() },
    }),
  };
}
