/** What the windows before were like: the yardstick of a sliding window of the same length. */
import { addExact, exactFromJson, exactToJson } from '../../exact.ts';
import type { ExactInt, ExactIntJson } from '../../exact.ts';
import { createRollingWindow } from '../numbers/rolling-window.ts';
import { amount, count, exactCount, fields, finite, flag, listOf, orNull, where } from '../shared/shapes.ts';
import type { Shape } from '../shared/shapes.ts';

/** Sums of one window of time. */
export interface WindowSums {
  trades: number;
  buyLots: ExactInt;
  sellLots: ExactInt;
  unknownLots: ExactInt;
}

/** The state of a {@link WindowBaseline}. */
export interface WindowBaselineJson {
  readonly index: number | null;
  readonly previousCounts: boolean;
  readonly currentCounts: boolean;
  readonly previous: { readonly [K in keyof WindowSums]: ExactIntJson };
  readonly current: { readonly [K in keyof WindowSums]: ExactIntJson };
  readonly values: readonly (readonly number[])[];
}

/** Values of past windows, one or more series of them. */
export interface WindowBaseline {
  /** Past windows held. */
  readonly size: number;
  /** Adds a print. Its window must be the latest one or the one before: what a sliding window can hold. */
  add(timeMs: number, sizeLots: number, side: number): void;
  /** Mean and sample standard deviation of series `i`; `undefined` with fewer than two windows. */
  moments(i: number): { readonly mean: number; readonly deviation: number } | undefined;
  /** The sum of series `i`, exact; `undefined` while one of its values is no integer. */
  sum(i: number): ExactInt | undefined;
  toJson(): WindowBaselineJson;
}

type SumsJson = WindowBaselineJson['current'];

const empty = (): WindowSums => ({ trades: 0, buyLots: 0, sellLots: 0, unknownLots: 0 });
const toJson = ({ trades, buyLots, sellLots, unknownLots }: WindowSums): SumsJson => ({
  trades,
  buyLots: exactToJson(buyLots),
  sellLots: exactToJson(sellLots),
  unknownLots: exactToJson(unknownLots),
});
const fromJson = (json: SumsJson | undefined): WindowSums =>
  json
    ? {
        trades: Number(json.trades),
        buyLots: exactFromJson(json.buyLots),
        sellLots: exactFromJson(json.sellLots),
        unknownLots: exactFromJson(json.unknownLots),
      }
    : empty();

/**
 * A baseline of the last `windows` windows of `windowMs`, aligned to the epoch, that ended before the window before the
 * latest one: a sliding window that ends now reaches into the latest two only, so what it is judged by is never itself.
 * The first window is left out, as it was not seen from its start. Windows without a print count as zero, but a silence
 * as long as the whole baseline (a session break) starts it anew.
 */
export function createWindowBaseline(
  windowMs: number,
  windows: number,
  series: readonly ((sums: WindowSums) => number)[],
  from?: WindowBaselineJson,
): WindowBaseline {
  let rolling = series.map((_, i) => createRollingWindow(windows, from?.values[i]));
  let index = from?.index ?? undefined;
  let previous = fromJson(from?.previous);
  let current = fromJson(from?.current);
  let previousCounts = from?.previousCounts ?? false;
  let currentCounts = from?.currentCounts ?? false;
  let cached: (ReturnType<WindowBaseline['moments']> | null)[] = series.map(() => null);

  const start = (at: number): void => {
    index = at;
    previous = empty();
    current = empty();
    previousCounts = currentCounts = false;
    rolling = series.map(() => createRollingWindow(windows));
    cached = series.map(() => null);
  };
  const step = (): void => {
    if (previousCounts) {
      series.forEach((valueOf, i) => rolling[i]!.push(valueOf(previous)));
      cached = series.map(() => null);
    }
    previous = current;
    previousCounts = currentCounts;
    current = empty();
    currentCounts = true;
  };

  return {
    get size() {
      return rolling[0]!.size;
    },
    add(timeMs, sizeLots, side) {
      const at = Math.floor(timeMs / windowMs) + 0;
      if (index === undefined || at - index > windows) start(at);
      else if (at > index) {
        for (let i = at - index; i > 0; i -= 1) step();
        index = at;
      }
      const sums = at < index! ? previous : current;
      sums.trades += 1;
      if (side === 1) sums.buyLots = addExact(sums.buyLots, sizeLots);
      else if (side === -1) sums.sellLots = addExact(sums.sellLots, sizeLots);
      else sums.unknownLots = addExact(sums.unknownLots, sizeLots);
    },
    moments(i) {
      if (cached[i] === null) cached[i] = rolling[i]!.moments();
      return cached[i] ?? undefined;
    },
    sum: (i) => rolling[i]!.sum(),
    toJson: () => ({
      index: index ?? null,
      previousCounts,
      currentCounts,
      previous: toJson(previous),
      current: toJson(current),
      values: rolling.map((window) => window.values()),
    }),
  };
}

const sumsShape = fields({ trades: count, buyLots: exactCount, sellLots: exactCount, unknownLots: exactCount });

/** A baseline as it is stored: all series have as many windows. */
export const windowBaselineShape: Shape = fields({
  index: orNull(where(finite, Number.isInteger)),
  previousCounts: flag,
  currentCounts: flag,
  previous: sumsShape,
  current: sumsShape,
  values: where(listOf(listOf(amount)), (series: readonly (readonly number[])[]) =>
    series.every(({ length }) => length === series[0]!.length),
  ),
});
